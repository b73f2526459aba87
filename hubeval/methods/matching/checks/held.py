"""How often 95% intervals of the doubly robust estimate held the truth in made-up records, for all that quote it.

`tests/recovery/matching/missed.py` draws them, and a test holds these to its file.
"""

from __future__ import annotations

SMOOTH = (0.939, 0.958)  # curves and products of two things, 1,000 records: the fewest and the most of its kinds
ROUGH = {1_000: (0.80, 0.95), 4_000: (0.667, 0.875)}  # steps and products of three, by records: error alone, as given

WIDER = (
    "The interval is wider for it. In made-up worlds of this kind with a continuous outcome, 95% intervals so widened "
    f"held the truth in {ROUGH[1_000][1]:.0%} of samples of 1,000 records and {ROUGH[4_000][1]:.0%} of 4,000; as the "
    f"error alone gives them, in {ROUGH[1_000][0]:.0%} and {ROUGH[4_000][0]:.0%}."
)
LEARNED = (
    "The interval allows for chance, and for what the learners miss as far as that can be seen. Of 95% intervals on "
    f"1,000 made-up records, {SMOOTH[0]:.0%} to {SMOOTH[1]:.0%} held the truth where curves and products of two things "
    f"were to be learned; where it was steps and products of three, {ROUGH[1_000][1]:.0%} did, and "
    f"{ROUGH[4_000][1]:.0%} of those on 4,000."
)
