"""Writes test/golden/tensorboard.json: an event file as TensorBoard's own writer makes it.

    python scripts/make-tensorboard-goldens.py     (needs tensorboard==2.21.0)
"""

import json
import pathlib
import platform
import tempfile

import tensorboard
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

ROOT = pathlib.Path(__file__).parent.parent
EVENTS = [
    {"wallTime": 1_700_000_000.25, "step": 1042, "values": [["add/predicted", 0.25], ["add/low", 0.0]]},
    {"wallTime": 1_700_000_001.5, "step": 9_007_199_254_740_991, "values": [["é/predicted", 1.0]]},
    {"wallTime": 0.0, "step": 0, "values": [["long/" + "x" * 300, 0.1]]},
]

path = pathlib.Path(tempfile.mkdtemp()) / "events"
with path.open("wb") as file:
    writer = RecordWriter(file)
    writer.write(Event(wall_time=EVENTS[0]["wallTime"], file_version="brain.Event:2").SerializeToString())
    for event in EVENTS:
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value) for tag, value in event["values"]])
        message = Event(wall_time=event["wallTime"], step=event["step"], summary=summary)
        writer.write(message.SerializeToString())
    writer.flush()

golden = {
    "versions": f"python {platform.python_version()}, tensorboard {tensorboard.__version__}",
    "events": EVENTS,
    "file": path.read_bytes().hex(),
}
target = ROOT / "test" / "golden" / "tensorboard.json"
target.write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf-8")
