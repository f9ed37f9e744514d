"""Writes test/golden/head.json: next tokens and likelihoods of bundled questions, from Hugging Face transformers in fp32.

    python scripts/make-head-goldens.py     (needs numpy, torch==2.13.0 and transformers==4.57.1)
"""

import json
import math
import os
import pathlib
import platform

import numpy as np
import torch
import transformers

ROOT = pathlib.Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "tiny-olmo3"
CHECKPOINT = "d128L4/stage1-step781-tokens7M"
ITEMS, NEXT_TOKENS, MOST_OWN_TOKENS = 40, 8, 64

tokenizer = transformers.AutoTokenizer.from_pretrained(EXAMPLE / CHECKPOINT)
model = transformers.AutoModelForCausalLM.from_pretrained(
    EXAMPLE / CHECKPOINT, dtype=torch.float32, attn_implementation="eager"
).eval()
lines = (EXAMPLE / "suite" / "items.jsonl").read_text(encoding="utf-8").splitlines()
suite = [json.loads(line) for line in lines]
for item in suite:
    item["tokens"] = tokenizer(item["prompt"])["input_ids"]


def shared_length(task):
    """Tokens that all prompts of the task begin with."""
    return len(os.path.commonprefix([item["tokens"] for item in suite if item["task"] == task]))


def reference(name, tokens, first):
    """In float64 from the logits on; `first` is the first own token."""
    with torch.inference_mode():
        logits = model(torch.tensor([tokens])).logits[0].double()
    log_probabilities = torch.log_softmax(logits, -1)
    entropy = -(log_probabilities.exp() * log_probabilities).sum(-1)
    top = torch.topk(log_probabilities[-1].exp(), NEXT_TOKENS)
    own = range(max(1, first, len(tokens) - MOST_OWN_TOKENS), len(tokens))
    likelihood = [0, 0, 0, 0]
    if len(own) > 0:
        likelihoods = [log_probabilities[at - 1, tokens[at]].item() for at in own]
        entropies = [entropy[at - 1].item() for at in own]
        likelihood = [np.mean(likelihoods), min(likelihoods), np.mean(entropies), max(entropies)]
    values = [entropy[-1].item(), *top.values.tolist(), *likelihood]
    assert all(math.isfinite(value) for value in values)
    entropy_after, *probabilities = (round(float(value), 7) for value in values[: NEXT_TOKENS + 1])
    return {
        "id": name,
        "tokens": tokens,
        "first": first,
        "entropy": entropy_after,
        "nextTokens": [*top.indices.tolist(), *probabilities],
        "likelihood": [round(float(value), 7) for value in likelihood],
    }


prefixes = {task: shared_length(task) for task in {item["task"] for item in suite}}
chosen = suite[:: len(suite) // ITEMS][:ITEMS]
items = [reference(item["id"], item["tokens"], prefixes[item["task"]]) for item in chosen]
long = [token for item in chosen[:16] for token in item["tokens"]]
items += [
    reference("all its own", chosen[0]["tokens"], 0),
    reference("more than 64 tokens of its own", long[:200], 10),
    reference("nothing of its own", chosen[0]["tokens"], len(chosen[0]["tokens"])),
]
golden = {
    "versions": f"python {platform.python_version()}, numpy {np.__version__}, "
    f"torch {torch.__version__}, transformers {transformers.__version__}",
    "checkpoint": CHECKPOINT,
    "items": items,
}
(ROOT / "test" / "golden" / "head.json").write_text(json.dumps(golden) + "\n")
print(f"{len(items)} prompts, {golden['versions']}")
