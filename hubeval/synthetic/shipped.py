"""The data sets that ship in `synthetic_data/`, as text: remade from their seeds and compared in CI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.folders import slugs
from hubeval.synthetic.councils import EFFECT, fourteen_councils
from hubeval.synthetic.cutoff import CUTOFF, neighbourhoods
from hubeval.synthetic.dose import hubs_everywhere
from hubeval.synthetic.families import families
from hubeval.synthetic.its import hub_series
from hubeval.synthetic.panel import staggered_panel
from hubeval.synthetic.rollout import site_history
from hubeval.synthetic.survey import repeated_survey
from hubeval.synthetic.synth import donor_panel

if TYPE_CHECKING:
    from collections.abc import Callable

    Files = dict[str, str]


def _essex_style() -> Files:
    made = staggered_panel(n_areas=60, n_treated=21, effect=-9.0, children=(3_000, 160_000))
    truth = made.truth
    path = ", ".join(f"{value:g}" for value in truth.by_event_time)
    return {
        "panel.csv": made.frame.to_csv(index=False, lineterminator="\n"),
        "truth.toml": (
            "# What is true in panel.csv, known because it was made by hubeval.synthetic.staggered_panel.\n"
            "# No area in it is real.\n"
            f'generator = "staggered_panel"\nseed = {truth.seed}\n\n'
            "[referrals_per_10k]\n"
            f'unit = "{truth.unit}"\n'
            f"att = {truth.att:.10g}          # mean true effect over the treated area-quarters in the file\n"
            f"by_quarters_since_opening = [{path}]\n\n"
            "[plans_per_10k]\n"
            f"att = {0.25 * truth.att:.10g}          # a quarter of the referral effect\n\n"
            "[dental_per_10k]\natt = 0.0          # hubs do nothing to it\n\n"
            "[also_in_the_data]\n"
            'shock = "2020Q2 to 2020Q3, shared by every area"\n'
            'recording_break = "from 2019Q2, shared by every area"\n'
            'suppressed = "counts below 5 and their rates are written c"\n'
        ),
    }


def _one_authority() -> Files:
    made = staggered_panel(n_areas=151, n_treated=1, n_quarters=24, waves=(12,), effect=-9.0, children=(8_000, 160_000))
    truth = made.truth
    path = ", ".join(f"{value:g}" for value in truth.by_event_time)
    return {
        "panel.csv": made.frame.to_csv(index=False, lineterminator="\n"),
        "truth.toml": (
            "# What is true in panel.csv, known because it was made by hubeval.synthetic.staggered_panel.\n"
            "# No authority in it is real.\n"
            f'generator = "staggered_panel"\nseed = {truth.seed}\n\n'
            "[referrals_per_10k]\n"
            f'unit = "{truth.unit}"\n'
            f"att = {truth.att:.10g}          # mean true effect from the opening to the end of the file\n"
            f"by_quarters_since_opening = [{path}]\n\n"
            "[plans_per_10k]\n"
            f"att = {0.25 * truth.att:.10g}          # a quarter of the referral effect\n\n"
            "[dental_per_10k]\natt = 0.0          # hubs do nothing to it\n\n"
            "[also_in_the_data]\n"
            'recording_break = "from 2019Q2, shared by every authority"\n'
            'suppressed = "counts below 5 and their rates are written c"\n'
        ),
    }


def _single_authority() -> Files:
    made = donor_panel()
    truth = made.truth
    path = ", ".join(f"{value:.10g}" for value in truth.by_period)
    return {
        "panel.csv": made.frame.to_csv(index=False, lineterminator="\n"),
        "truth.toml": (
            "# What is true in panel.csv, known because it was made by hubeval.synthetic.synth.donor_panel.\n"
            "# No authority in it is real.\n"
            f'generator = "donor_panel"\nseed = {truth.seed}\ntreated = "{truth.treated}"\nstart = "{truth.start}"\n\n'
            "[referrals_per_10k]\n"
            'unit = "referrals per 10,000 children a quarter"\n'
            f"att = {truth.att:.10g}          # mean true effect from the start on\n"
            f"by_quarter_from_start = [{path}]\n\n"
            "[dental_per_10k]\natt = 0.0          # hubs do nothing to it\n"
        ),
    }


def _hub_series() -> Files:
    made = hub_series()
    truth = made.truth
    return {
        "series.csv": made.frame.to_csv(index=False, lineterminator="\n"),
        "truth.toml": (
            "# What is true in series.csv, known because it was made by hubeval.synthetic.its.hub_series.\n"
            "# No area in it is real.\n"
            f'generator = "hub_series"\nseed = {truth.seed}\ntreated = "{truth.treated}"\nstart = "{truth.start}"\n\n'
            "[contacts]\n"
            f"ratio = {truth.ratio:g}          # counts over what they would have been, every month from the start on\n"
            f"averted = {truth.averted:.10g}\n"
            f"shared_change = {truth.shared:g}          # every area changed by this ratio in the same month\n\n"
            "[dental]\nratio = 1.0          # hubs do nothing to it\n"
        ),
    }


def _families_style() -> Files:
    made = families()
    truth = made.truth
    return {
        "families.csv": made.frame.to_csv(index=False, lineterminator="\n"),
        "truth.toml": (
            "# What is true in families.csv, known because it was made by hubeval.synthetic.families.families.\n"
            "# No family in it is real.\n"
            f'generator = "families"\nseed = {truth.seed}\n\n'
            "[need_score]\n"
            f"att = {truth.att_need:.10g}          # mean true effect over the families who came to a hub\n"
            f"raw_difference = {truth.raw_need:.10g}          # what a plain comparison shows: those in need come\n\n"
            "[referred]\n"
            f"att = {truth.att_referral:.10g}          # change in the chance of a referral\n\n"
            "[library_visits]\natt = 0.0          # hubs do nothing to it\n"
        ),
    }


def _repeated_survey() -> Files:
    made = repeated_survey()
    truth = made.truth
    path = ", ".join(f"{value:g}" for value in truth.by_years_since_opening)
    return {
        "survey.csv": made.frame.to_csv(index=False, lineterminator="\n"),
        "truth.toml": (
            "# What is true in survey.csv, known because it was made by hubeval.synthetic.survey.repeated_survey.\n"
            "# No person or area in it is real.\n"
            f'generator = "repeated_survey"\nseed = {truth.seed}\n\n'
            "[stress]\n"
            f"att = {truth.att_stress:.10g}          # mean true effect over answers in hub areas from the opening on\n"
            f"by_years_since_opening = [{path}]\n\n"
            f"[isolation]\natt = {truth.att_isolation:.10g}\n\n"
            "[library_visits]\natt = 0.0          # hubs do nothing to it\n"
        ),
    }


def _councils() -> Files:
    made = fourteen_councils()
    data = {
        f"{slug}.csv": frame.to_csv(index=False, lineterminator="\n")
        for slug, frame in zip(slugs(list(made)), made.values(), strict=True)
    }
    truth = (
        "# What is true in every file, known because hubeval.synthetic.councils made it.\n"
        "# No family and no council is real.\n"
        f'generator = "fourteen_councils"\n\n[stress]\natt = {EFFECT:g}          # from the opening on\n\n'
        "[gp_contacts]\natt = 0.0          # hubs do nothing to it\n"
    )
    return {**data, "truth.toml": truth}


def _cut_off() -> Files:
    made = neighbourhoods()
    truth = made.truth
    return {
        "areas.csv": made.frame.to_csv(index=False, lineterminator="\n"),
        "truth.toml": (
            "# What is true in areas.csv, known because it was made by hubeval.synthetic.cutoff.neighbourhoods.\n"
            "# No place in it is real.\n"
            f'generator = "neighbourhoods"\nseed = {truth.seed}\ncutoff = {CUTOFF:g}\n\n'
            "[ready]\n"
            f"at_cutoff = {truth.ready:g}          # percentage points\n"
            f"raw_difference = {truth.raw:.10g}          # what a plain comparison shows: it went to the poorest\n\n"
            f"[absence]\nat_cutoff = {truth.absence:g}\n\n"
            "[dental]\nat_cutoff = 0.0          # hubs do nothing to it\n"
        ),
    }


def _rollout_style() -> Files:
    return {"history.csv": site_history().to_csv(index=False, lineterminator="\n")}


def _dose_style() -> Files:
    made = hubs_everywhere()
    return {
        "panel.csv": made.frame.to_csv(index=False, lineterminator="\n"),
        "truth.toml": (
            "# What is true in panel.csv, known because it was made by hubeval.synthetic.dose.hubs_everywhere.\n"
            "# No authority in it is real.\n"
            f'generator = "hubs_everywhere"\nseed = {made.truth.seed}\n\n'
            "[referrals_per_10k]\n"
            f"per_hub = {made.truth.per_hub:.10g}          # per hub per 1,000 under-fives, weighted by dose\n\n"
            "[dental_per_10k]\nper_hub = 0.0          # hubs do nothing to it\n"
        ),
    }


SHIPPED: dict[str, Callable[[], Files]] = {
    "essex-style": _essex_style,
    "families-style": _families_style,
    "one-authority": _one_authority,
    "repeated-survey": _repeated_survey,
    "single-authority": _single_authority,
    "hub-series": _hub_series,
    "councils": _councils,
    "cut-off-style": _cut_off,
    "rollout-style": _rollout_style,
    "dose-style": _dose_style,
}
