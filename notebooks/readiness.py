# %% [markdown]
# # Ten areas, one of them from two sources: what a readiness check can and cannot say
#
# Every fact in these profiles is a verbatim quote from a published source. The level ranges are one coder's reading, and the
# gate levels are hubeval's judgement: the second half of this notebook shows what hangs on them.

# %%
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import matplotlib.pyplot as plt

from hubeval.profile import Fact, read_profile
from hubeval.readiness import assess, compare, diff, grid, merge, opens, sensitivity, sensitivity_text

root = next(p for p in [Path.cwd(), *Path.cwd().parents] if (p / "designs").is_dir())
today = date(2026, 11, 22)
profiles = [read_profile(path) for path in sorted((root / "designs").glob("*/profile.toml"))]
areas = [assess(profile, today=today) for profile in profiles]
print(grid(areas))

# %% [markdown]
# The same as a picture: a row an area, a column a criterion. Dark is met, grey is known and too low or in conflict, white is not known.

# %%
shade = {"met": 0.85, "not met": 0.45, "conflict": 0.45, "unknown": 0.0}
codes = [finding.criterion for finding in areas[0].findings]
cells = [[shade[finding.status] for finding in area.findings] for area in areas]
known = sum(finding.status != "unknown" for area in areas for finding in area.findings)
canvas, axes = plt.subplots(figsize=(8, 4))
axes.imshow(cells, cmap="Greys", vmin=0, vmax=1, aspect="auto")
axes.set(title=f"{known} of {len(areas) * len(codes)} levels are known", xticks=range(len(codes)), yticks=range(len(areas)))
axes.set_xticklabels(codes, rotation=90)
axes.set_yticklabels([area.area for area in areas])
axes.set_xticks([x - 0.5 for x in range(1, len(codes))], minor=True)
axes.set_yticks([y - 0.5 for y in range(1, len(areas))], minor=True)
axes.grid(which="minor", color="#999999", linewidth=0.5)
canvas.tight_layout()
canvas

# %% [markdown]
# ## Nobody is confirmed
#
# No source mentions a comparison group, a time before the start, linkage, sample size or data sharing for any area. So no
# design is open anywhere, and the gate lets nothing through.

# %%
print(Counter(design.status for area in areas for design in area.designs))
print(any(opens(area, "DiD").open for area in areas))

# %% [markdown]
# ## What one answer would change
#
# Cornwall has 23 hubs and no opening date. The roadmap says what each answer would do before it is asked.

# %%
cornwall = next(area for area in areas if area.area == "Cornwall")
first = cornwall.roadmap.find_out[0]
print(first.question, "Ask:", first.who)
for reply in first.replies:
    print(f"  {reply.means}: {reply.effect}")

# %% [markdown]
# ## A check on data overrules a claim
#
# Suppose a council claims ten years of outcomes on one definition, and the file holds two.

# %%
claim = Fact(criterion="DS2", low=4, high=4, kind="label", quote="ten years of data", source="Council", dated="2026")
found = Fact(criterion="DS2", low=2, high=2, kind="data", quote="2 periods before the start", source="panel.csv", dated="2026")
checked = assess(cornwall.profile.adding([claim, found]), today=today)
print(checked.finding("DS2").because)

# %% [markdown]
# ## Two assessors
#
# A second reader takes Leeds' "mature model" for less: a service may be called mature and be one year old.

# %%
leeds = next(profile for profile in profiles if profile.area == "Leeds")
phrase = leeds.facts[0]
second = replace(leeds, assessor="a second reader", facts=(replace(phrase, low=2), *leeds.facts[1:]))
print(compare(leeds, second))
print(assess(merge(leeds, second), today=today).route)

# %% [markdown]
# ## What hangs on judgement

# %%
print(sensitivity_text(sensitivity(profiles)))

# %% [markdown]
# ## A re-assessment
#
# The later Suffolk profile is invented: it shows what the foundations would open.

# %%
then = next(area for area in areas if area.area == "Suffolk")
now = assess(read_profile(root / "designs" / "suffolk" / "later" / "profile.toml"), today=today)
print(diff(then, now))

# %% [markdown]
# ## What this does not show
#
# Whether any area could be evaluated: only what published sources say of it, as one coder read them. That a level is not known is no sign
# that it is low, and a gate that opens is no promise that an effect will be found.
