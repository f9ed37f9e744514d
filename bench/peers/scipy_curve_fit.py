"""Fits the exponential law to clusters with scipy's curve_fit from eight starts. Job on stdin, result on stdout, as JSON."""

import json
import sys
import time
import warnings

import numpy as np
import scipy
from scipy.optimize import curve_fit

LOWER, UPPER = [0, 1e-6, 0.01, 0], [0.99, 1e3, 5, 10]
STARTS = [(a, b) for a in (0.1, 0.7, 3, 20) for b in (0.15, 0.8)]


def law(x, g, a, b, c):
    return g + (1 - g) * np.exp(-a * x**-b - c)


def best_objective(x, y, sd, chance):
    best = None
    for a, b in STARTS:
        try:
            found, _ = curve_fit(
                law, x, y, p0=[chance, a, b, 0.1], sigma=sd, absolute_sigma=True,
                bounds=(LOWER, UPPER), method="trf",
            )
        except RuntimeError:
            continue
        objective = float(np.sum(((law(x, *found) - y) / sd) ** 2))
        best = objective if best is None else min(best, objective)
    return best


warnings.simplefilter("ignore")
job = json.load(sys.stdin)
x = np.array(job["x"])
clusters = [(np.array(c["y"]), np.array(c["sd"])) for c in job["clusters"]]
started = time.perf_counter()
objectives = [best_objective(x, y, sd, job["chance"]) for y, sd in clusters]
seconds = time.perf_counter() - started
versions = f"python {sys.version.split()[0]}, numpy {np.__version__}, scipy {scipy.__version__}"
print(json.dumps({"seconds": seconds, "objectives": objectives, "versions": versions}))
