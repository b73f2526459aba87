"""Where the treated stood is said of shares and logarithms, of ten units or more, and of nothing else."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from hubeval.data.levels import said_before
from hubeval.data.scales import measured
from hubeval.data.table import Table
from hubeval.protocol import DidDesign, ItsDesign, Outcome, Protocol

SHARE = Outcome(column="y", label="Y", unit="% of children")


def asked(outcome, design=None):
    return Protocol(area="A", question="?", registered=date(2026, 1, 1), outcomes=(outcome,),
                    design=design or DidDesign(unit="u", time="t", start="s"))


def table(treated, value=40.0):
    rows = [(f"P{u}", t, 2.0 if u < treated else None, value if u < treated and t < 2 else 90.0)
            for u in range(30) for t in range(4)]
    return Table(frame=pd.DataFrame(rows, columns=["u", "t", "s", "y"]))


@pytest.mark.parametrize(("outcome", "treated", "said"), [
    (SHARE, 12, "Before the start the 12 treated units stood at 40% on average."),
    (SHARE, 9, ""),
    (replace(SHARE, unit="per 10,000"), 12, ""),
    (replace(SHARE, unit="per 10,000", scale="log"), 12,
     "Before the start the 12 treated units stood at 40 per 10,000 (geometric mean)."),
    (replace(SHARE, scale="log-odds"), 12,
     "Before the start the 12 treated units stood at 40% (from the mean log-odds)."),
])
def test_it_is_said_where_a_change_must_be_read_against_it(outcome, treated, said):
    assert said_before(*measured(asked(outcome), table(treated))) == said


def test_not_of_one_series():
    assert said_before(asked(SHARE, ItsDesign(time="t", start="2")), table(12)) == ""
