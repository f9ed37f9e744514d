"""Writes test/fixtures/logs/every-eval-ever with every_eval_ever itself.

    python scripts/make-every-eval-ever-fixtures.py   (Python 3.12, `pip install every-eval-ever==0.2.3rc1`)

`lm-eval/`: what its converter makes of a small lm-eval log (a task with two filters, one with ranked choices).
`several/`: made of its own models: one document whose samples name their results by id, two metrics, repeated samples,
percentages and a share of mistakes.
"""
import json
import shutil
import sys
import tempfile
import uuid
from importlib.metadata import version
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "test" / "fixtures" / "logs" / "every-eval-ever"
WHEN = "1767323045"
IDS = iter(uuid.UUID(f"00000000-0000-4000-8000-00000000000{digit}") for digit in range(1, 10))


def lm_eval_log(folder: Path) -> None:
    def sample(doc, filter_name, arguments, responses, **metrics):
        return {"doc_id": doc, "target": str(doc + 1), "arguments": arguments, "resps": [[responses]],
                "filtered_resps": [responses], "filter": filter_name, "metrics": list(metrics),
                "doc_hash": f"{doc:064x}", "prompt_hash": f"{doc + 16:064x}", "target_hash": f"{doc + 32:064x}",
                "doc": {"n": doc}, **metrics}

    def ask(doc):
        return {"gen_args_0": {"arg_0": f"{doc} + 1 =", "arg_1": {"until": ["\n"]}}}

    def choose(doc):
        return {f"gen_args_{i}": {"arg_0": f"Is {doc} even?", "arg_1": answer}
                for i, answer in enumerate((" yes", " no"))}

    def ranked(doc):
        row = sample(doc, "none", choose(doc), "", acc=float(doc % 2), acc_norm=1.0)
        row["filtered_resps"] = [[-1.0, False], [-0.5, True]]
        return row

    sums = [sample(doc, name, ask(doc), str(doc + right), exact_match=float(right))
            for name, wrong in (("strict-match", 2), ("flexible-extract", 3))
            for doc in range(4) for right in [int(doc != wrong and (doc > 0 or name != "strict-match"))]]
    parity = [ranked(doc) for doc in range(4)]
    for task, rows in (("sums", sums), ("parity", parity)):
        lines = "\n".join(json.dumps(row) for row in rows)
        (folder / f"samples_{task}_2026-01-02T03-04-05.000006.jsonl").write_text(lines + "\n")
    (folder / "results_2026-01-02T03-04-05.000006.json").write_text(json.dumps({
        "results": {"sums": {"alias": "sums", "exact_match,strict-match": 0.5, "exact_match_stderr,strict-match": 0.25,
                             "exact_match,flexible-extract": 0.75, "exact_match_stderr,flexible-extract": 0.25},
                    "parity": {"alias": "parity", "acc,none": 0.5, "acc_stderr,none": 0.25, "acc_norm,none": 1.0}},
        "configs": {"sums": {"task": "sums", "output_type": "generate_until", "num_fewshot": 3,
                             "generation_kwargs": {"until": ["\n"], "temperature": 0.0}},
                    "parity": {"task": "parity", "output_type": "multiple_choice", "num_fewshot": 0}},
        "higher_is_better": {"sums": {"exact_match": True}, "parity": {"acc": True, "acc_norm": True}},
        "n-samples": {task: {"original": 4, "effective": 4} for task in ("sums", "parity")},
        "config": {"model": "hf", "model_args": "pretrained=tiny-org/tiny,revision=step1000",
                   "model_num_parameters": 12345, "model_revision": "step1000"},
        "date": 1767323045.0, "lm_eval_version": "0.4.9.2", "model_name": "tiny-org/tiny"}))


def convert(folder: Path, out: Path) -> None:
    from every_eval_ever import cli
    from every_eval_ever.converters.lm_eval import adapter

    adapter.get_current_unix_timestamp = lambda: WHEN
    uuid.uuid4 = lambda: next(IDS)
    cli.main(["convert", "lm_eval", "--log_path", str(folder), "--output_dir", str(out), "--include_samples",
              "--source_organization_name", "tiny-org"])


