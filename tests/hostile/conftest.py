"""One call of the command line, held to what every call must keep."""

from __future__ import annotations

import pytest

from hubeval.cli import main


@pytest.fixture
def call(capsys):
    def run(*argv):
        try:
            status = main([str(a) for a in argv])
        except SystemExit as stop:
            status = stop.code
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        assert status in {0, 1, 2}
        return status, out, err

    return run


@pytest.fixture
def refused(call):
    """A call that must end in status 2 and lines that are no fault of ours; returns them."""

    def run(*argv):
        status, out, err = call(*argv)
        assert (status, out) == (2, ""), (status, out[:200], err[:500])
        assert "hubeval itself failed" not in err, err
        return err

    return run
