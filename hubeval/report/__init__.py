"""Everything a reader sees, drawn from the canonical result and from nothing else."""

from hubeval.report.html import render_html, write_html
from hubeval.report.outputs import write_outputs

__all__ = ["render_html", "write_html", "write_outputs"]
