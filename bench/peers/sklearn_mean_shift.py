"""The peer of `meanShift`: scikit-learn's MeanShift with bin seeding, one set of points after the other, one process.

Reads {"sets": [[counts]], "models", "samples", "bandwidth"} from stdin, prints {"seconds", "labels" per set,
"versions"}.
"""

import json
import sys
import time

import numpy as np
import sklearn
from sklearn.cluster import MeanShift

job = json.load(sys.stdin)
points = [np.array(counts).reshape(-1, job["models"]) / job["samples"] for counts in job["sets"]]
MeanShift(bandwidth=job["bandwidth"], bin_seeding=True).fit(points[0])  # warm-up
start = time.perf_counter()
fits = [MeanShift(bandwidth=job["bandwidth"], bin_seeding=True).fit(x) for x in points]
seconds = time.perf_counter() - start
print(
    json.dumps(
        {
            "seconds": seconds,
            "labels": [fit.labels_.tolist() for fit in fits],
            "versions": {
                "scikit-learn": sklearn.__version__,
                "numpy": np.__version__,
                "python": sys.version.split()[0],
            },
        }
    )
)
