"""No estimator of this room models a caution: each refuses it by its name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubeval.errors import BadInput
from hubeval.methods.did import adoption, continuous, exposed
from hubeval.methods.did.room import _check as checked_here
from hubeval.protocol import read_protocol
from tests.conftest import ROOT

PROTOCOL = read_protocol(ROOT / "designs/essex-style/protocol.toml")
REFUSED = {
    "group-time": checked_here, "heterogeneous-adoption": adoption.check, "switching": exposed.check,
    "fixed-effects": continuous.check,
}  # fmt: skip


@pytest.mark.parametrize("estimator", REFUSED)
def test_a_caution_to_be_modelled_is_refused(estimator):
    cautions = (replace(PROTOCOL.cautions[0], handling="model it"),)
    design = replace(PROTOCOL.design, estimator=estimator)
    with pytest.raises(BadInput, match=r"Referrals counted in a new way.*cannot"):
        REFUSED[estimator](design, replace(PROTOCOL, cautions=cautions, design=design))
