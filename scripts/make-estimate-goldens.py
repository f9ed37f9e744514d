"""Writes test/golden/estimate.json with ppi_py, scikit-learn and scipy.

Run: python scripts/make-estimate-goldens.py   (needs numpy, scipy, scikit-learn, ppi-python)
"""

import importlib.metadata
import json
import pathlib
import sys

import numpy as np
import ppi_py
import scipy
import scipy.optimize
import scipy.stats
import sklearn
from sklearn.calibration import calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

OUT = pathlib.Path(__file__).parent.parent / "test" / "golden"
VERSIONS = {
    "python": sys.version.split()[0],
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "scikit-learn": sklearn.__version__,
    "ppi-python": importlib.metadata.version("ppi-python"),
}
rng = np.random.default_rng(0)


def clustered(d, group, level):
    """Cluster-robust standard error of a mean with the factor G/(G - 1), and its t interval."""
    codes = np.unique(group, return_inverse=True)[1]
    sums = np.bincount(codes, weights=d - d.mean())
    count = len(sums)
    se = np.sqrt(count / (count - 1) * np.sum(sums**2)) / len(d)
    half = scipy.stats.t.ppf((1 + level) / 2, count - 1) * se
    p = 2 * scipy.stats.t.sf(abs(d.mean() / se), count - 1)
    return {"standardError": se, "low": d.mean() - half, "high": d.mean() + half, "p": p}


