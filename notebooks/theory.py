# %% [markdown]
# # From "not ready yet" to a plan, and to the first evidence
#
# Suffolk's sources say that its hubs are "still developing". This notebook draws its plan, reads what 28 made-up
# sites would tell, and pre-fills the protocol of the later study. The site data are synthetic and seeded; nothing
# here is a finding about Suffolk.

# %%
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from hubeval.theory import agreement, plan_from, protocol_from, qca
from hubeval.theory.monitoring import xmr
from hubeval.theory.tracing import Evidence, update

root = next(p for p in [Path.cwd(), *Path.cwd().parents] if (p / "designs").is_dir())
plan = plan_from(root / "designs" / "suffolk" / "theory.toml", today=date(2026, 11, 22))
print(plan.standing)
for choice in plan.methods:
    print(f"{choice.method}: {choice.fits}. {choice.because[0]}")

# %% [markdown]
# ## What the theory of change still lacks

# %%
for gap in plan.gaps[:5]:
    print(f"{gap.where}: {gap.found}. {gap.cure}")

# %% [markdown]
# ## Which combinations of conditions go with reach? (synthetic sites)
#
# Reach is high where a site is settled and has one record; outreach makes up for a site that is not settled yet.

# %%
rng = np.random.default_rng(20261122)
sites = pd.DataFrame({
    "weeks_open": rng.integers(2, 90, 28).astype(float),
    "OUTREACH": rng.integers(0, 2, 28),
    "ONE_RECORD": rng.integers(0, 2, 28),
}, index=[f"site {i + 1}" for i in range(28)])
sites["SETTLED"] = qca.calibrate(sites["weeks_open"] + 0.5, anchors=[8, 26, 52])
works = np.maximum(np.minimum(sites["SETTLED"], sites["ONE_RECORD"]), np.minimum(1 - sites["SETTLED"], sites["OUTREACH"]))
sites["REACH"] = np.clip(works * 0.9 + 0.05 + rng.normal(0, 0.03, 28), 0, 1)

table = qca.truth_table(sites, outcome="REACH", conditions=["SETTLED", "OUTREACH", "ONE_RECORD"], consistency=0.8)
print(table.load.reading)
for found in qca.necessity(table):
    print("necessary:", found.expression, round(found.consistency, 2))
solution = qca.minimise(table)
print(solution)
for fit in solution.models[0].term_fits:
    print(f"  {fit.expression}: consistency {fit.consistency:.2f}, PRI {fit.pri:.2f}, coverage {fit.coverage:.2f}")
print(qca.robustness(table).reading)

# %% [markdown]
# ## One site: did the joint table shorten the wait?
#
# First the chart: did anything change? Then the account: was it the table?

# %%
wait = np.round(np.concatenate([rng.normal(31, 2, 12), rng.normal(24, 2, 8)]), 0)
chart = xmr(wait, better="lower is better", target=28, baseline=12, label="days to first help")
print(chart.figure().text)

account = update(
    [
        Evidence(label="minutes date the table before the fall", sensitivity=(0.85, 0.95), type_one=(0.3, 0.5)),
        Evidence(label="neighbouring site without a table shows no fall", sensitivity=(0.6, 0.8), type_one=(0.2, 0.4)),
        Evidence(label="two schools name the table unasked", sensitivity=(0.3, 0.5), type_one=(0.03, 0.08)),
    ],
    account="The joint table shortened the wait at this site",
)
print(account.reading)
for left_out, posterior in account.without:
    print(f"  without '{left_out}': {posterior[0]:.2f} to {posterior[1]:.2f}")

# %% [markdown]
# The days to first help, in order, with the limits that chance alone would keep.

# %%
from hubeval.files import plain
from hubeval.report.drawing import on_canvas

on_canvas(plain(chart.figure()))

# %% [markdown]
# ## Do two coders agree?

# %%
truth = rng.choice(["access", "stigma", "integration"], 40)
second = np.where(rng.random(40) < 0.85, truth, rng.choice(["access", "stigma", "integration"], 40))
print(agreement.alpha([truth.tolist(), second.tolist()]).reading)

# %% [markdown]
# ## The later protocol, pre-filled

# %%
print(protocol_from(plan.theory, today=date(2026, 11, 22))[:420])

# %% [markdown]
# ## What this does not show
#
# Whether Suffolk's hubs change anything. A plan says what would have to be seen; the sites are drawn from a seed, and a combination of
# conditions that goes with reach need not bring it about.
