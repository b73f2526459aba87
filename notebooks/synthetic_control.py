# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # One authority against many: synthetic control with a known truth
#
# Hubcaster opened hubs in 2019Q1; 39 authorities never did. Nothing here is real: the data are made from a seed, so the
# effect is known, and we can see what each method makes of it.

# %%
import tomllib
from pathlib import Path

import pandas as pd

from hubeval.methods import synth

here = Path(__file__).resolve().parent if "__file__" in globals() else Path.cwd()
data = here.parent / "synthetic_data" / "single-authority"
frame = pd.read_csv(data / "panel.csv")
truth = tomllib.loads((data / "truth.toml").read_text())["referrals_per_10k"]["att"]
names = {"outcome": "referrals_per_10k", "unit": "authority", "time": "quarter", "treated": "Hubcaster", "start": "2019Q1"}
print(f"true mean effect: {truth:.2f}")

# %% [markdown]
# ## Before the result: what could this show at best?
# Forty units can give no p-value below 1/40. Thirty-nine donors for 28 quarters can fit noise as well as signal: a warning, not
# a bar. Fewer than 19 donors could show nothing at the 5% level.

# %%
fit = synth.control(frame, **names)
print("smallest p:", fit.placebos().smallest_p)
print("fit before the start (RMSPE):", round(fit.pre_rmspe, 3), "; placebo fits as good:", f"{fit.placebos().fit_share:.0%}")
print("certificate (relative duality gap):", fit.relative_gap)
print(fit.weights[fit.weights > 0.01].round(3))

# %% [markdown]
# The path of the treated authority beside its synthetic one: close before the start, apart after it.

# %%
fit.plot()

# %% [markdown]
# ## The estimate, by four routes

# %%
routes = {
    "synthetic control, placebo": fit,
    "synthetic control, conformal": synth.control(frame, **names, inference="conformal"),
    "augmented": synth.augmented(frame, **names),
    "synthetic difference-in-differences": synth.synthetic_did(frame, **names),
}
shown = pd.concat({name: made.to_frame().head(1) for name, made in routes.items()}).droplevel(1)
print(shown[["estimate", "conf_low", "conf_high", "p_value"]].round(3))

# %% [markdown]
# All four hold the truth, with very different widths. The conformal interval for a *constant* effect over twelve quarters is wide because
# the weights, fitted on all periods, absorb part of any effect proposed.

# %% [markdown]
# ## Try to break it: other starts, other donors, an outcome that should not move

# %%
print(fit.in_time().tail(6).round(3))
print(fit.leave_one_out().round(2))
dental = synth.control(frame, **{**names, "outcome": "dental_per_10k"})
print("dental check-ups:", dental.to_frame().loc[0, ["estimate", "conf_low", "conf_high", "p_value"]].round(3).to_dict())

# %% [markdown]
# ## What a perfect fit hides
# Keep only three quarters before the start and the 39 donors reproduce them exactly. The ratio means nothing, and is not computed.

# %%
short = synth.control(frame[frame["quarter"] >= "2018Q2"], **names)
for item in short.not_computed():
    print(f"{item.what}: {item.reason}")

# %% [markdown]
# ## What this does not show
#
# What hubs do: the areas are made up. In real ones, a mean over few donors says nothing of an area unlike them all, and the p-value can be no
# smaller than one in the number of areas.
