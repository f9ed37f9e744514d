"""Prints as JSON what TensorBoard and Prometheus' own parser read of what `sonde watch` exported.

    python scripts/read-exports.py LOGDIR METRICS     (needs tensorboard and prometheus_client)
"""

import json
import pathlib
import sys

from prometheus_client.parser import text_string_to_metric_families
from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer

multiplexer = EventMultiplexer().AddRunsFromDirectory(sys.argv[1])
multiplexer.Reload()
scalars = {
    run: {
        tag: [[event.step, round(event.value, 6)] for event in multiplexer.Scalars(run, tag)]
        for tag in tags["scalars"]
    }
    for run, tags in multiplexer.Runs().items()
}
text = pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")
samples = [
    [sample.name, sample.labels, sample.value]
    for family in text_string_to_metric_families(text)
    for sample in family.samples
]
print(json.dumps({"scalars": scalars, "samples": samples}))
