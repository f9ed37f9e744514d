"""Logs of lm-evaluation-harness, for src/outcomes/importers/lm-eval: small runs of a bundled checkpoint, offline.

Writes test/fixtures/logs/lm-eval/<version>/<run>/… with the installed lm-eval: run it once in an environment of each
version (0.4.13, 0.4.3, 0.4.0). What names the machine or the hour is taken out of the files; the rest is as the harness
wrote it.

Usage: python scripts/make-lm-eval-fixtures.py
(pip install lm-eval==0.4.13 transformers==4.57.1 torch; for the older ones datasets<3.7)
"""

import importlib.metadata
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
os.environ["HF_DATASETS_CACHE"] = tempfile.mkdtemp()

ROOT = pathlib.Path(__file__).resolve().parent.parent
VERSION = importlib.metadata.version("lm_eval")
TARGET = ROOT / "test" / "fixtures" / "logs" / "lm-eval" / VERSION
OLD = VERSION.startswith("0.4.0")
MODEL = "tiny-olmo3/d128L4/stage1-step2604-tokens24M"
DATE = "2026-01-02T03-04-05.678901"

if OLD:
    # This version asks the hub for a metric when it is imported; the metric is the comparison of two texts.
    import datasets
    import evaluate

    class ExactMatch:
        def compute(self, predictions, references, **_):
            return {"exact_match": sum(a == b for a, b in zip(predictions, references)) / len(predictions)}

    evaluate.load = datasets.load_metric = lambda *_, **__: ExactMatch()

MAX = [([69, 53], 69), ([57, 77, 97], 97), ([2, 37, 59, 76], 76), ([12, 5], 12), ([8, 88, 18], 88), ([31, 13], 31)]
SHOTS = [([84, 47], 84), ([47, 15, 80], 80), ([84, 96, 22, 88, 94], 96)]
SUMS = [("7+8", [15, 11, 18, 22], 0), ("11+1", [20, 12, 19, 9], 1), ("1+4", [8, 4, 0, 5], 3), ("é6+6", [12, 66], 0)]

COMMON = """
dataset_path: json
dataset_kwargs: {{data_files: {{test: {data}.jsonl, train: {data}-shots.jsonl}}}}
test_split: test
fewshot_split: train
fewshot_config: {{sampler: first_n}}
fewshot_delimiter: "\\n"
{delimiter}metadata: {{version: 1.0}}
"""
GENERATED = """
task: {task}
output_type: generate_until
doc_to_text: "max: {{{{numbers}}}} =>"
doc_to_target: "{before}{{{{answer}}}}"
num_fewshot: {shots}
repeats: {repeats}
generation_kwargs: {{until: ["\\n"], max_gen_toks: 4, do_sample: {sampled}{temperature}}}
"""
EXACT = """
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
"""
TASKS = {
    # Two filters over one answer, as gsm8k has them.
    "max_two_filters": GENERATED.format(task="max_two_filters", before="", shots=2, repeats=1, sampled="false", temperature="") + EXACT + """
filter_list:
  - {name: strict-match, filter: [{function: regex, regex_pattern: "^ ([5-9]\\\\d)$"}, {function: take_first}]}
  - {name: flexible-extract, filter: [{function: regex, group_select: -1, regex_pattern: "(\\\\d+)"}, {function: take_first}]}
""",
    # Four answers a question, of which the harness scores the first.
    "max_repeats": GENERATED.format(task="max_repeats", before=" ", shots=3, repeats=4, sampled="true", temperature=", temperature: 1.5, top_p: 0.9") + EXACT + """
target_delimiter: ""
""",
    # Four answers a question, of which the harness scores the mean.
    "max_mean": GENERATED.format(task="max_mean", before="", shots=3, repeats=4, sampled="true", temperature=", temperature: 1.5") + EXACT + """
filter_list:
  - {name: every, filter: [{function: regex, regex_pattern: "(\\\\d+)"}]}
""",
    # The first answer beside a vote over all of them.
    "max_vote": GENERATED.format(task="max_vote", before="", shots=3, repeats=4, sampled="true", temperature=", temperature: 1.5") + EXACT + """
filter_list:
  - {name: score-first, filter: [{function: regex, regex_pattern: "(\\\\d+)"}, {function: take_first}]}
  - {name: maj@4, filter: [{function: regex, regex_pattern: "(\\\\d+)"}, {function: majority_vote}, {function: take_first}]}
""",
    # A score in 0…1, one that is none, and one of the whole corpus.
    "max_score": GENERATED.format(task="max_score", before="", shots=1, repeats=1, sampled="false", temperature="") + """
process_results: !function scores.overlap
metric_list:
  - {metric: overlap, aggregation: mean, higher_is_better: true}
  - {metric: length, aggregation: mean, higher_is_better: false}
  - {metric: worst, aggregation: !function scores.lowest, higher_is_better: true}
""",
    "sum_choice": """
task: sum_choice
output_type: multiple_choice
doc_to_text: "sum: {{sum}} =>"
doc_to_choice: "{{options}}"
doc_to_target: gold
num_fewshot: 1
metric_list:
  - {metric: acc, aggregation: mean, higher_is_better: true}
  - {metric: acc_norm, aggregation: mean, higher_is_better: true}
""",
    "sum_choice_more": """
task: sum_choice_more
output_type: multiple_choice
doc_to_text: "max: {{numbers}} =>"
doc_to_choice: ["small", "large"]
doc_to_target: "{{ 'small' if answer | int < 50 else 'large' }}"
num_fewshot: 0
metric_list:
  - {metric: acc, aggregation: mean, higher_is_better: true}
  - {metric: f1, aggregation: f1, higher_is_better: true}
""",
    # One context for each choice and the same end, as winogrande has it.
    "two_contexts": """
task: two_contexts
output_type: multiple_choice
doc_to_text: !function scores.gold
doc_to_choice: !function scores.contexts
doc_to_target: !function scores.ending
num_fewshot: 0
metric_list: [{metric: acc, aggregation: mean, higher_is_better: true}]
""",
    "max_text": """
task: max_text
output_type: loglikelihood_rolling
doc_to_text: ""
doc_to_target: "max: {{numbers}} => {{answer}}"
num_fewshot: 0
metric_list: [{metric: word_perplexity}, {metric: byte_perplexity}, {metric: bits_per_byte}]
""",
    "max_last": """
task: max_last
output_type: loglikelihood
doc_to_text: "max: {{numbers}} =>"
doc_to_target: " {{answer}}"
num_fewshot: 2
metric_list: [{metric: perplexity, aggregation: perplexity, higher_is_better: false}, {metric: acc, aggregation: mean, higher_is_better: true}]
""",
}
GROUP = """
group: sums
task: [sum_choice, sum_choice_more]
aggregate_metric_list: [{metric: acc, aggregation: mean, weight_by_size: true}]
metadata: {version: 1.0}
"""
SCORES = '''
def overlap(doc, results):
    gold, answer = str(doc["answer"]), results[0].strip()
    same = sum(a == b for a, b in zip(gold, answer))
    share = same / max(len(gold), len(answer), 1)
    return {"overlap": share, "length": len(answer), "worst": share}


def lowest(values):
    return min(values)


def gold(doc):
    return 0 if doc["answer"] == doc["numbers"][0] else 1


def contexts(doc):
    return ["max: " + doc["numbers"] + " =>", "min: " + doc["numbers"] + " =>"]


def ending(doc):
    return " " + str(doc["answer"])
'''