def paired():
    cases = []
    for m, n_a, n_b, level in [(5, 1, 1, 0.95), (11, 10, 10, 0.95), (12, 4, 8, 0.9), (200, 10, 10, 0.95)]:
        truth = rng.beta(0.8, 0.6, size=m)
        k_a = rng.binomial(n_a, truth)
        k_b = rng.binomial(n_b, np.clip(truth + 0.07, 0, 1))
        a, b = k_a / n_a, k_b / n_b
        test = scipy.stats.ttest_rel(b, a)
        ci = test.confidence_interval(level)
        exact = None
        if m < 12:
            exact = scipy.stats.permutation_test(
                (b, a),
                lambda x, y: abs(np.mean(x - y)),
                permutation_type="samples",
                alternative="greater",
                n_resamples=np.inf,
            ).pvalue
        se = abs(np.mean(b - a) / test.statistic)
        group = rng.integers(0, max(3, m // 3), size=m)
        power = scipy.stats.t.ppf(0.975, m - 1) + scipy.stats.t.ppf(0.8, m - 1)
        cases.append(
            {
                "a": {"k": k_a.tolist(), "n": [n_a] * m},
                "b": {"k": k_b.tolist(), "n": [n_b] * m},
                "level": level,
                "expected": {
                    "a": a.mean(),
                    "b": b.mean(),
                    "difference": (b - a).mean(),
                    "standardError": se,
                    "low": ci.low,
                    "high": ci.high,
                    "p": exact if m < 12 else test.pvalue,
                    "minimalDetectableEffect": power * se,
                },
                "group": group.tolist(),
                "clustered": clustered(b - a, group, level),
            }
        )
    return cases


def normal():
    zs = [-30, -8.3, -3.0001, -2.9999, -1, -1e-9, 0, 0.3, 1.96, 2.5, 3.5, 6, 9]
    return [[z, scipy.stats.norm.cdf(z)] for z in zs]


def prediction_powered():
    """lam None is PPI++, 1 is PPI, 0 the plain mean."""
    cases = []
    for n, others, useful, level in [(30, 200, 0.8, 0.9), (60, 60, 0.3, 0.95), (200, 1000, -0.5, 0.9), (50, 7, 3.0, 0.8)]:
        truth = rng.beta(0.7, 0.7, size=n + others)
        y = rng.binomial(4, truth[:n]) / 4
        f = np.clip(0.5 + useful * (truth - 0.5) + 0.1 * rng.normal(size=n + others), 0, 1)
        for lam in [None, 1, 0, 0.4]:
            point = ppi_py.ppi_mean_pointestimate(y, f[:n], f[n:], lam=lam)
            low, high = ppi_py.ppi_mean_ci(y, f[:n], f[n:], alpha=1 - level, lam=lam)
            cases.append(
                {
                    "rates": y.tolist(),
                    "predicted": f[:n].tolist(),
                    "others": f[n:].tolist(),
                    "level": level,
                    "lambda": lam,
                    "estimate": float(np.ravel(point)[0]),
                    "low": float(low[0]),
                    "high": float(high[0]),
                }
            )
    return cases


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def logit(p):
    return np.log(p) - np.log1p(-p)


def regularised(columns, rates, weights, start, positive):
    """The coefficients that minimise log loss + 0.005 |c - start|^2; the first `positive` are at least 0."""
    x = np.column_stack(columns)

    def value(c):
        z = x @ c
        loss = np.sum(weights * (np.logaddexp(0, z) - rates * z)) + 0.005 * np.sum((c - start) ** 2)
        return loss, x.T @ (weights * (sigmoid(z) - rates)) + 0.01 * (c - start)

    bounds = [(0, None)] * positive + [(None, None)] * (len(start) - positive)
    options = {"maxiter": 10_000, "ftol": 1e-16, "gtol": 1e-11}
    return scipy.optimize.minimize(value, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x


def em_prior(p, before):
    """Saerens, Latinne and Decaestecker, iterated to its end."""
    prior = before
    for _ in range(200_000):
        right = p * prior / before
        prior = np.mean(right / (right + (1 - p) * (1 - prior) / (1 - before)))
    return prior


def calibration():
    cases = []
    for n, answers, slope, shift in [(40, 5, 0.5, 0.4), (300, 1, 1.3, -0.8), (100, 1, 0.7, 0.0)]:
        z = 1.5 * rng.normal(size=n)
        p = np.round(sigmoid(z), 2 if n == 300 else 8).clip(0.01, 0.99)
        rates = rng.binomial(answers, sigmoid(slope * z + shift)) / answers
        weights = rng.integers(1, 5, size=n) / 2
        ones = np.ones(n)
        platt = regularised([logit(p), ones], rates, weights, np.array([1.0, 0]), 0)
        beta = regularised([np.log(p), -np.log1p(-p), ones], rates, weights, np.array([1.0, 1, 0]), 2)
        isotonic = IsotonicRegression(out_of_bounds="clip").fit(p, rates, sample_weight=weights)
        at = np.r_[0, np.linspace(0.003, 0.997, 29), 1]
        line = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12)
        line.fit(
            np.r_[logit(p), logit(p)][:, None],
            np.r_[ones, 0 * ones],
            sample_weight=np.r_[rates, 1 - rates],
        )
        curve = None
        if answers == 1 and n == 100:
            measured, predicted = calibration_curve(rates, p, n_bins=10, strategy="quantile")
            curve = {"measured": measured.tolist(), "predicted": predicted.tolist()}
        cases.append(
            {
                "predicted": p.tolist(),
                "rates": rates.tolist(),
                "weights": weights.tolist(),
                "at": at.tolist(),
                "platt": platt.tolist(),
                "beta": beta.tolist(),
                "isotonic": isotonic.predict(at).tolist(),
                "line": {"slope": float(line.coef_[0, 0]), "intercept": float(line.intercept_[0])},
                "curve": curve,
                "prior": {"from": 0.4, "to": em_prior(p, 0.4)},
            }
        )
    return cases


def wilson():
    rows = []
    for k, n in [(0, 1), (3, 10), (10, 10), (499, 1000)]:
        ci = scipy.stats.binomtest(k, n).proportion_ci(0.9, method="wilson")
        rows.append([k, n, 0.9, ci.low, ci.high])
    return rows


def write(name, content):
    (OUT / name).write_text(json.dumps({"versions": VERSIONS, **content}) + "\n")


write(
    "estimate.json",
    {
        "normalCdf": normal(),
        "wilson": wilson(),
        "paired": paired(),
        "predictionPowered": prediction_powered(),
        "calibration": calibration(),
    },
)
