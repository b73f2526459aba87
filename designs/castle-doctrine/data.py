"""Write the castle-doctrine panel as a CSV that the protocol reads: python data.py castle.csv.

The data come from the PyPI package causaldata; nothing is downloaded.
"""

import sys

import causaldata
import numpy as np
import pandas as pd


def panel() -> pd.DataFrame:
    """State by year, 2000 to 2010, with the year in which the law took effect."""
    raw = causaldata.castle.load_pandas().data
    # causaldata's `post` marks full years under the law; the law took effect during the year before
    start = raw[raw["post"] > 0].groupby("sid")["year"].min() - 1
    return pd.DataFrame(
        {
            "state": raw["sid"],
            "year": raw["year"],
            "law_in_force": raw["sid"].map(start).astype("Int64"),
            "log_homicide": raw["l_homicide"],
            "log_larceny": raw["l_larceny"],
            "population": np.round(raw["popwt"]),
        }
    )


if __name__ == "__main__":
    panel().to_csv(sys.argv[1] if len(sys.argv) > 1 else "castle.csv", index=False)
