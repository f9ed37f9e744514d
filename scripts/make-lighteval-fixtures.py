"""Writes test/fixtures/logs/lighteval with lighteval itself: small logs of a model that answers by rule, offline.

    python scripts/make-lighteval-fixtures.py   (needs `pip install lighteval`)

Tasks: one with generated answers (several for each question), one with ranked choices behind solved examples, one whose
metric is of all questions together. What names this machine is taken out of the files.
"""
import json
import os
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"
work = Path(tempfile.mkdtemp())
os.environ["HF_HOME"] = str(work / "home")

OUT = Path(__file__).resolve().parent.parent / "test" / "fixtures" / "logs" / "lighteval"
MODEL = "tiny-org/sum-model-step1000"
DATE = "2026-01-02T03-04-05.000006"

TASKS = '''
import numpy as np
from lighteval.metrics.metrics import Metrics
from lighteval.metrics.metrics_sample import AvgAtN, MajAtN, PassAtK
from lighteval.metrics.utils.metric_utils import SampleLevelMetric
from lighteval.tasks.lighteval_task import LightevalTaskConfig
from lighteval.tasks.requests import Doc, SamplingMethod


def sums(line, task_name=None):
    return Doc(task_name=task_name, query=line["question"], choices=[line["answer"]], gold_index=0,
               specific={"level": line["level"]})


def parity(line, task_name=None):
    return Doc(task_name=task_name, query=f"Is {line['level']} even or odd?\\nAnswer:", choices=[" even", " odd"],
               gold_index=line["level"] % 2, instruction="Answer with one word.")


def repeated(name, function):
    return SampleLevelMetric(metric_name=name, sample_level_fn=function, category=SamplingMethod.GENERATIVE,
                             corpus_level_fn=np.mean, higher_is_better=True)


def task(name, prompt, metrics, **more):
    return LightevalTaskConfig(name=name, prompt_function=prompt, hf_repo="DATA", hf_subset="default",
                               hf_avail_splits=["train", "test"], evaluation_splits=["test"], few_shots_split="train",
                               few_shots_select="sequential", metrics=metrics, generation_size=8,
                               stop_sequence=["\\n"], **more)


TASKS_TABLE = [
    task("sums:hard", sums, [
        Metrics.exact_match,
        repeated("avg@n", AvgAtN(strip_strings=True))(sample_params={"n": 4}),
        repeated("pass@k", PassAtK(strip_strings=True))(sample_params={"k": 1, "n": 4}),
        repeated("pass@k", PassAtK(strip_strings=True))(sample_params={"k": 2, "n": 4}),
        repeated("maj@n", MajAtN(strip_strings=True))(sample_params={"n": 4}),
    ]),
    task("parity", parity, [Metrics.loglikelihood_acc, Metrics.mrr]),
    task("texts", sums, [Metrics.bits_per_byte]),
]
'''

MODEL_FILE = '''
from lighteval.models.abstract_model import LightevalModel
from lighteval.models.model_output import ModelResponse
from lighteval.utils.cache_management import SampleCache


class RuleModel(LightevalModel):
    def __init__(self, config):
        self.config = config
        self._cache = SampleCache(config)

    @property
    def tokenizer(self):
        return None

    @property
    def add_special_tokens(self):
        return False

    @property
    def max_length(self):
        return 64

    def cleanup(self):
        pass

    def greedy_until(self, docs):
        """Right in as many of the answers as the level says."""
        return [ModelResponse(input=doc.query, input_tokens=[1, 2], output_tokens=[[3]] * doc.num_samples,
                              text=[doc.choices[0] if i < doc.specific["level"] % 5 else "none \\u00e9"
                                    for i in range(doc.num_samples)])
                for doc in docs]

    def loglikelihood(self, docs):
        return [ModelResponse(logprobs=[-1.0, -0.5 - len(doc.query) % 3], argmax_logits_eq_gold=[False, True])
                for doc in docs]

    def loglikelihood_rolling(self, docs):
        return [ModelResponse(text=[doc.query], logprobs=[-2.0], argmax_logits_eq_gold=[False]) for doc in docs]
'''


