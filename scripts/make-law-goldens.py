"""Writes test/golden/laws.json: scaling laws fitted by scipy's curve_fit from eight starts within the same bounds.

Run: python scripts/make-law-goldens.py   (needs numpy, scipy; about a minute)
"""

import json
import pathlib
import sys
import warnings

import numpy as np
import scipy
from scipy.optimize import curve_fit, least_squares

OUT = pathlib.Path(__file__).parent.parent / "test" / "golden" / "laws.json"
VERSIONS = {
    "python": sys.version.split()[0],
    "numpy": np.__version__,
    "scipy": scipy.__version__,
}
# As in src/forecast/laws/exponential-law.ts: g, a, b, c.
LOWER, UPPER = [0, 1e-6, 0.01, 0], [0.99, 1e3, 5, 10]
PRIOR = {"logA": (0, 1.5), "logB": (np.log(0.4), 0.7), "gSd": 0.05, "c": (0, 0.5)}
rng = np.random.default_rng(0)
warnings.simplefilter("ignore")


def law(x, g, a, b, c):
    return g + (1 - g) * np.exp(-a * x**-b - c)


def best_fit(function, data, starts, bounds):
    """The best of curve_fit's optima: parameters, objective, covariance."""
    x, y, sd = data
    best = None
    for start in starts:
        start = np.clip(start, *bounds)
        try:
            found, cov = curve_fit(
                function, x, y, p0=start, sigma=sd, absolute_sigma=True,
                bounds=bounds, method="trf", max_nfev=20_000,
                xtol=1e-14, ftol=1e-14, gtol=1e-14,
            )
        except RuntimeError:
            continue
        objective = float(np.sum(((function(x, *found) - y) / sd) ** 2))
        if best is None or objective < best[1]:
            best = found, objective, cov
    return best


def exponential_fit(x, y, sd, chance, free):
    starts = [(a, b) for a in (0.1, 0.7, 3, 20) for b in (0.15, 0.8)]
    if free:
        guess = [(max(chance, 0.01), a, b, 0.1) for a, b in starts]
        return best_fit(law, (x, y, sd), guess, (LOWER, UPPER))
    fixed = lambda x, a, b, c: law(x, chance, a, b, c)
    found = best_fit(
        fixed, (x, y, sd), [(a, b, 0.1) for a, b in starts], (LOWER[1:], UPPER[1:])
    )
    parameters, objective, cov = found
    whole = np.zeros((4, 4))
    whole[1:, 1:] = cov
    return np.r_[chance, parameters], objective, whole


SHAPES = {
    "steady": (0, 1.0, 0.4, 0.1),
    "flat": (0, 1e-3, 0.4, 0.7),
    "saturating": (0, 1.5, 1.5, 0.35),
    "emergent": (0, 60, 0.9, 0.05),
    "slow": (0, 2.5, 0.12, 0),
    "falling": None,
}


def ladder(points):
    jumps = 10 ** rng.uniform(0.15, 0.7, size=points - 1)
    return np.r_[1, np.cumprod(jumps)].round(4)