def write_tasks(folder: pathlib.Path) -> None:
    def lines(name, rows):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def row(numbers, answer):
        return {"numbers": " ".join(map(str, numbers)), "answer": str(answer)}

    lines("max", [row(*one) for one in MAX])
    lines("max-shots", [row(*one) for one in SHOTS])
    lines("sums", [{"sum": a, "options": list(map(str, b)), "gold": c} for a, b, c in SUMS])
    lines("sums-shots", [{"sum": "2+2", "options": ["4", "5"], "gold": 0}])
    tasks = folder / "tasks"
    tasks.mkdir()
    (tasks / "scores.py").write_text(SCORES)
    for name, text in TASKS.items():
        data = "sums" if name == "sum_choice" else "max"
        text = text.replace("group_select: -1, ", "") if OLD else text
        delimiter = "" if "target_delimiter" in text else 'target_delimiter: " "\n'
        (tasks / f"{name}.yaml").write_text(text + COMMON.format(data=data, delimiter=delimiter))
    if not OLD:
        (tasks / "sums.yaml").write_text(GROUP)


RUNS = {
    "0.4.13": {
        "generated": (["max_two_filters", "max_repeats", "max_mean", "max_vote", "max_score"], []),
        "choices": (["sums", "two_contexts", "max_last", "max_text"], []),
        "chat": (["max_two_filters"], ["--apply_chat_template", "--fewshot_as_multiturn", "--limit", "3"]),
    },
    "0.4.3": {"mixed": (["max_two_filters", "max_repeats", "sum_choice"], [])},
    "0.4.0": {"mixed": (["max_two_filters", "sum_choice"], [])},
}


def scrub(text: str) -> str:
    text = re.sub(r'"(pretty_env_info)": "(?:[^"\\]|\\.)*"', r'"\1": ""', text)
    text = re.sub(r'"(date|start_time|end_time)": [0-9.]+', r'"\1": 0.0', text)
    text = re.sub(r'"(git_hash|upper_git_hash)": (?:"[^"]*"|null)', r'"\1": null', text)
    text = re.sub(r'"total_evaluation_time_seconds": "[^"]*"', '"total_evaluation_time_seconds": "1.0"', text)
    return re.sub(r" at 0x[0-9a-f]+", " at 0x0", text)


def run(name: str, tasks: list[str], more: list[str], work: pathlib.Path) -> None:
    from lm_eval.__main__ import cli_evaluate

    out = work / name
    sys.argv = ["lm_eval", *(["run"] if VERSION == "0.4.13" else []), "--model", "hf",
                "--model_args", f"pretrained={MODEL},dtype=float32", "--tasks", ",".join(tasks), "--include_path", "tasks",
                "--batch_size", "4", "--device", "cpu", "--output_path", str(out), "--log_samples", *more]
    try:
        cli_evaluate()
    except SystemExit as stop:
        if stop.code:
            raise
    target = TARGET / name
    shutil.rmtree(target, ignore_errors=True)
    for file in sorted(out.rglob("*")):
        if not file.is_file():
            continue
        place = re.sub(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d+", DATE, str(file.relative_to(out)))
        (target / place).parent.mkdir(parents=True, exist_ok=True)
        (target / place).write_text(scrub(file.read_text()))


def main() -> None:
    work = pathlib.Path(tempfile.mkdtemp())
    os.chdir(work)
    (work / "tiny-olmo3").symlink_to(ROOT / "examples" / "tiny-olmo3")
    write_tasks(work)
    for name, (tasks, more) in RUNS[VERSION].items():
        run(name, tasks, more, work)
    packages = ["lm_eval", "transformers", "torch", "datasets"]
    versions = {package: importlib.metadata.version(package) for package in packages}
    (TARGET / "VERSIONS.json").write_text(json.dumps({**versions, "python": sys.version.split()[0]}, indent=2) + "\n")


if __name__ == "__main__":
    main()
