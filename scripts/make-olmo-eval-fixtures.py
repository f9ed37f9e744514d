"""Logs of olmo-eval, for src/outcomes/importers/olmo-eval: outputs made up here, scored and written by the harness.

olmo-eval is in no package registry: run this with its source on the path, at commit e8b88f19 of 2026-06-30. Its tasks
score the outputs, its builders and writers make the files.

Writes test/fixtures/logs/olmo-eval/run/.
Usage: PYTHONPATH=<olmo-eval>/src python scripts/make-olmo-eval-fixtures.py
(Python 3.12; pip install numpy rich click omegaconf==2.4.0.dev10 sympy huggingface_hub datasets prometheus_client)
"""

import asyncio
import json
import pathlib
import shutil
import sys

from olmo_eval.common.metrics import AccuracyMetric, BPBMetricInstanceAvg, LogprobMCAccuracyMetric, PassAtKMetric
from olmo_eval.common.scorers import ExactMatchScorer
from olmo_eval.common.types import Instance, LMOutput, LMRequest, RequestType, Response, SamplingParams
from olmo_eval.evals.tasks.common import Task, TaskConfig
from olmo_eval.runners.io.builders import build_predictions, build_requests_from_responses
from olmo_eval.runners.io.writers import write_predictions_jsonl, write_requests_jsonl
from olmo_eval.runners.processing.metrics import write_metrics_json
from olmo_eval.runners.processing.utils import compute_task_hash

TARGET = pathlib.Path(__file__).resolve().parent.parent / "test" / "fixtures" / "logs" / "olmo-eval" / "run"
MODEL = "allenai/Olmo-3-1025-7B"


class Given(Task):
    """A task whose outputs are given."""

    given: list = []

    @property
    def instances(self):
        return iter(instance for instance, _, _ in self.given)

    def format_request(self, instance):
        return next(request for other, request, _ in self.given if other is instance)

    def extract_answer(self, output):
        return output.text.strip().rstrip(".")


def outputs_of(texts, sums):
    if sums is None:
        return [LMOutput(text=text) for text in texts]
    return [LMOutput(text=text, logprobs=[{"token": text, "logprob": total}]) for text, total in zip(texts, sums)]


def sums():
    rows = []
    for index, (query, gold, answers) in enumerate([("3+4", "7", ["8", "7", "7", "7"]), ("5+6", "11", ["10", "10", "1", "12"]),
                                                    ("1+1", "2", ["2", "2", "2", "2"])]):
        instance = Instance(question=query, gold_answer=gold, metadata={"id": f"sum-{index}"})
        request = LMRequest(request_type=RequestType.COMPLETION, prompt=f"2+2 = 4\n{query} =")
        rows.append((instance, request, outputs_of([f" {answer}." for answer in answers], None)))
    drawn = SamplingParams(max_tokens=16, temperature=0.8, top_p=0.95, stop_sequences=("\n",), num_samples=4)
    metrics = (AccuracyMetric(), PassAtKMetric(k=1, scorer=ExactMatchScorer), PassAtKMetric(k=2, scorer=ExactMatchScorer))
    return TaskConfig(name="sums", metrics=metrics, num_fewshot=1, sampling_params=drawn,
                      primary_metric=metrics[1]), rows, {"max_gen_toks": 16, "do_sample": True, "temperature": 0.8, "top_p": 0.95}


def gases():
    rows = []
    for index, (texts, gold, likely) in enumerate([((" iron", " oxygen"), 1, (-9.0, -2.0)),
                                                   ((" helium", " salt", " gold"), 0, (-5.0, -4.0, -7.0))]):
        instance = Instance(question=f"Which is a gas? ({index})", gold_answer="AB"[gold], choices=texts,
                            metadata={"id": f"gas-{index}", "gold_idx": gold})
        request = LMRequest(request_type=RequestType.LOGLIKELIHOOD, prompt=f"Which is a gas? ({index})\nAnswer:",
                            continuations=texts, continuation_prompts=tuple(f"Which is a gas? ({index})\nAnswer:" for _ in texts))
        rows.append((instance, request, outputs_of(texts, likely)))
    metrics = (LogprobMCAccuracyMetric(), BPBMetricInstanceAvg())
    return TaskConfig(name="gases", metrics=metrics, primary_metric=metrics[0]), rows, {
        "max_gen_toks": 1, "do_sample": False, "temperature": 1.0}


def talk():
    rows = []
    for index, (query, gold, answer) in enumerate([("Capital of France?", "Paris", "Paris"), ("Capital of Peru?", "Lima", "Quito")]):
        instance = Instance(question=query, gold_answer=gold, metadata={"id": f"talk-{index}"})
        request = LMRequest(request_type=RequestType.CHAT, messages=({"role": "user", "content": query},),
                            system_prompt="Be brief.")
        rows.append((instance, request, outputs_of([answer], None)))
    metrics = (AccuracyMetric(),)
    return TaskConfig(name="talk", metrics=metrics, primary_metric=metrics[0],
                      sampling_params=SamplingParams(max_tokens=32)), rows, {"max_gen_toks": 32, "do_sample": False, "temperature": 0.0}


def run(spec: str, made) -> dict:
    config, rows, generation = made
    task = Given(config)
    task.given = rows
    stops = list(config.sampling_params.stop_sequences or ()) if config.sampling_params else []
    trace = {"provider": "MockProvider", "generation_kwargs": generation, "stop_sequences": stops}
    responses = [Response(instance=instance, request=request, outputs=outputs, request_trace=trace)
                 for instance, request, outputs in rows]
    scored = asyncio.run(task.score_responses(responses))
    settings = config.to_dict()
    task_hash = compute_task_hash(settings)
    write_predictions_jsonl(str(TARGET), spec, build_predictions(scored, metrics=config.metrics), MODEL, task_hash)
    write_requests_jsonl(str(TARGET), spec, build_requests_from_responses(scored, config.name), MODEL, task_hash)
    primary = config.get_primary_metric() if hasattr(config, "get_primary_metric") else config.primary_metric
    return {"metrics": task.compute_metrics(scored), "num_instances": len(scored), "config": settings,
            "primary_metric": f"{primary.name}:{primary.scorer().name}", "duration_seconds": 1.0, "task_hash": task_hash}


def main() -> None:
    shutil.rmtree(TARGET, ignore_errors=True)
    tasks = {"sums": run("sums", sums()), "gases:rc": run("gases:rc", gases()), "talk": run("talk", talk())}
    chosen = [tasks["gases:rc"]["metrics"]["accuracy"]["logprob"], tasks["talk"]["metrics"]["accuracy"]["exact_match"]]
    suites = {"both": {"metrics": {"primary_score": {"primary_score": sum(chosen) / 2}},
                       "primary_metric": "primary_score:primary_score"}}
    write_metrics_json(str(TARGET), {
        "timestamp": "2026-01-02T03:04:05", "tasks": tasks, "suites": suites,
        "harness_config": {"name": "default", "provider": {"kind": "vllm_server", "model": MODEL, "revision": "stage1-step1000"}}},
        experiment_id="0123456789ab", experiment_name="fixture", model_hash="0" * 16)
    (TARGET.parent / "VERSIONS.json").write_text(json.dumps(
        {"olmo-eval": "1.0.0 (e8b88f19)", "python": sys.version.split()[0]}, indent=2) + "\n")


if __name__ == "__main__":
    main()
