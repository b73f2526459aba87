"""Power of 150 units × 40 periods, each drawn panel given to the headline's own inference.

Run: ``python benchmarks/power.py``. Processor seconds, one thread.
"""

from __future__ import annotations

import time
from datetime import date

from hubeval.detectable import Settings, power
from hubeval.protocol import DidDesign, Outcome, Protocol
from hubeval.synthetic import staggered_panel

UNITS, PERIODS = 150, 40


def protocol(inference: str, estimator: str) -> Protocol:
    return Protocol(
        area="Benchmark", question="How fast?", registered=date(2026, 11, 22),
        outcomes=(Outcome(column="referrals_per_10k", label="Referrals", unit="per 10,000", smallest_worthwhile=3),),
        design=DidDesign(unit="area", time="quarter", start="hub_opened", estimator=estimator, inference=inference),
    )


def main() -> None:
    made = staggered_panel(n_areas=UNITS, n_treated=30, n_quarters=PERIODS, waves=(20, 24, 28)).frame
    made["referrals_per_10k"] = made["referrals_per_10k"].replace("c", "20")
    for estimator, inference in (("two-way", "permutation"), ("two-way", "cr2"), ("group-time", "auto")):
        begin = time.process_time()
        found = power(protocol(inference, estimator), made, settings=Settings(curve_draws=0))
        print(f"{estimator:>10}, {inference:>11}: {time.process_time() - begin:6.2f} s; {found.draws} draws; "
              f"smallest detectable {found.smallest_detectable:.2f}", flush=True)


if __name__ == "__main__":
    main()
