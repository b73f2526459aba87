# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # Castle doctrine: one real panel, read every way
#
# Between 2005 and 2009, 21 American states widened the right to lethal self-defence. Did homicides change (Cheng & Hoekstra
# 2013)? The data ship with the PyPI package `causaldata`. Nothing here is about hubs; everything is about reading a staggered
# roll-out.

# %%
import pandas as pd
from causaldata import castle

from hubeval.methods import did

data = castle.load_pandas().data[["sid", "year", "post", "l_homicide"]]
# `post` marks full years under the law; it took effect during the year before
law = data[data["post"] > 0].groupby("sid")["year"].min() - 1
frame = data.assign(start=data["sid"].map(law)).rename(columns={"l_homicide": "log_homicide"})
names = {"outcome": "log_homicide", "unit": "sid", "time": "year", "start": "start"}
print(frame.groupby("start", dropna=False)["sid"].nunique())

# %% [markdown]
# ## The number most tools give
# Two-way fixed effects. The inference is chosen by the room's rule, and said.

# %%
two_way = did.two_way(frame, **names)
print(two_way.to_frame().round(4).to_string())
print(two_way.reading.words)

# %% [markdown]
# ## What that number is made of
# Each 2x2 comparison and its weight. Comparisons with states already treated are the doubtful ones.

# %%
parts = did.decompose(frame, **names)
print(f"two-way {parts.two_way:.4f}; weight on comparisons with states already treated: {parts.forbidden:.1%}")

# %% [markdown]
# ## Effects by cohort and year
# One state changed its law in 2005: a cohort of one has an effect but no error of its own.

# %%
cells = did.group_time(frame, **names)
print(cells.to_frame().query("time >= group").round(3).to_string())

# %%
events = cells.aggregate("event")
print(events.to_frame(bands="uniform").round(3).to_string())

# %% [markdown]
# The effect by time since the law. Before it the points should lie about zero.

# %%
events.plot()

# %% [markdown]
# ## Other estimators, the same question
# They should agree if the answer does not hang on how cohorts and periods are weighted.

# %%
rows = [
    ("two-way", two_way.estimate[0]),
    ("group-time, simple", cells.aggregate("simple").overall),
    ("group-time, not-yet treated", did.group_time(frame, **names, control="not-yet").aggregate("simple").overall),
    ("imputation", did.imputation(frame, **names).aggregate("simple").estimate[0]),
    ("Sun-Abraham", did.sun_abraham(frame, **names).aggregate("simple").estimate[0]),
]
print(pd.DataFrame(rows, columns=["estimator", "estimate"]).round(4).to_string(index=False))

# %% [markdown]
# ## Before the laws
# A joint test by permuted starts, and then what it could have missed.

# %%
study = did.event_study(frame, **names, window=(-5, 4))
print(did.pretrend(study).reading)
power = did.pretrends(study, test="joint")
print(f"difference in trend found 80% of the time: {power.slopes[-1]:.3f} log points a year")

# %%
bounds = did.honest(study)
print(bounds.to_frame().round(3).to_string())
print(f"zero can no longer be ruled out from {bounds.breakdown:.2f} times the largest earlier change")

# %% [markdown]
# ## What to say
# Homicides rose by 8 to 11 log points, whichever estimator; the interval by a small-sample error holds zero, the group-time one by its plain
# error does not, and two cohorts are single states. A departure from parallel trends far smaller than what was seen before the laws is enough
# to overturn it. Dated a year later, as the column `post` suggests, group-time effects fall to 2: the date of a start is an assumption too.

# %% [markdown]
# ## What this does not show
#
# That the laws caused the rise: nothing here rules out that states which passed them were on another path. Nor what such a law would do
# elsewhere, or in a state that has none.
