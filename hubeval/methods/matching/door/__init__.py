"""From the caller's frame and options to checked arrays."""
