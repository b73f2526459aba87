"""Runs the hostile corpus, or a part of it, and writes what each call did: ``python tests/hostile/run_corpus.py OUT.json [EVERY] [FROM]``.

With EVERY = 10 each tenth call is run, starting at FROM. Without the extras for Excel and Parquet there are no such files.
"""

from __future__ import annotations

import collections
import json
import logging
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from hostile_corpus import corpus, run


def main():
    every, first = (
        (int(word) for word in [*sys.argv[2:], "1", "0"][:2]) if len(sys.argv) != 3 else (int(sys.argv[2]), 0)
    )
    logging.disable(logging.WARNING)
    calls = corpus()[first::every]
    seen = []
    with Path(sys.argv[1]).open("w", encoding="utf-8", errors="backslashreplace") as out:
        for call in calls:
            (each,) = run([call])
            seen.append(each)
            print(
                json.dumps(
                    {
                        "name": each.name,
                        "argv": [w[:80] for w in call.argv],
                        "status": each.status,
                        "seconds": round(each.seconds, 2),
                        "faults": each.faults,
                        "said": each.said,
                    }
                ),
                file=out,
                flush=True,
            )
    counts = collections.Counter(fault.partition(":")[0] for each in seen for fault in each.faults)
    print(
        f"{len(seen)} calls, {sum(bool(each.faults) for each in seen)} with a fault, slowest {max(each.seconds for each in seen):.0f} s"
    )
    print(dict(counts), dict(collections.Counter(str(each.status) for each in seen)))


if __name__ == "__main__":
    main()
