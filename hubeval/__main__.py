"""`python -m hubeval` is `hubeval`."""

import sys
import warnings

from hubeval.cli import main


def run() -> None:
    """Run the command line as a program of its own: libraries' warnings are for developers, who ask with ``-W``."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    raise SystemExit(main())


if __name__ == "__main__":
    run()
