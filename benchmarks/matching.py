"""What matching costs, as ratios: to one stable argsort of the scores, and to the logit alone.

    python benchmarks/matching.py [records]
    python benchmarks/matching.py --matchit [records]

With `--matchit`, nearest 1:1 without replacement on a logit beside R's MatchIt, where Rscript and MatchIt are there: each
given the same file, timed in its own process without reading it, on processor seconds, best of three.

Processor seconds of the best of three runs after one warm-up (numba compiles on the first call ever and keeps its
machine code on disk; the warm-up is not counted). Peak memory is the process's own, so run one size at a time.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from hubeval.engine.logit import logit
from hubeval.methods.matching import match
from hubeval.methods.matching.designs.nearest import pairs_on_line
from hubeval.methods.matching.designs.optimal import match_full, match_optimal
from hubeval.methods.matching.designs.sorting import ordered
from hubeval.methods.matching.door.options import ORDERS, Options, Request
from hubeval.methods.matching.door.study import Score, Study


def best(run, times=3):
    run()
    taken = []
    for _ in range(times):
        start = time.process_time()
        run()
        taken.append(time.process_time() - start)
    return min(taken)


def records(n, share, seed=1):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 10))
    drive = x[:, :5] @ [0.5, -0.4, 0.3, 0.2, -0.2] + np.log(share / (1 - share))
    frame = pd.DataFrame(x, columns=[f"x{j}" for j in range(10)])
    frame["treated"] = (rng.random(n) < 1 / (1 + np.exp(-drive))).astype(int)
    frame["block"] = rng.integers(0, 20, n)
    return frame


def study_of(frame, block):
    n = len(frame)
    x = frame.filter(like="x").to_numpy()
    codes = frame.block.to_numpy(dtype=np.int64) if block else np.zeros(n, dtype=np.int64)
    return Study(frame=frame, rows=np.arange(n), treated=frame.treated.to_numpy() == 1, covariates=(), x=x, x_names=(), terms=x,
                 term_names=(), binary=np.zeros(10, dtype=bool), block=codes, weights=None, cluster=None, cluster_name="",
                 treated_name="treated", flow=(), notes=())


def greedy(study, p, **ask):
    """From the scores to the pairs: our own sort, the order of choosing, the matching."""
    score, request, usable = Score(value=p, probability=True, made_by=""), Request(seed=1, **ask), np.ones(study.n, dtype=bool)
    return lambda: pairs_on_line(study, score, request, study.treated, usable)


def one_share(n, share):
    frame = records(n, share)
    design = np.column_stack([np.ones(n), frame.filter(like="x").to_numpy()])
    t = frame.treated.to_numpy(dtype=float)
    p = np.round(logit(t, design).probability, 13)
    for_logit = best(lambda: logit(t, design))
    for_sort = best(lambda: np.argsort(p, kind="stable"), 5)
    print(f"\n{n:,} records x 10, {share:.0%} treated: logit {for_logit:.3f} s, stable argsort {for_sort:.3f} s; ours {best(lambda: ordered(p), 5):.3f} s")
    plain, blocks = study_of(frame, block=False), study_of(frame, block=True)
    cells = {"caliper": 0.2, "exact": ("block",)}
    runs = {f"nearest, {order}": greedy(plain, p, order=order) for order in ORDERS}
    runs |= {f"nearest, caliper, {order}": greedy(plain, p, order=order, caliper=0.2) for order in ORDERS}
    runs |= {f"nearest, caliper, 20 exact blocks, {order}": greedy(blocks, p, order=order, **cells) for order in ORDERS}
    runs["nearest 3:1, caliper, closest"] = greedy(plain, p, order="closest", ratio=3, caliper=0.2)
    runs["nearest, with replacement"] = greedy(plain, p, replace=True)
    runs["nearest, closest, 5,000 distinct scores"] = greedy(plain, np.round(p * 5000) / 5000, order="closest")
    runs["nearest, closest, 500,000 distinct scores"] = greedy(plain, np.round(p * 500_000) / 500_000, order="closest")
    for name, run in runs.items():
        print(f"  {name:48s} {best(run, 5) / for_sort:6.2f} of a sort", flush=True)
    usable, covariates = np.ones(n, dtype=bool), [f"x{j}" for j in range(10)]
    score = Score(value=p, probability=True, made_by="")
    for words, name, solve in (("optimal pairs", "optimal", match_optimal), ("optimal full sets", "full", match_full)):
        taken = best(lambda solve=solve, name=name: solve(plain, score, Request(method=name), usable))
        print(f"  {words + ', sort included':48s} {taken:6.2f} s")
    whole = [("nearest", {"order": order, "seed": 1}) for order in ORDERS]
    for name, more in [*whole, ("optimal", {}), ("full", {}), ("full", {"options": Options(fewest=0.1, most=20)})]:
        taken = best(lambda more=more, name=name: match(frame, treated="treated", covariates=covariates, method=name, **more))
        words = more.get("order", "0.1 to 20" if more else "")
        print(f"  {'match(), ' + name + ' ' + words + ', logit and all':48s} {taken / for_logit:6.2f} of the logit alone ({taken:.2f} s)")


CALL = """
suppressMessages(library(MatchIt)); d <- read.csv(commandArgs(TRUE)[1]); took <- c()
for (i in 1:3) took <- c(took, sum(system.time(m <- matchit(
  treated ~ x0+x1+x2+x3+x4+x5+x6+x7+x8+x9, data = d, method = "nearest"))[1:2]))
cat(min(took), nrow(na.omit(m$match.matrix)), as.character(packageVersion("MatchIt")))
"""


def beside_matchit(n, share=0.2):
    """Ours and MatchIt's on the same records, default options of both, the logit included."""
    if not shutil.which("Rscript"):
        raise SystemExit("Rscript is not there; nothing was compared.")
    frame = records(n, share)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.csv"
        frame.to_csv(path, index=False)
        made = subprocess.run(["Rscript", "-e", CALL, str(path)], capture_output=True, text=True, check=True)
    theirs, pairs, version = made.stdout.split()
    covariates = [f"x{j}" for j in range(10)]
    ours = best(lambda: match(frame, treated="treated", covariates=covariates))
    found = len(match(frame, treated="treated", covariates=covariates).pairs)
    print(f"nearest 1:1 without replacement, {n:,} records x 10, {share:.0%} treated: MatchIt {version} {float(theirs):.2f} s "
          f"({pairs} pairs), ours {ours:.3f} s ({found} pairs): {float(theirs) / ours:.0f} times")


def main(n):
    for share in (0.1, 0.4):
        one_share(n, share)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\npeak memory {peak:.2f} GB")


if __name__ == "__main__":
    words = [word.replace(",", "").replace("_", "") for word in sys.argv[1:]]
    sizes = [int(word) for word in words if word != "--matchit"]
    if "--matchit" in words:
        beside_matchit(sizes[0] if sizes else 100_000)
    else:
        main(sizes[0] if sizes else 1_000_000)
