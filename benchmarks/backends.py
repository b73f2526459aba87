"""Time, processor time and peak memory of an evaluation whose records stay in DuckDB: ``python benchmarks/backends.py [UNITS] [PERIODS]``.

Parquet files are made in a temporary folder; each measure runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from hubeval.protocol import DataSource, DidDesign, Outcome, Protocol


def protocol(estimator):
    return Protocol(
        area="A", question="?", registered=date(2026, 1, 1), country="Nowhere", data=DataSource(units="person"),
        outcomes=(Outcome(column="y", label="Y", unit="points"),),
        design=DidDesign(unit="u", time="t", start="s", estimator=estimator, inference="cluster"),
    )  # fmt: skip


def made(where, units, periods):
    import duckdb

    own = duckdb.connect(config={"memory_limit": "2GB"})
    own.execute(
        f"COPY (SELECT i AS u, 2010 + t AS t, CASE i % 4 WHEN 0 THEN 2013 WHEN 1 THEN 2015 END AS s, "
        f"hash(i) % 1000 / 100 + t * .3 + hash(i * 97 + t) % 4000 / 1000 - "
        f"CASE WHEN i % 4 = 0 AND t >= 3 OR i % 4 = 1 AND t >= 5 THEN 2 ELSE 0 END AS y "
        f"FROM range({units}) AS a(i), range({periods}) AS b(t)) TO '{where}/part.parquet' (FORMAT parquet)")


def measured(where, what):
    from hubeval.data.backends.named import Elsewhere
    from hubeval.data.backends.summed import sums_there

    begin, worked = time.perf_counter(), time.process_time()
    if what == "sums":
        groups = sums_there(protocol("auto"), Elsewhere(source=f"duckdb:{where}/*.parquet"))
        found = sum(group.sums.n for group in groups)
    elif what == "two-way large":
        from hubeval.methods.did.estimators.large import two_way_large

        found = float(two_way_large(where, outcome="y", unit="u", time="t", start="s").estimate[0])
    else:
        from hubeval.data.taken import taken
        from hubeval.methods.room import room_for

        _, table = taken(protocol(what), f"{where}/*.parquet")
        found = room_for("did").head(protocol(what), table).estimate
    took, worked, peak = time.perf_counter() - begin, time.process_time() - worked, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"what": what, "found": found, "seconds": round(took, 1), "processor": round(worked, 1), "peak_gb": round(peak, 2)}))


def main():
    units, periods = (int(text) for text in (sys.argv[1:3] if len(sys.argv) > 2 else ("1000000", "10")))
    with tempfile.TemporaryDirectory() as where:
        made(where, units, periods)
        print(f"{units * periods:,} rows, {sum(p.stat().st_size for p in Path(where).iterdir()) / 1e6:,.0f} MB of Parquet", flush=True)
        for what in sys.argv[3:] or ("sums", "two-way large", "two-way", "group-time"):
            subprocess.run([sys.executable, __file__, "--one", where, what], check=False)


if __name__ == "__main__":
    measured(*sys.argv[2:4]) if sys.argv[1:2] == ["--one"] else main()
