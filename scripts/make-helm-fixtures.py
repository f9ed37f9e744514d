"""Writes test/fixtures/logs/helm with HELM itself: small runs of the model that repeats its prompt's last words, offline.

    python scripts/make-helm-fixtures.py   (needs `pip install crfm-helm`)

Two runs: `joint` (choices by letter, valid and test instances, sub-splits, a perturbation, one answer) and `words`
(generated words, three answers, two trials with other examples). Times and what names this machine are taken out.
"""
import json
import os
import shutil
import sys
import tempfile
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

work = Path(tempfile.mkdtemp())
os.environ["HF_HUB_OFFLINE"] = "1"
OUT = Path(__file__).resolve().parent.parent / "test" / "fixtures" / "logs" / "helm"

SCENARIOS = '''
from helm.benchmark.scenarios.scenario import (
    CORRECT_TAG, TEST_SPLIT, TRAIN_SPLIT, VALID_SPLIT, Input, Instance, Output, Reference, Scenario)


class Joint(Scenario):
    name = "joint"
    description = "Which word is last"
    tags = ["words"]

    def get_instances(self, output_path):
        instances = []
        for i in range(7):
            split = TRAIN_SPLIT if i < 2 else VALID_SPLIT if i < 3 else TEST_SPLIT
            right = i % 2
            references = [Reference(Output(text=f"Word {j}"), tags=[CORRECT_TAG] if j == right else [])
                          for j in range(2)]
            instances.append(Instance(Input(text=f"Pick WORD {i}"), references=references, split=split,
                                      sub_split="odd" if i % 2 else "even"))
        return instances


class Words(Scenario):
    name = "words"
    description = "Repeat a word"
    tags = ["words"]

    def get_instances(self, output_path):
        return [Instance(Input(text=f"alpha beta w{i}"), split=TRAIN_SPLIT if i < 4 else TEST_SPLIT,
                         references=[Reference(Output(text=f"w{i}" if i % 2 else "Output:"), tags=[CORRECT_TAG])])
                for i in range(7)]
'''


def run_specs() -> list:
    from helm.benchmark.adaptation.adapter_spec import AdapterSpec
    from helm.benchmark.adaptation.common_adapter_specs import (
        get_generation_adapter_spec, get_multiple_choice_joint_adapter_spec)
    from helm.benchmark.augmentations.data_augmenter import DataAugmenterSpec
    from helm.benchmark.augmentations.perturbation import PerturbationSpec
    from helm.benchmark.metrics.common_metric_specs import get_basic_generation_metric_specs
    from helm.benchmark.run_spec import RunSpec
    from helm.benchmark.scenarios.scenario import ScenarioSpec

    def of_model(adapter: AdapterSpec, **more) -> AdapterSpec:
        return replace(adapter, model="simple/model1", model_deployment="simple/model1", **more)

    joint = of_model(get_multiple_choice_joint_adapter_spec(
        instructions="Answer with a letter.", input_noun="Question", output_noun="Answer", max_train_instances=2,
        num_outputs=1))
    words = of_model(get_generation_adapter_spec(
        instructions="Repeat.", input_noun="Input", output_noun="Output", max_train_instances=1, num_outputs=3,
        temperature=0.5, max_tokens=4), num_train_trials=2)
    lower = PerturbationSpec(class_name="helm.benchmark.augmentations.lowercase_perturbation.LowerCasePerturbation",
                             args={})
    augmented = DataAugmenterSpec(perturbation_specs=[lower], should_augment_eval_instances=True,
                                  should_include_original_eval=True)
    return [
        RunSpec(name="joint:level=1,model=simple_model1", scenario_spec=ScenarioSpec(class_name="scenarios.Joint"),
                adapter_spec=joint, metric_specs=get_basic_generation_metric_specs(["exact_match", "quasi_exact_match"]),
                data_augmenter_spec=augmented,
                groups=["joint"]),
        RunSpec(name="words:model=simple_model1", scenario_spec=ScenarioSpec(class_name="scenarios.Words"),
                adapter_spec=words, groups=["words"],
                metric_specs=get_basic_generation_metric_specs(["exact_match", "f1_score"])),
    ]


def run() -> None:
    sys.path.insert(0, str(work))
    (work / "scenarios.py").write_text(SCENARIOS)
    from helm.benchmark.config_registry import register_builtin_configs_from_helm_package
    from helm.benchmark.run import run_benchmarking
    from helm.common.authentication import Authentication

    register_builtin_configs_from_helm_package()
    run_benchmarking(run_specs(), auth=Authentication(""), url=None, local_path=str(work / "local"), num_threads=1,
                     output_path=str(work / "out"), suite="s", dry_run=False, skip_instances=False,
                     cache_instances=False, cache_instances_only=False, skip_completed_runs=False,
                     exit_on_error=True, runner_class_name=None, disable_cache=True)


def without_times(value):
    if isinstance(value, dict):
        kept = {key: without_times(inner) for key, inner in value.items()}
        for key in ("request_time", "request_datetime", "batch_request_time"):
            if key in kept:
                kept[key] = 0
        if kept.get("name", {}) and isinstance(kept.get("name"), dict) and "runtime" in kept["name"].get("name", ""):
            kept = {key: (inner if key in ("name", "count") else 0) for key, inner in kept.items()}
        return kept
    return [without_times(inner) for inner in value] if isinstance(value, list) else value


def collect() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    for folder in sorted((work / "out" / "runs" / "s").iterdir()):
        if not (folder / "run_spec.json").exists():
            continue
        # The folder's name holds a colon, which not every file system takes.
        target = OUT / folder.name.replace(":", "-")
        target.mkdir(parents=True)
        for file in sorted(folder.glob("*.json")):
            text = json.dumps(without_times(json.loads(file.read_text())), separators=(",", ":"))
            (target / file.name).write_text(text.replace(str(work), "work").replace("src//work/", "src/") + "\n")
    (OUT / "VERSIONS.json").write_text(json.dumps({"crfm-helm": version("crfm-helm")}, indent=2) + "\n")


if __name__ == "__main__":
    run()
    collect()
    shutil.rmtree(work)
