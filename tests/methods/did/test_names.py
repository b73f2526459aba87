"""One door to the whole family: the names the docs promise are there."""

from __future__ import annotations

import pytest

from hubeval.methods import did, synth


def test_synthetic_is_the_one_of_the_synth_room():
    assert did.synthetic is synth.synthetic


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = did.nothing


@pytest.mark.parametrize("name", did.__all__)
def test_every_public_name_has_a_docstring(name):
    assert getattr(did, name).__doc__
