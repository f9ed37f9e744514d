"""Fits an L2 logistic regression with scikit-learn's lbfgs. Job on stdin, result on stdout, as JSON."""

import json
import platform
import sys
import time

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression

job = json.load(sys.stdin)
rows, width, ridge = job["rows"], job["width"], job["ridge"]
x = np.fromfile(job["features"], dtype=np.float32).reshape(rows, width).astype(np.float64)
label = np.fromfile(job["rates"], dtype=np.float32) > 0.5
model = LogisticRegression(C=1 / ridge, solver="lbfgs", tol=job["tolerance"], max_iter=10_000)
started = time.perf_counter()
model.fit(x, label)
seconds = time.perf_counter() - started
z = x @ model.coef_[0] + model.intercept_[0]
objective = float(
    np.sum(np.logaddexp(0, z) - label * z) + 0.5 * ridge * np.sum(model.coef_[0] ** 2)
)
versions = f"python {platform.python_version()}, scikit-learn {sklearn.__version__}"
print(
    json.dumps(
        {"seconds": seconds, "objective": objective, "steps": int(model.n_iter_[0]), "versions": versions}
    )
)
