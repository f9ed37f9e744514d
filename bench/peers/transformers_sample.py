"""The peer of `sample`: Hugging Face transformers' `generate` on prompts given as token ids.

Reads from stdin {"checkpoint", "threads", "dtype", "batch", "prompts", "samples", "tokens", "temperature", "topP"}: `batch`
prompts a call, sorted by length and padded on the left, `samples` answers to each (num_return_sequences) of exactly
`tokens` tokens. Prints {"seconds", "cpuSeconds", "tokens", "loadSeconds", "peakBytes", "versions"}.
"""

import json
import resource
import sys
import time

import torch
import transformers

job = json.load(sys.stdin)
torch.set_num_threads(job["threads"])
torch.manual_seed(0)
start = time.perf_counter()
model = transformers.AutoModelForCausalLM.from_pretrained(
    job["checkpoint"], dtype=getattr(torch, job["dtype"]), attn_implementation="sdpa"
).eval()
model.generation_config.eos_token_id = None
prompts = sorted(job["prompts"], key=len)


def answer(batch, tokens, samples):
    width = max(map(len, batch))
    ids = torch.tensor([[0] * (width - len(row)) + row for row in batch])
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in batch])
    out = model.generate(
        input_ids=ids,
        attention_mask=mask,
        do_sample=True,
        temperature=job["temperature"],
        top_p=job["topP"],
        top_k=0,
        num_return_sequences=samples,
        max_new_tokens=tokens,
        min_new_tokens=tokens,
        pad_token_id=0,
    )
    return out.shape[0] * (out.shape[1] - width)


with torch.inference_mode():
    answer(prompts[:1], 2, 1)  # warm-up
    load_seconds = time.perf_counter() - start
    start, cpu_start, tokens = time.perf_counter(), time.process_time(), 0
    for first in range(0, len(prompts), job["batch"]):
        tokens += answer(prompts[first : first + job["batch"]], job["tokens"], job["samples"])
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
print(
    json.dumps(
        {
            "seconds": seconds,
            "cpuSeconds": cpu_seconds,
            "tokens": tokens,
            "loadSeconds": load_seconds,
            "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        }
    )
)
