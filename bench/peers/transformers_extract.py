"""The peer of `extract`: Hugging Face transformers on the same prompts, pooled in the same way.

AutoModel without head, sdpa, prompts sorted by length in batches, hidden states of every layer, last and mean pooled.
Reads {"checkpoint", "threads", "dtype", "batch", "compile", "prompts"} from stdin, prints {"seconds", "cpuSeconds", "tokens", "loadSeconds", "peakBytes"}.
"""

import json
import resource
import sys
import time

import torch
import transformers

job = json.load(sys.stdin)
torch.set_num_threads(job["threads"])
start = time.perf_counter()
model = transformers.AutoModel.from_pretrained(
    job["checkpoint"], dtype=getattr(torch, job["dtype"]), attn_implementation="sdpa"
).eval()
load_seconds = time.perf_counter() - start
if job["compile"]:
    model = torch.compile(model, dynamic=True)
prompts = sorted(job["prompts"], key=len)


def pooled(batch):
    width = max(map(len, batch))
    ids = torch.tensor([row + [0] * (width - len(row)) for row in batch])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in batch])
    lengths = mask.sum(dim=1)
    states = model(ids, attention_mask=mask, output_hidden_states=True, use_cache=False).hidden_states
    rows = torch.arange(len(batch))
    last = torch.stack([layer[rows, lengths - 1] for layer in states], dim=1)
    mean = torch.stack([(layer * mask[:, :, None]).sum(dim=1) / lengths[:, None] for layer in states], dim=1)
    return last, mean


with torch.inference_mode():
    pooled(prompts[: job["batch"]])  # warm-up, and what is compiled
    pooled(prompts[-job["batch"] :])
    start, cpu_start = time.perf_counter(), time.process_time()
    for first in range(0, len(prompts), job["batch"]):
        pooled(prompts[first : first + job["batch"]])
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
print(
    json.dumps(
        {
            "seconds": seconds,
            "cpuSeconds": cpu_seconds,
            "tokens": sum(map(len, prompts)),
            "loadSeconds": load_seconds,
            "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        }
    )
)
