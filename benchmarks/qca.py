"""Processor time of hubeval's QCA against R QCA for the same content, on the seeded reference sets.

Run: python benchmarks/qca.py [--sets 60]. R with the package QCA is used where it is found (set R_LIBS to its
library); otherwise only hubeval's own time is printed. Times are processor seconds inside each process, without
start-up; both sides build the truth table and the conservative and parsimonious solutions with fit, and hubeval
also works out contradictory assumptions each time.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pandas as pd

from hubeval.errors import BadInput
from hubeval.theory import qca

SETS = Path(__file__).resolve().parent.parent / "tests" / "reference" / "theory" / "qca_seeded540.json"
R_CODE = """
suppressMessages({library(admisc); library(QCA)})
cfg <- read.csv("cfg.csv", colClasses=c("integer","numeric","integer"))
data <- lapply(cfg$id, function(i) read.csv(paste0(i, ".csv")))
started <- sum(proc.time()[1:2])
for (r in seq_len(nrow(cfg))) { d <- data[[r]]; k <- ncol(d) - 1
  tt <- tryCatch(truthTable(d, outcome="Y", conditions=names(d)[1:k], incl.cut=cfg$incl[r], n.cut=cfg$n[r],
                            complete=TRUE, show.cases=TRUE), error=function(e) NULL)
  if (!is.null(tt)) { tryCatch(minimize(tt, details=TRUE), error=function(e) NULL)
    tryCatch(minimize(tt, include="?", details=TRUE), error=function(e) NULL) } }
cat("CPU", sum(proc.time()[1:2]) - started, "\\n")
"""


def cases(count):
    """Sets that both programs build, as frames with their cuts."""
    for case in json.loads(SETS.read_text(encoding="utf-8"))["sets"]:
        if count and "refused" not in case and case["id"] != 177:
            rows = [[float(v) for v in line.split()] for line in case["data"].split(";")]
            yield case, pd.DataFrame(rows, columns=[*case["conditions"], "Y"])
            count -= 1


def ours(given):
    started = time.process_time()
    for case, frame in given:
        table = qca.truth_table(frame, outcome="Y", conditions=list(case["conditions"]),
                                consistency=case["consistency"], frequency=case["frequency"])
        for solution in ("conservative", "parsimonious"):
            try:
                qca.minimise(table, solution=solution)
            except BadInput:
                continue
    return time.process_time() - started


def theirs(given):
    """R's processor time for the same, or None where R QCA is not there."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        with (where / "cfg.csv").open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["id", "incl", "n"])
            for case, frame in given:
                writer.writerow([case["id"], case["consistency"], case["frequency"]])
                frame.to_csv(where / f"{case['id']}.csv", index=False)
        (where / "run.R").write_text(R_CODE)
        done = subprocess.run(["Rscript", "run.R"], cwd=where, capture_output=True, text=True, check=False)
    line = next((line for line in done.stdout.splitlines() if line.startswith("CPU")), "")
    return float(line.split()[1]) if line else None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=60)
    given = list(cases(parser.parse_args().sets))
    ours(given[:3])
    mine, other = ours(given), theirs(given)
    print(f"hubeval: {1000 * mine / len(given):.2f} ms a data set ({len(given)} sets, truth table and two solutions)")
    if other is None:
        print("R QCA was not found; set R_LIBS to the library that holds it.")
    else:
        print(f"R QCA:   {1000 * other / len(given):.2f} ms a data set; hubeval uses {other / mine:.0f} times less processor time")


if __name__ == "__main__":
    main()
