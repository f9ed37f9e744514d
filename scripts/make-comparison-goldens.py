"""Writes test/golden/comparison.json with scipy and statsmodels, and the Codex paper's pass@k in numpy.

Run: python scripts/make-comparison-goldens.py   (needs numpy, scipy, statsmodels)
"""

import importlib.metadata
import json
import pathlib
import sys

import numpy as np
import scipy
import scipy.optimize
import scipy.special
import scipy.stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

OUT = pathlib.Path(__file__).parent.parent / "test" / "golden"
VERSIONS = {
    "python": sys.version.split()[0],
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "statsmodels": importlib.metadata.version("statsmodels"),
}
rng = np.random.default_rng(0)


def single_answers():
    """Paired 0/1 answers: McNemar's exact test for p, the paired t test for the interval."""
    cases = []
    for m, gain in [(6, 0.5), (40, 0.1), (40, 0.0), (1000, 0.03), (1000, 0.2)]:
        a = rng.binomial(1, 0.5, size=m)
        b = np.where(rng.random(m) < 0.7, a, rng.binomial(1, 0.5 + gain, size=m))
        only_a, only_b = int(np.sum((a == 1) & (b == 0))), int(np.sum((a == 0) & (b == 1)))
        both, neither = int(np.sum((a == 1) & (b == 1))), int(np.sum((a == 0) & (b == 0)))
        test = mcnemar([[both, only_a], [only_b, neither]], exact=True)
        ci = scipy.stats.ttest_rel(b, a).confidence_interval(0.95)
        cases.append(
            {
                "a": a.tolist(),
                "b": b.tolist(),
                "won": only_b,
                "lost": only_a,
                "p": float(test.pvalue),
                "low": float(ci.low),
                "high": float(ci.high),
            }
        )
    return cases


def adjusted():
    cases = []
    for p in [[0.01, 0.04, 0.03, 0.005], [0.5], [0.02, 0.02, 0.9, 1.0, 0.0], rng.random(30) ** 3]:
        p = np.asarray(p, dtype=float)
        cases.append(
            {
                "p": p.tolist(),
                "holm": multipletests(p, method="holm")[1].tolist(),
                "fdr": multipletests(p, method="fdr_bh")[1].tolist(),
            }
        )
    return cases


def welch():
    cases = []
    for m_a, m_b, n_a, n_b in [(8, 5, 1, 4), (60, 200, 10, 10), (500, 30, 1, 1)]:
        k_a = rng.binomial(n_a, rng.beta(1, 1, size=m_a))
        k_b = rng.binomial(n_b, rng.beta(1.5, 1, size=m_b))
        test = scipy.stats.ttest_ind(k_b / n_b, k_a / n_a, equal_var=False)
        ci = test.confidence_interval(0.95)
        cases.append(
            {
                "a": {"k": k_a.tolist(), "n": [n_a] * m_a},
                "b": {"k": k_b.tolist(), "n": [n_b] * m_b},
                "difference": float((k_b / n_b).mean() - (k_a / n_a).mean()),
                "low": float(ci.low),
                "high": float(ci.high),
                "p": float(test.pvalue),
            }
        )
    return cases


def pass_at_k(n, c, k):
    """As in the Codex paper."""
    if n - c < k:
        return 1.0
    return float(1.0 - np.prod(1.0 - k / np.arange(n - c + 1, n + 1)))


def passes():
    rows = []
    for n in [1, 2, 5, 10, 100, 200, 1000]:
        for c in sorted({0, 1, 2, n // 3, n // 2, n - 1, n}):
            for k in [1, 2, 5, 10, 100]:
                if 0 <= c <= n and k <= n:
                    exact = 1 - scipy.special.comb(n - c, k, exact=True) / scipy.special.comb(n, k, exact=True)
                    rows.append([n, c, k, pass_at_k(n, c, k), exact])
    return rows


def log_likelihood(right, answers, alpha, beta):
    return float(np.sum(scipy.stats.betabinom.logpmf(right, answers, alpha, beta)))


def beta_binomial():
    cases = []
    for m, n, alpha, beta in [(200, 4, 0.5, 1.5), (60, 10, 3, 2), (1000, 2, 0.3, 0.3), (150, 5, 40, 60)]:
        answers = np.full(m, n) if m != 60 else rng.integers(1, n + 1, size=m)
        right = rng.binomial(answers, rng.beta(alpha, beta, size=m))

        def loss(x):
            return -log_likelihood(right, answers, np.exp(x[0]), np.exp(x[1]))

        best = min(
            (
                scipy.optimize.minimize(
                    loss, start, method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 10_000}
                )
                for start in ([0, 0], np.log([alpha, beta]))
            ),
            key=lambda found: found.fun,
        )
        a, b = np.exp(best.x)
        posteriors = []
        for c, of, k in [(0, n, 1), (1, n, 1), (n, n, 1), (1, n, 10), (0, n, 100)]:
            post = scipy.stats.beta(a + c, b + of - c)
            mean = post.expect(lambda p, k=k: -np.expm1(k * np.log1p(-p)), epsabs=1e-11, epsrel=1e-11)
            low, high = (float(-np.expm1(k * np.log1p(-post.ppf(q)))) for q in (0.05, 0.95))
            posteriors.append({"right": c, "answers": of, "k": k, "mean": float(mean), "low": low, "high": high})
        cases.append(
            {
                "right": right.tolist(),
                "answers": answers.tolist(),
                "alpha": float(a),
                "beta": float(b),
                "logLikelihood": log_likelihood(right, answers, a, b),
                "posteriors": posteriors,
            }
        )
    return cases


def gamma_derivatives():
    xs = [1e-3, 0.3, 1, 2.5, 9.99, 10, 123.4, 1e6]
    return [[x, float(scipy.special.digamma(x)), float(scipy.special.polygamma(1, x))] for x in xs]


def beta_quantiles():
    rows = []
    for a, b in [(0.5, 0.5), (1, 1), (0.01, 3), (30, 2), (1e4, 2e4)]:
        rows += [[p, a, b, float(scipy.stats.beta.ppf(p, a, b))] for p in (0.05, 0.5, 0.95)]
    return rows


(OUT / "comparison.json").write_text(
    json.dumps(
        {
            "versions": VERSIONS,
            "singleAnswers": single_answers(),
            "adjusted": adjusted(),
            "welch": welch(),
            "passAtK": passes(),
            "betaBinomial": beta_binomial(),
            "gammaDerivatives": gamma_derivatives(),
            "betaQuantiles": beta_quantiles(),
        }
    )
    + "\n"
)
