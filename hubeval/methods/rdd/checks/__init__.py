"""What is asked of the design, and attempts to break the result."""
