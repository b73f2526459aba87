"""What is asked of a fit and tried against it, and how the answer reads."""
