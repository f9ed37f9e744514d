"""The peer of `predict`: the answers themselves, from Hugging Face transformers' `generate`.

Reads from stdin {"checkpoint", "threads", "dtype", "batch", "answers", "temperature", "topP", "exact", "questions"}:
`batch` questions a call, `answers` to each (num_return_sequences), questions {"prompt", "maxTokens", "stop"}. A stop text
that is one token ends an answer as the end token does; `exact` answers have all their tokens, whatever they say.
Prints {"seconds", "cpuSeconds", "tokens", "loadSeconds", "versions"}: of `generate` and tokenising, without loading.
"""

import json
import sys
import time

import torch
import transformers

job = json.load(sys.stdin)
torch.set_num_threads(job["threads"])
torch.manual_seed(0)
start = time.perf_counter()
tokenizer = transformers.AutoTokenizer.from_pretrained(job["checkpoint"], padding_side="left")
model = transformers.AutoModelForCausalLM.from_pretrained(
    job["checkpoint"], dtype=getattr(torch, job["dtype"]), attn_implementation="sdpa"
).eval()
end = model.generation_config.eos_token_id
ends = [] if end is None else end if isinstance(end, list) else [end]
if tokenizer.pad_token_id is None:
    tokenizer.pad_token = tokenizer.decode(ends[:1] or [0])
model.generation_config.eos_token_id = None


def stopping(texts):
    if job["exact"]:
        return {}
    encoded = {text: tokenizer.encode(text, add_special_tokens=False) for text in texts}
    longer = [text for text, ids in encoded.items() if len(ids) > 1]
    ids = [*ends, *(ids[0] for ids in encoded.values() if len(ids) == 1)]
    return {"eos_token_id": ids, **({"stop_strings": longer, "tokenizer": tokenizer} if longer else {})}


def answer(questions, max_tokens, stop):
    """Tokens of all answers, up to their end."""
    prompts = [question["prompt"] for question in questions]
    inputs = tokenizer(prompts, return_tensors="pt", padding=True, return_token_type_ids=False)
    ending = stopping(stop)
    answers = model.generate(
        **inputs,
        do_sample=True,
        temperature=job["temperature"],
        top_p=job["topP"],
        top_k=0,
        num_return_sequences=job["answers"],
        max_new_tokens=max_tokens,
        pad_token_id=tokenizer.pad_token_id,
        **ending,
    )[:, inputs["input_ids"].shape[1] :]
    ended = torch.isin(answers, torch.tensor(ending.get("eos_token_id", []), dtype=answers.dtype))
    return int((ended.cumsum(dim=1) - ended.long() == 0).sum())


groups = {}
for question in sorted(job["questions"], key=lambda question: len(question["prompt"])):
    groups.setdefault((question["maxTokens"], tuple(question["stop"])), []).append(question)
with torch.inference_mode():
    (first_max, first_stop), first = next(iter(groups.items()))
    answer(first[:1], min(2, first_max), first_stop)  # warm-up
    load_seconds = time.perf_counter() - start
    start, cpu_start, tokens = time.perf_counter(), time.process_time(), 0
    for (max_tokens, stop), questions in groups.items():
        for at in range(0, len(questions), job["batch"]):
            tokens += answer(questions[at : at + job["batch"]], max_tokens, stop)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
print(
    json.dumps(
        {
            "seconds": seconds,
            "cpuSeconds": cpu_seconds,
            "tokens": tokens,
            "loadSeconds": load_seconds,
            "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        }
    )
)
