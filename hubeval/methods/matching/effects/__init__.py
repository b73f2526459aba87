"""Effects on a matched or weighted sample, with their errors: one file an estimator."""