def write_data() -> Path:
    data = work / "data"
    data.mkdir()
    for split, count in (("train", 4), ("test", 7)):
        rows = [{"question": f"{i} + {i} =", "answer": str(2 * i), "level": i} for i in range(count)]
        (data / f"{split}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return data


def run(data: Path) -> None:
    (work / "tasks.py").write_text(TASKS.replace("DATA", str(data)))
    (work / "model.py").write_text(MODEL_FILE)
    from lighteval.logging.evaluation_tracker import EvaluationTracker
    from lighteval.models.custom.custom_model import CustomModelConfig
    from lighteval.models.model_input import GenerationParameters
    from lighteval.pipeline import ParallelismManager, Pipeline, PipelineParameters
    from lighteval.tasks.registry import Registry

    # lighteval's own tasks are not needed, and some of them download when they are imported.
    Registry._load_from_files = staticmethod(lambda *_: {})
    Registry._load_from_subdirs = staticmethod(lambda *_: {})
    pipeline = Pipeline(
        tasks="sums:hard|0,parity|2,texts|0",
        pipeline_parameters=PipelineParameters(launcher_type=ParallelismManager.CUSTOM,
                                               custom_tasks_directory=str(work / "tasks.py"), bootstrap_iters=10),
        evaluation_tracker=EvaluationTracker(output_dir=str(work / "out"), save_details=True),
        model_config=CustomModelConfig(
            model_name=MODEL, model_definition_file_path=str(work / "model.py"),
            generation_parameters=GenerationParameters(temperature=0.6, top_p=0.9, seed=7, max_new_tokens=8)),
    )
    pipeline.evaluate()
    pipeline.save_and_push_results()


def scrub(text: str) -> str:
    return text.replace(str(work), "work")


def collect() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    results = next((work / "out" / "results").rglob("results_*.json"))
    written = results.name.removeprefix("results_").removesuffix(".json")
    document = json.loads(results.read_text())
    general = document["config_general"]
    general.update(start_time=0.0, end_time=1.0, total_evaluation_time_secondes="1.0")
    target = OUT / "results" / MODEL
    target.mkdir(parents=True)
    (target / f"results_{DATE}.json").write_text(scrub(json.dumps(document, indent=2, ensure_ascii=False)))
    details = OUT / "details" / MODEL / DATE
    details.mkdir(parents=True)
    for file in (work / "out" / "details").rglob("*.parquet"):
        # lighteval writes `|` and `:` into these names, which not every file system takes.
        shutil.copy(file, details / file.name.replace(written, DATE).replace("|", "_").replace(":", "_"))
    packages = {name: version(name) for name in ("lighteval", "datasets", "pyarrow")}
    (OUT / "VERSIONS.json").write_text(json.dumps(packages, indent=2) + "\n")


def earlier() -> None:
    """Hand-made: the columns of details before 0.11, which this version no longer writes."""
    from datasets import Dataset

    folder = OUT / "earlier" / DATE
    folder.mkdir(parents=True)

    def row(index: int, predictions: list, score: float) -> dict:
        return {"choices": ["a", "b"], "cont_tokens": [[1]], "example": f"Question {index}",
                "full_prompt": f"Solved.\n\nQuestion {index}", "gold": ["b"], "gold_index": [1], "input_tokens": [[2]],
                "instruction": "", "metrics": {"qem": score}, "num_asked_few_shots": 5,
                "num_effective_few_shots": 5, "padded": [0], "pred_logits": [], "predictions": predictions,
                "prediction_logits": [], "specifics": {"x": 1}, "truncated": [0]}

    for task, rows in (("leaderboard|gsm8k|5", [row(0, ["b"], 1.0), row(1, ["c"], 0.0)]),
                       ("leaderboard|arc|5", [row(0, [-1.5, -0.5], 1.0)])):
        name = f"details_{task}_{DATE}.parquet".replace("|", "_")
        Dataset.from_list(rows).to_parquet(folder / name)
    texts = [{key: str(value) for key, value in row(0, ["b"], 1.0).items()}]
    Dataset.from_list(texts).to_parquet(folder / f"details_texts_5_{DATE}.parquet")
    (OUT / "earlier" / f"results_{DATE}.json").write_text(json.dumps({
        "config_general": {"lighteval_sha": "?", "num_fewshot_seeds": 1, "model_name": "tiny-org/tiny",
                           "model_sha": "step3000"},
        "results": {"leaderboard|gsm8k|5": {"qem": 0.5, "qem_stderr": 0.5},
                    "leaderboard|arc|5": {"qem": 1.0}},
        "config_tasks": {"leaderboard|gsm8k": {"metric": ["quasi_exact_match"], "effective_num_docs": 2}}}))


if __name__ == "__main__":
    sys.path.insert(0, str(work))
    run(write_data())
    collect()
    earlier()
    shutil.rmtree(work)
