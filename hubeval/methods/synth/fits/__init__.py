"""An estimate joined to its inference: what the front functions hand back."""
