# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # What an effect is worth, no more surely than its cause is known
#
# One evaluation of made-up areas, one file of made-up prices. Nothing here is a finding, and no pound here is real: it shows
# the working. `docs/value.md` says what each number means.

# %%
from dataclasses import replace
from datetime import date
from pathlib import Path

import matplotlib.pyplot as plt

from hubeval import evaluate, read_protocol
from hubeval.economics import read_value, value
from hubeval.economics.pictures import pictures
from hubeval.economics.words import headline, lines, pounds
from hubeval.release import release

root = next(p for p in [Path.cwd(), *Path.cwd().parents] if (p / "designs").is_dir())
folder = root / "designs" / "essex-style"
result = release(evaluate(read_protocol(folder / "protocol.toml"), today=date(2026, 11, 28)))[0].content
case = read_value(folder / "value.toml")
answer = value(case, result)
print(headline(answer))

# %% [markdown]
# ## How far the cause can be relied on decides what may be said

# %%
print(answer.grade.letter)
for reason in answer.grade.reasons:
    print("-", reason)
print(answer.net.breakdown.reading)

# %% [markdown]
# ## What moves it, and what knowing more is worth

# %%
for row in answer.net.what_ifs[:5]:
    print(f"{row.figure}: net {pounds(row.net_low)} to {pounds(row.net_high)}, zero at {row.switches_at}")
print("knowing everything:", pounds(answer.net.information))
for left, worth in answer.net.information_if.items():
    print(f"a study that leaves {left:.0%} of the error: {pounds(worth)}")

# %% [markdown]
# The draws: each a possible world, with its number and its costs.

# %%
plane = next(figure for figure in pictures(answer) if figure.name == "plane")
canvas, axes = plt.subplots(figsize=(7, 4))
axes.scatter(plane.series[0].x, plane.series[0].y, s=6, color="#333333")
axes.set(title=plane.title, xlabel=plane.x_label, ylabel=plane.y_label)
print(plane.text)
canvas

# %% [markdown]
# How likely it is to be worth its money, by what one more is held to be worth.

# %%
curve = next(figure for figure in pictures(answer) if figure.name == "acceptability")
canvas, axes = plt.subplots(figsize=(7, 4))
for series, dashes in zip(curve.series, ("-", "--", ":", "-."), strict=False):
    axes.plot(series.x, series.y, dashes, color="#333333", label=series.label)
axes.set(title=curve.title, xlabel=curve.x_label, ylabel=curve.y_label)
axes.legend()
print(curve.text)
canvas

# %% [markdown]
# ## The same effect, had the gate been shut
#
# Not one number of it changes, and none of it may be priced.

# %%
shut = {**result, "provenance": {**result["provenance"], "despite": "shown here only"}}
closed = value(case, shut)
assert closed.net is None
print(headline(closed))

# %% [markdown]
# ## All that was found beside the costs, priced or not

# %%
print("\n".join(line for line in lines(answer) if "priced" in line))

# %% [markdown]
# ## By whose pounds?

# %%
council = value(replace(case, perspective="council"), result)
print("council alone:", headline(council))

# %% [markdown]
# ## What this does not show
#
# That hubs are worth their money: areas, effects and prices are made up. Where prices are real, it still counts only what has a price, and
# no more surely than the evaluation behind it.
