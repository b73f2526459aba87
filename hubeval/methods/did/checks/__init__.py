"""What is asked of the design and tried against the number, and how it reads."""
