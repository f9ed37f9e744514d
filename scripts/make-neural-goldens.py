"""Writes test/golden/neural.json: a logistic regression fitted for some steps by PyTorch's AdamW, all rows a step.

    python scripts/make-neural-goldens.py     (needs numpy and torch)
"""

import json
import math
import pathlib
import platform

import numpy as np
import torch

ROWS, WIDTH, STEPS, WARMUP, RATE, DECAY = 24, 5, 40, 0.1, 0.05, 0.3


def scheduled(step):
    rise = math.ceil(WARMUP * STEPS)
    if step < rise:
        return RATE * (step + 1) / rise
    return RATE * 0.5 * (1 + math.cos(math.pi * (step - rise) / (STEPS - rise)))


draw = np.random.default_rng(7)
x = draw.normal(size=(ROWS, WIDTH)).astype(np.float32)
rate = np.round(1 / (1 + np.exp(-x @ draw.normal(size=WIDTH))), 3)
weight = np.round(draw.uniform(0.5, 2, size=ROWS), 3)
level = math.log((0.5 + weight @ rate) / (0.5 + weight @ (1 - rate)))

features, rates, weights = (torch.tensor(v, dtype=torch.float64) for v in (x, rate, weight))
slope = torch.zeros(WIDTH, dtype=torch.float64, requires_grad=True)
offset = torch.tensor(level, dtype=torch.float64, requires_grad=True)
optimiser = torch.optim.AdamW(
    [{"params": [slope], "weight_decay": DECAY}, {"params": [offset], "weight_decay": 0.0}], lr=RATE
)
for step in range(STEPS):
    for group in optimiser.param_groups:
        group["lr"] = scheduled(step)
    z = features @ slope + offset
    loss = (weights * (torch.nn.functional.softplus(z) - rates * z)).sum() / weights.sum()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()

golden = {
    "versions": f"python {platform.python_version()}, numpy {np.__version__}, torch {torch.__version__}",
    "width": WIDTH,
    "steps": STEPS,
    "warmup": WARMUP,
    "learningRate": RATE,
    "weightDecay": DECAY,
    "features": [float(v) for v in x.ravel()],
    "rates": rate.tolist(),
    "weights": weight.tolist(),
    "slope": slope.tolist(),
    "level": offset.item(),
}
path = pathlib.Path(__file__).parent.parent / "test" / "golden" / "neural.json"
path.write_text(json.dumps(golden) + "\n")
