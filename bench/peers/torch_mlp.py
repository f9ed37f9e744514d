"""Fits an MLP by AdamW with PyTorch. Job on stdin, result on stdout, as JSON; arrays are raw float32 files."""

import json
import platform
import sys
import time

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

job = json.load(sys.stdin)
torch.set_num_threads(job["threads"])
torch.manual_seed(0)
rows, width, hidden, batch = job["rows"], job["width"], job["hidden"], job["batch"]
x = torch.from_numpy(np.fromfile(job["features"], dtype=np.float32).reshape(rows, width))
rate = torch.from_numpy(np.fromfile(job["rates"], dtype=np.float32))
model = torch.nn.Sequential(
    torch.nn.Linear(width, hidden), torch.nn.GELU(), torch.nn.Linear(hidden, 1)
)
optimiser = torch.optim.AdamW(
    model.parameters(), lr=job["learningRate"], weight_decay=0.01, fused=job["fused"]
)


def take_steps(count):
    order = torch.randperm(rows)
    at = 0
    for _ in range(count):
        if at + batch > rows:
            order, at = torch.randperm(rows), 0
        picked = order[at : at + batch]
        at += batch
        optimiser.zero_grad(set_to_none=True)
        loss = binary_cross_entropy_with_logits(model(x[picked])[:, 0], rate[picked])
        loss.backward()
        optimiser.step()


take_steps(3)
started = time.perf_counter()
take_steps(job["steps"])
seconds = time.perf_counter() - started
with torch.no_grad():
    loss = float(binary_cross_entropy_with_logits(model(x)[:, 0], rate))
versions = f"python {platform.python_version()}, torch {torch.__version__}"
print(json.dumps({"seconds": seconds, "loss": loss, "versions": versions}))
