"""A run's folder as OpenCompass itself writes it, for src/outcomes/importers/opencompass: scripted answers, its own
handlers of predictions, its own evaluation task and summarizer.

Writes test/fixtures/logs/opencompass/.

Usage: python scripts/make-opencompass-fixtures.py    (pip install opencompass==0.5.4)
"""

import json
import os
import pathlib
import re
import shutil
import sys
import tempfile
from importlib.metadata import version

os.environ["HF_HUB_OFFLINE"] = "1"

from datasets import Dataset, DatasetDict  # noqa: E402
from mmengine.config import ConfigDict  # noqa: E402
from opencompass.datasets.base import BaseDataset  # noqa: E402
from opencompass.openicl.icl_evaluator import AccEvaluator, AccwithDetailsEvaluator, BaseEvaluator, EMEvaluator  # noqa: E402
from opencompass.openicl.icl_inferencer.icl_base_inferencer import (  # noqa: E402
    GenInferencerOutputHandler, PPLInferencerOutputHandler)
from opencompass.summarizers import DefaultSummarizer  # noqa: E402
from opencompass.tasks.openicl_eval import OpenICLEvalTask  # noqa: E402

TARGET = pathlib.Path(__file__).parent.parent / "test" / "fixtures" / "logs" / "opencompass"
MODEL = "tiny-step1000-hf"
QUESTIONS = ["1 + 1 =", "2 + 2 =", "3 + 3 ="]
GOLDS = ["2", "4", "6"]


class Sums(BaseDataset):
    @staticmethod
    def load(**_):
        return Dataset.from_dict({"question": QUESTIONS, "answer": GOLDS, "answers": [[gold] for gold in GOLDS]})


class Split(BaseDataset):
    @staticmethod
    def load(**_):
        rows = {"question": QUESTIONS, "answer": GOLDS}
        return DatasetDict(train=Dataset.from_dict(rows), test=Dataset.from_dict(rows))


class Scores(BaseEvaluator):
    """Without grades of single questions."""

    def score(self, predictions, references):
        return {"rouge1": 41.5, "bpc": 1.25}


class Judged(BaseEvaluator):
    """Grades as the cascade of a rule and a judge leaves them."""

    def score(self, predictions, references):
        details = [{"rule_evaluation": {"correct": p == r}, "cascade_correct": p == r or p == "four"}
                   for p, r in zip(predictions, references)]
        return {"accuracy": 100 * sum(one["cascade_correct"] for one in details) / len(details), "details": details}


def dataset(abbr, evaluator, column="answer", kind=Sums, **options):
    return dict(abbr=abbr, type=kind, reader_cfg=dict(input_columns=["question"], output_column=column),
                infer_cfg=dict(inferencer=dict(type="GenInferencer"), retriever=dict(type="ZeroRetriever"),
                               prompt_template=dict(type="PromptTemplate", template="{question}")),
                eval_cfg=dict(evaluator=dict(type=evaluator)), **options)


DATASETS = [
    dataset("sums-em", EMEvaluator, "answers"),
    dataset("sums-runs", EMEvaluator, "answers", n=4, k=[2, 4]),
    dataset("sums-acc", AccEvaluator),
    dataset("sums-details", AccwithDetailsEvaluator),
    dataset("sums-split", AccwithDetailsEvaluator, kind=Split),
    dataset("sums-chat", Judged),
    dataset("sums-ppl", AccEvaluator),
    dataset("sums-sharded", EMEvaluator, "answers"),
    dataset("sums-scores", Scores),
]


def answers(folder, name, texts, chat=False):
    handler = GenInferencerOutputHandler()
    for index, text in enumerate(texts):
        question = QUESTIONS[index % 3]
        prompt = [{"role": "SYSTEM", "prompt": "Be brief."}, {"role": "HUMAN", "prompt": question}] if chat else (
            f"0 + 1 = 1\n{question}")
        handler.save_results(prompt, text, index, gold=GOLDS[index % 3])
    handler.write_to_json(folder, name)
    return handler


def perplexities(folder, name):
    handler = PPLInferencerOutputHandler()
    handler.save_ice(["0 + 1 = 1\n"] * 3)
    for label, values in {"2": [0.5, 0.9, 0.7], "4": [0.6, 0.4, 0.3]}.items():
        for index, value in enumerate(values):
            text = f"{QUESTIONS[index]} {label}"
            handler.save_prompt_and_ppl(label, text, f"0 + 1 = 1\n{text}", value, index)
            handler.results_dict[str(index)][f"label: {label}"]["BPB"] = value / 2
    handler.save_predictions(["2", "4", "4"])
    handler.save_golds(GOLDS)
    handler.write_to_json(folder, name)


def main():
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work) / "predictions" / MODEL
        folder.mkdir(parents=True)
        four = ["2", "4", "7", "2", "5", "7", "2", "4", "6", "3", "4", "7"]
        for name in ["sums-em", "sums-acc", "sums-details", "sums-split", "sums-scores"]:
            answers(folder, f"{name}.json", ["2", "5", "6"])
        answers(folder, "sums-runs.json", four)
        answers(folder, "sums-chat.json", ["2", "four", "7"], chat=True)
        perplexities(folder, "sums-ppl.json")
        answers(folder, "sums-sharded_0.json", ["2", "5"])
        shard = GenInferencerOutputHandler()
        shard.save_results("0 + 1 = 1\n3 + 3 =", "6", 0, gold="6")
        shard.write_to_json(folder, "sums-sharded_1.json")
        answers(folder, "left-alone.json", ["2"]).write_to_jsonl(folder, "tmp_unfinished.jsonl")
        config = ConfigDict(models=[dict(abbr=MODEL, type="none")], datasets=[DATASETS], work_dir=work,
                            eval=dict(runner=dict(task=dict(dump_details=True))))
        OpenICLEvalTask(config).run()
        DefaultSummarizer(ConfigDict(models=config.models, datasets=DATASETS, work_dir=work)).summarize(
            time_str="20250101_000000")
        for section in ["predictions", "results", "summary"]:
            shutil.copytree(pathlib.Path(work) / section, TARGET / section)
    for path in TARGET.rglob("*.*"):
        assert not re.search(r"/tmp|/root|/home", path.read_text("utf-8")), path
    versions = {"opencompass": version("opencompass"), "python": sys.version.split()[0]}
    (TARGET / "VERSIONS.json").write_text(json.dumps(versions, indent=2) + "\n")


if __name__ == "__main__":
    main()
