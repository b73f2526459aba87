"""Evaluation without a counterfactual: theory of change, choice of method, evidence weighed in the open.

What these rooms yield is *contribution*: how far the evidence supports the story of how the hub helps.
It is never an effect size. Import what you need (``from hubeval.theory import qca, tracing``); the
rooms that a plan is drawn from load no numerical library.
"""