def several(out: Path) -> None:
    from every_eval_ever.converters import SCHEMA_VERSION
    from every_eval_ever.eval_types import EvaluationLog
    from every_eval_ever.instance_level_types import InstanceLevelEvaluationLog

    evaluation = f"several/tiny-org/tiny-step2000/{WHEN}"

    def result(name, identifier, score, metric, **config):
        return {"evaluation_name": name, "evaluation_result_id": identifier,
                "source_data": {"dataset_name": name, "source_type": "other"},
                "metric_config": {"metric_name": metric, "lower_is_better": False, **config},
                "score_details": {"score": score, "uncertainty": {"num_samples": 2}}}

    percent = {"score_type": "continuous", "min_score": 0, "max_score": 100, "metric_unit": "percent"}
    unit = {"score_type": "continuous", "min_score": 0, "max_score": 1}
    results = [result("qa", "exact_match:test", 0.75, "exact_match", score_type="binary"),
               result("qa", "rouge_l:test", 0.5, "rouge_l", **unit),
               result("graded", "graded", 62.5, "judge", **percent),
               result("hallucination", "hallucination", 0.25, "rate", **{**unit, "lower_is_better": True})]
    document = EvaluationLog.model_validate({
        "schema_version": SCHEMA_VERSION, "evaluation_id": evaluation, "retrieved_timestamp": WHEN,
        "source_metadata": {"source_type": "evaluation_run", "source_organization_name": "tiny-org",
                            "evaluator_relationship": "first_party"},
        "eval_library": {"name": "own", "version": "unknown"},
        "model_info": {"name": "tiny", "id": "tiny-org/tiny-step2000",
                       "additional_details": {"num_parameters": "12345", "training_tokens": "4000000"}},
        "evaluation_results": results})

    def row(name, identifier, sample, score, right, answer="a"):
        return InstanceLevelEvaluationLog.model_validate({
            "schema_version": SCHEMA_VERSION, "evaluation_id": evaluation, "model_id": "tiny-org/tiny-step2000",
            "evaluation_name": name, "evaluation_result_id": identifier, "sample_id": sample,
            "interaction_type": "single_turn",
            "input": {"raw": f"Question {sample}", "formatted": f"<user>Question {sample}", "reference": ["a", "b"]},
            "output": {"raw": [answer]},
            "answer_attribution": [{"turn_idx": 0, "source": "output.raw", "extracted_value": answer.strip(),
                                    "extraction_method": "regex", "is_terminal": True}],
            "evaluation": {"score": score, "is_correct": right}})

    rows = [row("qa", "exact_match:test", sample, score, bool(score), answer)
            for sample, score, answer in (("q1", 1, "a"), ("q1", 1, "b "), ("q2", 1, "a"), ("q2", 0, "c"))]
    rows += [row("qa", "rouge_l:test", sample, 0.5, False) for sample in ("q1", "q2")]
    rows += [row("graded", "graded", sample, score, False) for sample, score in (("g1", 50.0), ("g2", 75.0))]
    out.mkdir(parents=True)
    name = str(next(IDS))
    (out / f"{name}.json").write_text(document.model_dump_json(indent=2, exclude_none=True))
    (out / f"{name}_samples.jsonl").write_text("".join(json.dumps(one.model_dump(mode="json")) + "\n" for one in rows))


def main() -> None:
    work = Path(tempfile.mkdtemp())
    log = work / "tiny"
    log.mkdir()
    lm_eval_log(log)
    shutil.rmtree(OUT, ignore_errors=True)
    convert(log, work / "out")
    (OUT / "lm-eval").mkdir(parents=True)
    for file in sorted((work / "out").rglob("*.json*")):
        if "tiny-org" in file.parts:
            (OUT / "lm-eval" / file.name).write_text(file.read_text().replace(str(work), "work"))
    several(OUT / "several")
    packages = {"every-eval-ever": version("every-eval-ever")}
    (OUT / "VERSIONS.json").write_text(json.dumps(packages, indent=2) + "\n")
    shutil.rmtree(work)


if __name__ == "__main__":
    sys.exit(main())
