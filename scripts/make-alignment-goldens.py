"""Writes test/golden/alignment.json with scipy's orthogonal Procrustes solution and numpy's ridge solution.

Run: python scripts/make-alignment-goldens.py   (needs numpy, scipy)
"""

import json
import pathlib
import sys

import numpy as np
import scipy
from scipy.linalg import orthogonal_procrustes

OUT = pathlib.Path(__file__).parent.parent / "test" / "golden" / "alignment.json"
ROWS, WIDTH, RIDGE_SHARE = 40, 5, 0.01
rng = np.random.default_rng(0)


def single(values):
    """Rounded to what float32 holds, so that both sides read the same numbers."""
    return np.round(values, 4).astype(np.float32).astype(np.float64)


reference = rng.normal(size=(ROWS, WIDTH)) * np.array([3.0, 2.0, 1.0, 0.5, 0.1]) + 0.7
turn, _ = np.linalg.qr(rng.normal(size=(WIDTH, WIDTH)))
source = single(reference @ turn + 0.2 * rng.normal(size=(ROWS, WIDTH)) - 1.5)
reference = single(reference)
x = source - source.mean(axis=0)
y = reference - reference.mean(axis=0)
rotation, _ = orthogonal_procrustes(x, y)
ridge = RIDGE_SHARE * np.trace(x.T @ x) / WIDTH
weights = np.linalg.solve(x.T @ x + ridge * np.eye(WIDTH), x.T @ y)
golden = {
    "versions": {
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "scipy": scipy.__version__,
    },
    "width": WIDTH,
    "source": source.round(4).ravel().tolist(),
    "reference": reference.round(4).ravel().tolist(),
    "procrustes": {"matrix": rotation.ravel().tolist()},
    "affine": {
        "matrix": weights.ravel().tolist(),
        "offset": (reference.mean(axis=0) - source.mean(axis=0) @ weights).tolist(),
    },
}
OUT.write_text(json.dumps(golden) + "\n")
