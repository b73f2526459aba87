# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # One staggered roll-out, every estimator: castle-doctrine laws
#
# Between 2005 and 2009, 21 American states widened the right to use lethal force in self-defence (Cheng & Hoekstra
# 2013). The data ship with the PyPI package `causaldata`; nobody here made them. States changed in waves, as hubs do,
# so every question about a staggered roll-out can be put to them.

# %%
import causaldata
import pandas as pd

from hubeval.methods import did

raw = causaldata.castle.load_pandas().data
first = raw[raw["post"] > 0].groupby("sid")["year"].min() - 1  # `post` marks full years; the law came the year before
frame = pd.DataFrame({"state": raw["sid"], "year": raw["year"], "start": raw["sid"].map(first), "homicide": raw["l_homicide"]})
names = {"outcome": "homicide", "unit": "state", "time": "year", "start": "start"}
print(frame.groupby("start")["state"].nunique().to_dict(), "and", int(frame.loc[frame["start"].isna(), "state"].nunique()), "never")

# %% [markdown]
# ## What the usual regression compares
# The two-way fixed-effects number is .082 log points. Nine tenths of it compare states that changed with states that
# never did; 3% compare later states with states already treated. No weight on any wave's effect is negative here, and the
# number would fit a true average of zero only if effects differed between waves and years by the spread printed last.

# %%
parts = did.decompose(frame, **names)
print(round(parts.two_way, 4), "forbidden:", round(parts.forbidden, 3), "negative:", parts.negative, "spread:", round(parts.fragile_at, 3))
print(parts.summary().round(4).to_string(index=False))

# %% [markdown]
# ## The family
# Group-time effects, Sun-Abraham, extended two-way, imputation, two-stage and stacked differ in which periods and which
# comparison they use. They should agree if parallel trends hold throughout; where they do not, that is a finding.

# %%
simple = {
    "Sun-Abraham": did.sun_abraham(frame, **names).aggregate("simple"),
    "extended": did.extended(frame, **names).aggregate("simple"),
    "imputation": did.imputation(frame, **names).aggregate("simple"),
    "two-stage": did.two_stage(frame, **names),
    "stacked, -3 to 1": did.stacked(frame, **names, window=(-3, 1)).overall,
}
table = pd.concat({name: found.to_frame() for name, found in simple.items()}).droplevel(1)
print(table[["estimate", "std_error", "p_value"]].round(4).to_string())
for name, found in simple.items():
    for missing in found.not_computed:
        print(f"{name}: {missing.what}: {missing.reason}")

# %% [markdown]
# Florida was alone in 2005, and one state alone in 2009. They have effects, but one state cannot show how much it varies by
# itself, so clustered errors that rest on it are not given. Without the two there are errors; and imputation can take
# effects about the mean of all waves.

# %%
rest = frame[~frame["start"].isin([2005, 2009])]
print(did.imputation(frame, **names, pool="event").aggregate("simple").to_frame().round(4).to_string(index=False))
print(did.sun_abraham(rest, **names).aggregate("simple").to_frame().round(4).to_string(index=False))

# %% [markdown]
# ## Before the start, and how much that says
# Two-way event study: the joint test, the trend it would have found four times in five, and the bounds.

# %%
study = did.sun_abraham(rest, **names).aggregate("event")
print(study.to_frame(bands="uniform").round(3).to_string(index=False))
near = did.stacked(rest, **names, window=(-4, 1))
power = did.pretrends(near, test="joint")
print(power.to_frame().round(4).to_string(index=False), "\nbias of the first:", round(power.bias, 4))
bounds = did.honest(near)
print(bounds.to_frame().round(3).to_string(index=False), "\nbreakdown:", round(bounds.breakdown, 2))

# %% [markdown]
# The effect by time since the law, by one member of the family.

# %%
study.plot()

# %% [markdown]
# The effect in the first two years keeps its sign only while trends part by less than 0.4 times the largest change already
# seen before the laws. The pre-trend test was passed, yet a trend it would have missed half the time puts half of the
# effect there by itself. Those are the sentences to write beside the number.

# %% [markdown]
# ## What this does not show
#
# Whether the laws did it: every member of the family rests on the same parallel trends. That they agree is no further evidence for those.
