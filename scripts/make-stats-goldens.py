"""Writes test/golden/stats.json and test/golden/logistic.json with scikit-learn and scipy.

Run: python scripts/make-stats-goldens.py   (needs numpy, scipy, scikit-learn)
"""

import json
import pathlib
import sys

import numpy as np
import scipy
import scipy.special
import scipy.stats
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

OUT = pathlib.Path(__file__).parent.parent / "test" / "golden"
VERSIONS = {
    "python": sys.version.split()[0],
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "scikit-learn": sklearn.__version__,
}
rng = np.random.default_rng(0)


def soft_auroc(scores, rates, weights):
    labels = np.r_[np.ones(len(rates)), np.zeros(len(rates))]
    sample_weight = np.r_[rates * weights, (1 - rates) * weights]
    return roc_auc_score(labels, np.r_[scores, scores], sample_weight=sample_weight)


def auroc_cases():
    cases = []
    for n, digits in [(2, 1), (5, 1), (30, 1), (140, 2), (140, 12)]:
        scores = np.round(rng.normal(size=n), digits)
        rates = rng.integers(0, 11, size=n) / 10
        rates[:2] = [0.3, 0.9]
        weights = np.round(rng.uniform(0.1, 3, size=n), 2)
        cases.append(
            {
                "scores": scores.tolist(),
                "rates": rates.tolist(),
                "weights": weights.tolist(),
                "auroc": soft_auroc(scores, rates, np.ones(n)),
                "weighted": soft_auroc(scores, rates, weights),
                "oracle": soft_auroc(rates, rates, np.ones(n)),
            }
        )
    return cases


def distributions():
    ps = [1e-300, 1e-12, 1e-4, 0.025, 0.05, 0.3, 0.5, 0.61, 0.9, 0.975, 0.995, 1 - 1e-9]
    normal = [[p, scipy.stats.norm.ppf(p)] for p in ps]
    student = [
        [p, d, scipy.stats.t.ppf(p, d)]
        for p in [1e-4, 0.05, 0.4, 0.5, 0.8, 0.95, 0.975, 0.9995]
        for d in [1, 1.5, 2, 4, 10, 38, 500]
    ]
    beta = [
        [a, b, x, scipy.special.betainc(a, b, x)]
        for a in [0.5, 1, 3.7, 40]
        for b in [0.5, 2, 11]
        for x in [0.001, 0.2, 0.5, 0.93]
    ]
    wilson = []
    for k, n in [(0, 1), (3, 10), (10, 10), (499, 1000)]:
        ci = scipy.stats.binomtest(k, n).proportion_ci(0.9, method="wilson")
        wilson.append([k, n, 0.9, ci.low, ci.high])
    values = rng.normal(size=11).round(4)
    quantiles = [[q, float(np.quantile(values, q))] for q in [0, 0.05, 0.33, 0.5, 0.975, 1]]
    return {
        "normal": normal,
        "student": student,
        "beta": beta,
        "wilson": wilson,
        "quantile": {"values": values.tolist(), "expected": quantiles},
    }


def fit(features, rates, weights, ridge):
    """Soft labels as rows written twice, with sample weights; the intercept is not penalised."""
    x = np.vstack([features, features])
    y = np.r_[np.ones(len(rates)), np.zeros(len(rates))]
    sample_weight = np.r_[rates * weights, (1 - rates) * weights]
    model = LogisticRegression(C=1 / ridge, solver="lbfgs", tol=1e-12, max_iter=100_000)
    model.fit(x, y, sample_weight=sample_weight)
    w, b = model.coef_[0], model.intercept_[0]
    z = features @ w + b
    objective = np.sum(weights * (np.logaddexp(0, z) - rates * z)) + 0.5 * ridge * w @ w
    return w, b, float(objective), z


def logistic():
    n, d, tasks = 120, 5, 3
    x = rng.normal(size=(n, d)).astype(np.float32)
    task = np.arange(n) % tasks
    truth = x @ rng.normal(size=d) + np.array([-1.0, 0.5, 2.0])[task] + 0.8 * x[:, 0] * (task - 1)
    rates = rng.binomial(10, 1 / (1 + np.exp(-truth))) / 10
    weights = rng.integers(1, 5, size=n) / 2
    ridge = 2.5
    w, b, objective, _ = fit(x.astype(float), rates, weights, ridge)
    plain = {"ridge": ridge, "coefficients": [*w.tolist(), float(b)], "objective": objective}
    shared, deviation, intercept = 2.0, 5.0, 0.01
    own = np.hstack([np.where((task == t)[:, None], x, 0) for t in range(tasks)])
    columns = [
        x.astype(float),
        own * np.sqrt(shared / deviation),
        np.eye(tasks)[task] * np.sqrt(shared / intercept),
    ]
    _, _, objective, z = fit(np.hstack(columns), rates, weights, shared)
    pooled = {
        "shared": shared,
        "deviation": deviation,
        "interceptDeviation": intercept,
        "objective": objective,
        "probabilities": (1 / (1 + np.exp(-z))).tolist(),
    }
    return {
        "features": x.astype(float).ravel().tolist(),
        "width": d,
        "task": task.tolist(),
        "tasks": tasks,
        "rates": rates.tolist(),
        "weights": weights.tolist(),
        "plain": plain,
        "pooled": pooled,
    }


def write(name, content):
    (OUT / name).write_text(json.dumps({"versions": VERSIONS, **content}) + "\n")


write("stats.json", {"auroc": auroc_cases(), **distributions()})
write("logistic.json", logistic())
