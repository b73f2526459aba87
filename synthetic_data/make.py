"""Remake every shipped data set: python synthetic_data/make.py."""

from pathlib import Path

from hubeval.synthetic.shipped import SHIPPED

for folder, make in SHIPPED.items():
    for name, text in make().items():
        path = Path(__file__).parent / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
