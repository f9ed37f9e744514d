"""Logs as Inspect AI itself writes them, for src/outcomes/importers/inspect: a scripted model, several epochs and scorers.

Writes test/fixtures/logs/inspect/v<version>/ for the release it runs under, and its versions into VERSIONS.json there.
Run it under a current release and under 0.3.60 (whose .eval files are deflated).

Usage: python scripts/make-inspect-fixtures.py    (pip install inspect-ai==0.3.285, and inspect-ai==0.3.60 in another one)
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import version

os.environ["INSPECT_DISPLAY"] = "none"
os.environ["INSPECT_LOG_LEVEL"] = "error"

from inspect_ai import Epochs, Task, eval as inspect_eval, task  # noqa: E402
from inspect_ai.dataset import MemoryDataset, Sample  # noqa: E402
from inspect_ai.model import (  # noqa: E402
    ChatMessageAssistant, ChatMessageSystem, ChatMessageUser, ModelOutput, ModelUsage, get_model)
from inspect_ai.scorer import Score, accuracy, choice, match, mean, scorer, stderr  # noqa: E402
from inspect_ai.solver import generate, multiple_choice, solver, system_message  # noqa: E402

VERSION = version("inspect-ai")
IS_CURRENT = VERSION != "0.3.60"
ROOT = pathlib.Path(__file__).parent.parent / "test" / "fixtures" / "logs" / "inspect"
TARGET = ROOT / f"v{VERSION}"

SUMS = [
    Sample(id="two", input="What is 1 + 1?", target="2", metadata={"level": "easy"}),
    Sample(id=7, input="What is 3 + 4?", target=["7", "seven"], metadata={"level": "easy"}),
    Sample(id="with/slash é", input="What is 12 * 12?", target="144", metadata={"level": "hard"}),
]
# One answer for each (epoch, question), in the order in which they are asked.
SUM_ANSWERS = ["2", "7", "143", "2", "8", "144", "3", "7", "12", "2", "seven", "I cannot say"]


@scorer(metrics=[accuracy(), stderr()])
def graded():
    """Letters: correct, partial, no answer."""

    async def score(state, target):
        text = state.output.completion
        value = "C" if text in list(target) else "N" if text.startswith("I cannot") else "P" if text == "143" else "I"
        return Score(value=value, answer=text)

    return score


@scorer(metrics=[mean()])
def closeness():
    """Numbers in 0…1, and what could not be scored."""

    async def score(state, target):
        text = state.output.completion
        if not text.isdigit():
            return Score(value=float("nan"), explanation="no number")
        return Score(value=1 / (1 + abs(int(text) - int(list(target)[0]))), answer=text)

    return score


@scorer(metrics=[mean()])
def length():
    async def score(state, target):
        return Score(value=len(state.output.completion))

    return score


@scorer(metrics={"right": [accuracy(), stderr()], "near": [mean()]})
def parts():
    async def score(state, target):
        text = state.output.completion
        if text == "12":
            return Score(value=float("nan"))
        near = float("nan") if not text.isdigit() else abs(int(text) - int(list(target)[0])) <= 1
        return Score(value={"right": "yes" if text in list(target) else "no", "near": near})

    return score


@scorer(metrics=[accuracy()])
def listed():
    async def score(state, target):
        text = state.output.completion
        return Score(value=[text in list(target), 0.5])

    return score


def reducers():
    names = ["mean", "median", "mode", "max", "at_least_2", "pass_at_2"]
    return names + ["majority", "pass_k_2", "collect"] if IS_CURRENT else names


@task
def sums(epochs=4, reduce="every"):
    scorers = [match(location="exact"), graded()]
    return Task(
        dataset=MemoryDataset(SUMS, name="sums"),
        solver=[system_message("Answer with a number."), generate()],
        scorer=scorers,
        epochs=Epochs(epochs, reducers() if reduce == "every" else [reduce]),
    )


@task
def shapes():
    return Task(
        dataset=MemoryDataset(SUMS, name="sums"),
        solver=[fail_once(), generate()],
        scorer=[closeness(), length(), parts(), listed()],
        epochs=3,
    )


@solver
def fail_once():
    async def solve(state, generate):
        if state.epoch == 2 and str(state.sample_id) == "two":
            raise RuntimeError("the sandbox went away")
        return state

    return solve


@task
def letters(num_fewshot=1):
    shots = [ChatMessageUser(content="2 + 2?"), ChatMessageAssistant(content="4")]
    return Task(
        dataset=MemoryDataset(
            [
                Sample(input="Which is even?", choices=["three", "four", "five"], target="B"),
                Sample(input=[ChatMessageSystem(content="Be brief."), *shots, ChatMessageUser(content="Which is odd?")],
                       choices=["one", "two"], target="A"),
            ],
            name="letters",
        ),
        solver=multiple_choice(),
        scorer=choice(),
    )


ASKED = []


@solver
def die_at(call: int):
    """Ends the process in the middle of a run, as a killed job does."""

    async def solve(state, generate):
        ASKED.append(state.sample_id)
        if len(ASKED) == call:
            os._exit(0)
        return state

    return solve


@task
def killed():
    given = sums(epochs=2, reduce="mean")
    return Task(dataset=given.dataset, solver=[die_at(5), generate()], scorer=match(location="exact"), epochs=2)


@task
def failing():
    return Task(
        dataset=MemoryDataset(SUMS, name="sums"),
        solver=[fail_once(), generate()],
        scorer=match(location="exact"),
        epochs=2,
    )


def run(given, answers, log_format="eval", **options):
    model = get_model("mockllm/model", custom_outputs=outputs(answers), **options.pop("model_args", {}))
    if IS_CURRENT:
        options["log_realtime"] = False
    logs = inspect_eval(given, model=model, log_format=log_format, max_samples=1, **options)
    return logs[0].location


def outputs(answers):
    for text in answers:
        output = ModelOutput.from_content("mockllm/model", text)
        # Counting tokens would ask the network for a tokenizer.
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        yield output


def keep(location, name, cut_events=False):
    """`cut_events` leaves the transcript of events out, nine tenths of a .json log."""
    place = pathlib.Path(re.sub(r"^file://", "", str(location)))
    TARGET.mkdir(parents=True, exist_ok=True)
    scrubbed = scrub_zip(place, TARGET / name) if place.suffix == ".eval" else None
    if scrubbed is None:
        text = scrub(place.read_text("utf-8"))
        if cut_events:
            log = json.loads(text)
            for sample in log["samples"]:
                sample.update(events=[], attachments={}, events_data=None)
            text = json.dumps(log, indent=2, ensure_ascii=False) + "\n"
        (TARGET / name).write_text(text, "utf-8")


def scrub(text):
    """No paths, no origin of this repository; nothing else is touched."""
    for folder in (os.getcwd(), str(ROOT.resolve().parents[3])):
        text = re.sub(rf"(file://)?{re.escape(folder)}/?", "", text)
    text = re.sub(r'"(traceback|traceback_ansi)": ?"(?:[^"\\]|\\.)*"', r'"\1":""', text)
    text = re.sub(r'"revision": ?\{[^}]*\}, ?', "", text)
    return text


def scrub_zip(place, target):
    """Entry by entry with the release's own compression; entries without a path stay byte for byte as they were."""
    with zipfile.ZipFile(place) as source, zipfile.ZipFile(target, "w") as out:
        for info in source.infolist():
            out.writestr(info, scrub(source.read(info).decode("utf-8")))
    return target


