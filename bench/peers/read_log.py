"""Reads a file as people do in Python, in a process of its own: seconds and peak memory as JSON.

Run: python read_log.py READER PATH   (READER: pandas-csv, pandas-jsonl, pyarrow-jsonl, pyarrow-parquet, json)
"""

import json
import resource
import sys
import time

reader, path = sys.argv[1:]
if reader.startswith("pandas"):
    import pandas
elif reader == "pyarrow-jsonl":
    import pyarrow.json
elif reader == "pyarrow-parquet":
    import pyarrow.parquet

started = time.perf_counter()
if reader == "pandas-csv":
    rows = len(pandas.read_csv(path))
elif reader == "pandas-jsonl":
    rows = len(pandas.read_json(path, lines=True))
elif reader == "pyarrow-jsonl":
    options = pyarrow.json.ReadOptions(block_size=16 << 20)
    rows = pyarrow.json.read_json(path, read_options=options).num_rows
elif reader == "pyarrow-parquet":
    rows = pyarrow.parquet.read_table(path).num_rows
else:
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    rows = len(document["samples"] if isinstance(document, dict) else document)
seconds = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"rows": rows, "seconds": seconds, "peakBytes": peak}))
