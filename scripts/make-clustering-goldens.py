"""Writes test/golden/clustering.json with scikit-learn: MeanShift, DBSCAN and KMeans on pass rates k/n.

Run: python scripts/make-clustering-goldens.py   (needs numpy, scipy, scikit-learn)
"""

import json
import math
import pathlib
import sys
import warnings

import numpy as np
import scipy
import sklearn
from sklearn.cluster import DBSCAN, KMeans, MeanShift

OUT = pathlib.Path(__file__).parent.parent / "test" / "golden"
VERSIONS = {
    "python": sys.version.split()[0],
    "numpy": np.__version__,
    "scipy": scipy.__version__,
    "scikit-learn": sklearn.__version__,
}
rng = np.random.default_rng(0)
# "Binning data failed" and "fewer distinct clusters" are cases to agree on, not mistakes here.
warnings.simplefilter("ignore")


def pass_counts(items, models, samples):
    """Logistic curves over the models' sizes with random difficulty and slope, binomial draws."""
    difficulty = models * rng.normal(0.55, 0.45, size=(items, 1))
    slope = 0.5 * np.exp(0.5 * rng.normal(size=(items, 1)))
    rate = 1 / (1 + np.exp(-slope * (np.arange(models) - difficulty)))
    return rng.binomial(samples, rate)


def mean_difficulty(items, samples):
    """One dimension: the mean over five models of k/n, so again whole counts, of 5 n."""
    return pass_counts(items, 5, samples).sum(axis=1, keepdims=True)


SETS = [
    {"samples": 100, "dimensions": 1, "counts": mean_difficulty(300, 20)},
    {"samples": 500, "dimensions": 1, "counts": mean_difficulty(300, 100)},
    {"samples": 20, "dimensions": 4, "counts": pass_counts(300, 4, 20)},
    {"samples": 100, "dimensions": 9, "counts": pass_counts(400, 9, 100)},
    {"samples": 100, "dimensions": 16, "counts": pass_counts(120, 16, 100)},
]


def points(index):
    return SETS[index]["counts"] / SETS[index]["samples"]


def mean_shift_cases():
    cases = []
    variants = [
        {"bin_seeding": True},
        {"bin_seeding": True, "min_bin_freq": 3, "cluster_all": False},
        {"bin_seeding": True, "max_iter": 2},
        {"bin_seeding": False},
        {"bin_seeding": False, "cluster_all": False, "max_iter": 5},
    ]
    # Bandwidths off the lattice of k/n where there are few dimensions: with 0.15 exactly, many items lie exactly on the
    # spheres, and the rounding of scikit-learn's means decides on them (its result is not that of exact arithmetic).
    for index, scale in [
        (0, 0.1503),
        (1, 0.1003),
        (1, 0.1503),
        (2, 0.1503),
        (2, 0.1003),
        (3, 0.15),
        (3, 0.08),
        (4, 0.15),
    ]:
        for variant in variants:
            bandwidth = scale * math.sqrt(SETS[index]["dimensions"])
            fit = MeanShift(bandwidth=bandwidth, **variant).fit(points(index))
            cases.append(
                {
                    "set": index,
                    "bandwidth": bandwidth,
                    "binSeeding": variant["bin_seeding"],
                    "minBinFrequency": variant.get("min_bin_freq", 1),
                    "clusterAll": variant.get("cluster_all", True),
                    "maxIterations": variant.get("max_iter", 300),
                    "labels": fit.labels_.tolist(),
                    "modes": fit.cluster_centers_.round(10).ravel().tolist(),
                }
            )
    return cases


def dbscan_cases():
    cases = []
    for index, scale, least in [
        (0, 0.01, 5),
        (1, 0.003, 4),
        (2, 0.05, 3),
        (2, 0.1, 8),
        (3, 0.05, 5),
        (3, 0.08, 10),
        (4, 0.1, 5),
    ]:
        eps = scale * math.sqrt(SETS[index]["dimensions"])
        fit = DBSCAN(eps=eps, min_samples=least).fit(points(index))
        labels = fit.labels_.tolist()
        cases.append({"set": index, "radius": eps, "minimumNeighbours": least, "labels": labels})
    return cases


def k_means_cases():
    """Initial centres off the lattice of k/n: an item equally near to two centres is decided by rounding there."""
    cases = []
    for index, clusters, far in [(0, 6, 0), (1, 10, 0), (2, 8, 0), (3, 12, 0), (3, 12, 2), (2, 8, 1), (4, 5, 0)]:
        x = points(index)
        rows = x[rng.choice(len(x), clusters, replace=False)]
        initial = rows + rng.normal(0, 0.01, size=rows.shape)
        initial[clusters - far :] += 5  # nothing is nearest to these: they are empty and get relocated
        initial = initial.round(6)
        fit = KMeans(clusters, init=initial, n_init=1, algorithm="lloyd").fit(x)
        centres = [x[fit.labels_ == cluster].mean(axis=0) for cluster in range(clusters)]
        cases.append(
            {
                "set": index,
                "clusters": clusters,
                "initial": initial.ravel().tolist(),
                "labels": fit.labels_.tolist(),
                "centres": np.round(centres, 10).ravel().tolist(),
            }
        )
    return cases


content = {
    "versions": VERSIONS,
    "meanShift": mean_shift_cases(),
    "dbscan": dbscan_cases(),
    "kMeans": k_means_cases(),
    "sets": [{**one, "counts": one["counts"].ravel().tolist()} for one in SETS],
}
(OUT / "clustering.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")