def main():
    if sys.argv[1:] == ["--killed"]:
        run(killed(), SUM_ANSWERS, log_buffer=1)
        raise SystemExit("it was to be killed")
    shutil.rmtree(TARGET, ignore_errors=True)
    script = str(pathlib.Path(__file__).resolve())
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        named = {"model_args": {"model_path": "runs/tiny/step1000", "revision": "main"}} if IS_CURRENT else {}
        keep(run(sums(), SUM_ANSWERS, temperature=0.7, top_p=0.9, seed=3, max_tokens=32, **named), "sums.eval")
        mixed = SUM_ANSWERS[:3] + SUM_ANSWERS[4:9]
        keep(run(shapes(), mixed, log_format="json", fail_on_error=False), "shapes.json", cut_events=True)
        keep(run(letters(), ["ANSWER: B", "ANSWER: B"], log_format="json"), "letters.json", cut_events=True)
        if IS_CURRENT:
            keep(run(shapes(), mixed, fail_on_error=False), "shapes.eval")
            keep(run(sums(epochs=1, reduce="mode"), SUM_ANSWERS, log_format="json", log_samples=False), "no-samples.json")
            keep(run(failing(), SUM_ANSWERS), "failed.eval")
            subprocess.run([sys.executable, script, "--killed"], check=True, cwd=folder)
            keep(next(pathlib.Path("logs").glob("*killed*.eval")), "killed.eval")
            few = run(sums(epochs=1, reduce="mean"), ["2", "8"], limit=2)
            chunk(few)
            many_frames(few)
    write_versions()


def chunk(location):
    from inspect_ai.log._recorders.chunked import convert_eval_logs_to_chunked

    place = re.sub(r"^file://", "", str(location))
    convert_eval_logs_to_chunked(place, "chunked", chunk_size=2, attachments_chunk_bytes=64)
    keep(next(pathlib.Path("chunked").glob("*.eval")), "chunked.eval")


def many_frames(location):
    """The release's own writer, with frames of 3000 bytes instead of 200 MiB."""
    import inspect_ai._util.zipfile as frames

    frames._MAX_INPUT_PER_FRAME = 3000
    keep(location, "many-frames.eval")


def write_versions():
    path = ROOT / "VERSIONS.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    known[f"v{VERSION}"] = {"inspect-ai": VERSION, "python": sys.version.split()[0]}
    path.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
