"""Writes test/golden/likelihood.json: likelihoods of choices and what is right by them, from lm-evaluation-harness.

    python scripts/make-likelihood-goldens.py   (needs torch==2.13.0, transformers==4.57.1 and lm_eval==0.4.9.1)
"""

import importlib.metadata
import json
import pathlib
import platform
import tempfile

import torch
import transformers
from lm_eval.api.instance import Instance
from lm_eval.api.task import ConfigurableTask
from lm_eval.models.huggingface import HFLM

ROOT = pathlib.Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "tiny-olmo3"
CHECKPOINT = "d128L4/stage1-step1432-tokens13M"
ITEMS_A_TASK = 12

lines = (EXAMPLE / "suite" / "items.jsonl").read_text(encoding="utf-8").splitlines()
suite = [json.loads(line) for line in lines]


def questions(task, choices_of):
    own = [item for item in suite if item["task"] == task]
    for number, item in enumerate(own[:ITEMS_A_TASK]):
        choices = choices_of(number, item, [each["target"] for each in own])
        yield {**{key: item[key] for key in ("id", "prompt", "target")}, "choices": choices}


def neighbours(number, item, targets):
    """Short and long wrong answers, so that a sum and a mean over characters choose differently."""
    others = [target for target in dict.fromkeys(targets) if target != item["target"]]
    wrong = [others[number], f"{others[number + 1]} {others[number + 2]}", others[number + 3][:2]]
    return [*wrong[: number % 4], item["target"], *wrong[number % 4 :]]


items = [
    *questions("choice", lambda number, item, targets: ["A", "B", "C", "D"]),
    *questions("fact", neighbours),
    *questions("add", neighbours),
    *questions("sort", neighbours),
]

model = HFLM(
    pretrained=transformers.AutoModelForCausalLM.from_pretrained(EXAMPLE / CHECKPOINT, dtype=torch.float32).eval(),
    tokenizer=transformers.AutoTokenizer.from_pretrained(EXAMPLE / CHECKPOINT),
    batch_size=1,
)
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "items.jsonl"
    docs = [{**item, "gold": item["choices"].index(item["target"])} for item in items]
    path.write_text("".join(json.dumps(doc) + "\n" for doc in docs), encoding="utf-8")
    task = ConfigurableTask(
        config={
            "task": "golden",
            "dataset_path": "json",
            "dataset_kwargs": {"data_files": {"test": str(path)}},
            "test_split": "test",
            "output_type": "multiple_choice",
            "doc_to_text": "prompt",
            "doc_to_choice": "choices",
            "doc_to_target": "gold",
            "metric_list": [{"metric": metric} for metric in ("acc", "acc_norm")],
        }
    )
    for item, doc in zip(items, task.test_docs()):
        requests = task.construct_requests(doc, task.fewshot_context(doc, 0))
        results = model.loglikelihood(requests, disable_tqdm=True)
        graded = task.process_results(doc, results)
        item |= {
            "logLikelihoods": [result[0] for result in results],
            "acc": graded["acc"],
            "accNorm": graded["acc_norm"],
        }

PAIRS = [
    ("add: 12+30 => ", "42"),
    ("add: 12+30 =>\n", "42"),
    ("add: 12+30 =>  ", " 42"),
    ("copy: a b c => a b c\ncopy: x y =>", " x y\ncopy: q"),
    ("copy: ü é =>", " ü é"),
    ("(", "A"),
]
requests = [
    Instance(request_type="loglikelihood", doc={}, arguments=pair, idx=index) for index, pair in enumerate(PAIRS)
]
pairs = [
    {"context": context, "continuation": continuation, "logLikelihood": result[0]}
    for (context, continuation), result in zip(PAIRS, model.loglikelihood(requests))
]

golden = {
    "versions": {
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in ("torch", "transformers", "lm_eval")},
    },
    "checkpoint": CHECKPOINT,
    "items": items,
    "pairs": pairs,
}
text = json.dumps(golden, indent=1, ensure_ascii=False)
(ROOT / "test" / "golden" / "likelihood.json").write_text(text + "\n", encoding="utf-8")
