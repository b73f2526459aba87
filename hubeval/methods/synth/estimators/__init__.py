"""The estimators: a panel in, weights and an effect out."""
