"""Made-up data with the true effect attached: for examples, tests, docs and power. No person or place is real."""

from hubeval.synthetic.panel import PanelTruth, SyntheticPanel, staggered_panel

__all__ = ["PanelTruth", "SyntheticPanel", "staggered_panel"]
