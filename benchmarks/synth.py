"""Synthetic control with every placebo, against Python peers: prints processor times and ratios, all from one run.

    python benchmarks/synth.py

Peers are timed where they are installed (pysyncon, scpi_pkg, mlsynth); those that fit one unit at a time are timed on
one unit and multiplied by the number of units, which is said. `--peers PYTHON` times them with another interpreter,
for peers that need older pandas.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402 - the thread counts come first

DONORS, PERIODS, PRE = 150, 60, 48


def panel():
    rng = np.random.default_rng(20261122)
    factors = rng.normal(size=(PERIODS, 4)).cumsum(axis=0)
    return 50 + factors @ rng.normal(size=(4, DONORS + 1)) + rng.normal(size=(PERIODS, DONORS + 1))


def best(function, times):
    """Least processor seconds of some runs, after one that does not count."""
    function()
    found = []
    for _ in range(times):
        began = time.process_time()
        function()
        found.append(time.process_time() - began)
    return min(found)


def ours():
    from hubeval.engine.simplex import simplex_fits
    from hubeval.methods.synth.checks.placebo_starts import in_time
    from hubeval.methods.synth.door.panel import Panel
    from hubeval.methods.synth.fits.control import control_of
    from hubeval.methods.synth.fits.synthetic_did import synthetic_did_of

    y = panel()
    everyone = ~np.eye(DONORS + 1, dtype=bool)
    made = Panel(y=y, units=tuple(range(DONORS + 1)), times=tuple(range(PERIODS)), treated=(0,), t0=PRE, x=y[:0])
    fits = simplex_fits(y[:PRE], y[:PRE], everyone)
    assert fits.certified
    assert fits.relative_gap.max() <= 1e-9
    return {
        "one fit": best(lambda: simplex_fits(y[:PRE], y[:PRE, :1], everyone[:1]), 20),
        "weights of all 151 placebos": best(lambda: simplex_fits(y[:PRE], y[:PRE], everyone), 10),
        "weights of all 151 placebos, 120 periods": best(lambda: simplex_fits(np.vstack([y, y[::-1]]), np.vstack([y, y[::-1]]), everyone), 5),
        "control() from a panel: fit, placebos, ranks": best(lambda: control_of(made), 10),
        "estimates with intervals by inversion": best(lambda: control_of(made).estimates(), 5),
        "24 placebo starts, each with its rank among 151": best(lambda: in_time(made), 3),
        "synthetic DiD with all 150 placebos": best(lambda: synthetic_did_of(made), 1),
        "objective": float(fits.objective[0]),
    }


def peer_pysyncon(y):
    from pysyncon import Synth

    z0, z1 = y[:PRE, 1:], y[:PRE, 0]
    method = Synth()
    seconds = best(lambda: method.w_optimize(V_mat=np.eye(PRE), X0=z0, X1=z1), 1)
    w = method.w_optimize(V_mat=np.eye(PRE), X0=z0, X1=z1)[0]
    return seconds, float(((z1 - z0 @ w) ** 2).sum())


def peer_scpi(y):
    import pandas as pd
    from scpi_pkg.scdata import scdata
    from scpi_pkg.scest import scest

    units = [f"u{i:03d}" for i in range(DONORS + 1)]
    frame = pd.DataFrame({"id": np.repeat(units, PERIODS), "t": np.tile(np.arange(PERIODS), DONORS + 1), "y": y.T.ravel()})
    data = scdata(df=frame, id_var="id", time_var="t", outcome_var="y", period_pre=np.arange(PRE),
                  period_post=np.arange(PRE, PERIODS), unit_tr=units[0], unit_co=units[1:])
    seconds = best(lambda: scest(data, w_constr={"name": "simplex"}), 1)
    w = np.asarray(scest(data, w_constr={"name": "simplex"}).w).ravel()
    return seconds, float(((y[:PRE, 0] - y[:PRE, 1:] @ w) ** 2).sum())


def peer_mlsynth(y):
    import pandas as pd
    from mlsynth import VanillaSC

    units = [f"u{i:03d}" for i in range(DONORS + 1)]
    frame = pd.DataFrame({"id": np.repeat(units, PERIODS), "t": np.tile(np.arange(PERIODS), DONORS + 1), "y": y.T.ravel()})
    frame["d"] = ((frame["id"] == units[0]) & (frame["t"] >= PRE)).astype(int)
    asked = {"df": frame, "outcome": "y", "treat": "d", "unitid": "id", "time": "t", "display_graphs": False, "inference": "placebo"}
    began = time.process_time()
    VanillaSC(asked).fit()
    return time.process_time() - began, None


PEERS = {
    "pysyncon w_optimize": (peer_pysyncon, DONORS + 1),
    "scpi_pkg scest": (peer_scpi, DONORS + 1),
    "mlsynth VanillaSC with its placebos": (peer_mlsynth, 1),
}


def peers():
    found = {}
    for name, (function, times) in PEERS.items():
        try:
            seconds, objective = function(panel())
            found[name] = {"seconds": seconds, "times": times, "objective": objective}
        except Exception as error:  # noqa: BLE001 - a peer that is absent or fails is reported, not fatal
            found[name] = {"failed": f"{type(error).__name__}: {str(error)[:90]}"}
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", default=sys.executable, help="Python that has the peers installed")
    parser.add_argument("--as-peer", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.as_peer:
        print("\n" + json.dumps(peers()))
        return
    mine = ours()
    objective = mine.pop("objective")
    print(f"{DONORS} donors x {PERIODS} periods, {PRE} before the start; processor milliseconds, one thread")
    for name, seconds in mine.items():
        print(f"  {name:<52} {1000 * seconds:10.2f}")
    done = subprocess.run([options.peers, str(Path(__file__).resolve()), "--as-peer"], capture_output=True, text=True, check=True)
    whole = mine["weights of all 151 placebos"]
    print(f"peers (one fit x {DONORS + 1} where marked *), ratio to all {DONORS + 1} placebos here; objective here {objective:.6f}")
    for name, found in json.loads(done.stdout.strip().splitlines()[-1]).items():
        if "failed" in found:
            print(f"  {name:<52} {found['failed']}")
            continue
        total = found["seconds"] * found["times"]
        reached = "" if found["objective"] is None else f"  objective {found['objective']:.6f}"
        print(f"  {name + ('*' if found['times'] > 1 else ''):<52} {1000 * total:10.0f}  {total / whole:8.0f}x{reached}")


if __name__ == "__main__":
    main()
