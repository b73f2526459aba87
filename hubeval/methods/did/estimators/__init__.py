"""One file an estimator: effects, with the influence or covariance that inference is drawn from."""
