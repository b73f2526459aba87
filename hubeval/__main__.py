"""`python -m hubeval` is `hubeval`."""

from hubeval.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