def exponential_cases():
    cases = []
    for index in range(42):
        shape = list(SHAPES)[index % 6]
        points = 4 + index % 9
        free, weighted = bool((index // 6) % 2), bool((index // 3) % 2)
        chance = [0, 0.25, 0.1, 0.5][index % 4]
        samples = [100, 1000, 20_000][index % 3]
        x = ladder(points)
        truth = SHAPES[shape] or (0, 0.7, 0.5, 0.2)
        rates = law(x, chance, *truth[1:])
        if SHAPES[shape] is None:
            rates = rates[::-1]
        y = rng.binomial(samples, rates) / samples
        smoothed = (y * samples + 1) / (samples + 2)
        sd = np.sqrt(smoothed * (1 - smoothed) / samples) if weighted else np.ones(points)
        parameters, objective, cov = exponential_fit(x, y, sd, chance, free)
        cases.append(
            {
                "shape": shape,
                "x": x.tolist(),
                "y": y.tolist(),
                "weights": (1 / sd**2).tolist(),
                "chance": chance,
                "guess": "free" if free else "fixed",
                "parameters": parameters.tolist(),
                "objective": objective,
                "at10": float(law(10 * x[-1], *parameters)),
                "covariance": cov.ravel().tolist() if np.all(np.isfinite(cov)) else None,
            }
        )
    return cases


def determined_cases():
    """Twelve precise points over four decades: every parameter is known to a few per cent."""
    cases = []
    for truth in [(0.2, 1.5, 0.5, 0.2), (0.1, 3.0, 0.6, 0.4), (0.3, 5.0, 0.8, 0.1)]:
        for free in (True, False):
            x = np.logspace(0, 4, 12)
            sd = np.full(12, 1e-3)
            y = law(x, *truth) + rng.normal(0, sd)
            parameters, objective, cov = exponential_fit(x, y, sd, truth[0], free)
            cases.append(
                {
                    "x": x.tolist(),
                    "y": y.tolist(),
                    "weights": (1 / sd**2).tolist(),
                    "chance": truth[0],
                    "guess": "free" if free else "fixed",
                    "parameters": parameters.tolist(),
                    "objective": objective,
                    "covariance": cov.ravel().tolist(),
                }
            )
    return cases


# Ladders x = 3^i whose best law with free g lies on c = 0, in a valley beside a wider one of laws with a ceiling.
EDGES = [
    (
        [0.0198, 0.0526, 0.0749, 0.0605, 0.1223, 0.2075],
        [0.0341, 0.0113, 0.0355, 0.0321, 0.0324, 0.0293],
    ),
    ([0.0781, 0.0904, 0.0919, 0.2409], [0.0328, 0.024, 0.0114, 0.0195]),
    (
        [-0.0098, 0.0318, 0.0353, 0.0886, 0.2417, 0.349],
        [0.0166, 0.0155, 0.0348, 0.0236, 0.0378, 0.0233],
    ),
    ([0.262, 0.2854, 0.2785, 0.3869], [0.0275, 0.0257, 0.0297, 0.0194]),
    (
        [0.107, 0.1519, 0.0521, 0.1573, 0.1054, 0.1525, 0.2877, 0.3587, 0.433],
        [0.0103, 0.0372, 0.0387, 0.0124, 0.0277, 0.0379, 0.0255, 0.0344, 0.0196],
    ),
    ([0.1352, 0.1725, 0.1954, 0.3779], [0.0236, 0.0114, 0.0367, 0.0271]),
]


def edge_cases():
    cases = []
    for y, sd in EDGES:
        x, y, sd = 3.0 ** np.arange(len(y)), np.array(y), np.array(sd)
        parameters, objective, _ = exponential_fit(x, y, sd, 0, True)
        cases.append(
            {
                "x": x.tolist(),
                "y": y.tolist(),
                "weights": (1 / sd**2).tolist(),
                "chance": 0,
                "guess": "free",
                "parameters": parameters.tolist(),
                "objective": objective,
            }
        )
    return cases


def prior_cases():
    cases = []
    for chance, points in [(0, 4), (0.25, 5), (0.1, 8), (0.5, 4)]:
        x = ladder(points)
        y = rng.binomial(200, law(x, chance, 1.2, 0.4, 0.2)) / 200
        smoothed = (y * 200 + 1) / 202
        sd = np.sqrt(smoothed * (1 - smoothed) / 200)

        def residuals(p):
            g, a, b, c = p
            prior = [
                (g - chance) / PRIOR["gSd"],
                (np.log(a) - PRIOR["logA"][0]) / PRIOR["logA"][1],
                (np.log(b) - PRIOR["logB"][0]) / PRIOR["logB"][1],
                (c - PRIOR["c"][0]) / PRIOR["c"][1],
            ]
            return np.r_[(law(x, *p) - y) / sd, prior]

        fits = [
            least_squares(
                residuals, np.clip([chance, a, b, 0.1], LOWER, UPPER), bounds=(LOWER, UPPER),
                xtol=1e-14, ftol=1e-14, gtol=1e-14,
            )
            for a in (0.1, 0.7, 3, 20)
            for b in (0.15, 0.8)
        ]
        best = min(fits, key=lambda fit: fit.cost)
        cases.append(
            {
                "x": x.tolist(),
                "y": y.tolist(),
                "weights": (1 / sd**2).tolist(),
                "chance": chance,
                "parameters": best.x.tolist(),
                "objective": 2 * best.cost,
            }
        )
    return cases


def curve_case(function, x, y, sd, starts, bounds, **more):
    parameters, objective, _ = best_fit(function, (x, y, sd), starts, bounds)
    return {
        **more,
        "x": np.asarray(x).tolist(),
        "y": y.tolist(),
        "weights": (1 / sd**2).tolist(),
        "parameters": parameters.tolist(),
        "objective": objective,
    }


def sigmoid_cases():
    """Over z from 0 to 1, in which spans are units: parameters lo, slope, centre, ceiling."""
    bounds = [[0, 0, -2, 5e-5], [0.99, 60, 3, 1]]
    bounds[0][3] = np.exp(-10)
    cases = []
    for chance, slope, centre, ceiling, points in [
        (0, 6, 0.6, 0.9, 9), (0.25, 12, 0.9, 0.8, 6), (0.25, 3, 0.2, 0.7, 12), (0.1, 25, 0.5, 1, 7),
    ]:
        for guess in ("free", "fixed"):
            z = np.r_[0, np.sort(rng.uniform(0, 1, points - 2)), 1]
            truth = chance + (1 - chance) * ceiling / (1 + np.exp(-slope * (z - centre)))
            y = rng.binomial(500, truth) / 500
            sd = np.full(points, 0.02)
            slack = 0 if guess == "free" else None
            whole = lambda z, lo, s, m, k: lo + (1 - lo) * k / (1 + np.exp(-s * (z - m)))
            starts = [(chance, s, m, 0.8) for s in (3, 15) for m in (0, 0.4, 0.8, 1.5)]
            if slack == 0:
                case = curve_case(whole, z, y, sd, starts, bounds, chance=chance, guess=guess)
            else:
                part = lambda z, s, m, k: whole(z, chance, s, m, k)
                inner = [bounds[0][1:], bounds[1][1:]]
                case = curve_case(
                    part, z, y, sd, [s[1:] for s in starts], inner, chance=chance, guess=guess
                )
            cases.append(case)
    return cases


def log_accuracy_cases():
    cases = []
    for chance, a, b, points in [(0, 1.5, 0.3, 8), (0.25, 4, 0.5, 5), (0.1, 0.5, 0.8, 4)]:
        x = ladder(points)
        y = rng.binomial(300, law(x, chance, a, b, 0)) / 300
        power = lambda x, a, b: law(x, chance, a, b, 0)
        starts = [(a, b) for a in (0.1, 0.7, 3, 20) for b in (0.15, 0.8)]
        sd = np.full(points, 0.02)
        bounds = (LOWER[1:3], UPPER[1:3])
        cases.append(curve_case(power, x, y, sd, starts, bounds, chance=chance))
    return cases


def broken(x, p, scale, c0, c1, logd, f):
    return p + scale * x**-c0 * np.exp(-c1 * f * np.logaddexp(0, (np.log(x) - logd) / f))


def broken_cases():
    cases = []
    for truth, points in [
        ((0.1, 0.7, 0.02, 0.5, 3, 0.3), 9),
        ((0.0, 0.9, 0.1, 0.3, 2, 0.5), 12),
        ((0.3, 0.5, 0.3, 0.2, 4, 1), 7),
        ((0.2, 0.75, 0, 1, 5, 0.2), 10),
    ]:
        x = ladder(points)
        y = 1 - broken(x, *truth) + rng.normal(0, 0.01, points)
        last = np.log(x[-1]) + np.log(10)
        bounds = ([0, 0, 0, 0, 0, 0.05], [1, 2, 3, 3, last, 2])
        starts = [
            (0.1, 0.7, c0, c1, place * last, f)
            for c0, c1 in ((0.05, 0.3), (0.3, 1))
            for place in (0.25, 0.6)
            for f in (0.15, 0.8)
        ]
        error = lambda x, *p: broken(x, *p)
        case = curve_case(error, x, 1 - y, np.full(points, 0.01), starts, bounds)
        cases.append({**case, "y": y.tolist()})
    return cases


def loss_cases():
    cases = []
    for truth, points in [((1.7, 1.5, 0.15), 6), ((0.4, 0.9, 0.3), 10), ((0, 2.5, 0.06), 4)]:
        x = ladder(points)
        power = lambda x, e, a, b: e + a * x**-b
        y = power(x, *truth) + rng.normal(0, 0.005, points)
        starts = [(0.5 * y.min(), y.max() / 2, b) for b in (0.01, 0.03, 0.1, 0.2, 0.4, 0.8, 1.5, 2.5)]
        bounds = ([0, 0, 1e-3], [np.inf, np.inf, 3])
        cases.append(curve_case(power, x, y, np.full(points, 0.005), starts, bounds))
    return cases


def ladder_loss_cases():
    cases = []
    for truth in [(0.8, 0.5, 0.4, 0.9, 0.35), (0.2, 1.5, 0.2, 0.4, 0.5)]:
        n, d = [v.ravel() for v in np.meshgrid([1, 2.2, 4.1, 7.3], [1, 2, 5, 10])]
        form = lambda x, e, a, al, b, be: e + a * x[0] ** -al + b * x[1] ** -be
        y = form((n, d), *truth) + rng.normal(0, 0.003, len(n))
        starts = [(0.5, 0.5, al, 0.5, be) for al in (0.1, 0.5) for be in (0.05, 0.3, 0.8, 1.5)]
        bounds = ([0, 0, 1e-3, 0, 1e-3], [np.inf, np.inf, 3, np.inf, 3])
        cases.append(curve_case(form, np.array([n, d]), y, np.full(len(n), 0.003), starts, bounds))
    return cases


golden = {
    "versions": VERSIONS,
    "exponential": exponential_cases(),
    "determined": determined_cases(),
    "edge": edge_cases(),
    "prior": prior_cases(),
    "sigmoid": sigmoid_cases(),
    "logAccuracy": log_accuracy_cases(),
    "broken": broken_cases(),
    "loss": loss_cases(),
    "ladderLoss": ladder_loss_cases(),
}
OUT.write_text(json.dumps(golden) + "\n")
