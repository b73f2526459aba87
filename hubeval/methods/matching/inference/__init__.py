"""What the headline of a design is: its sample, its estimator and its error, settled once."""
