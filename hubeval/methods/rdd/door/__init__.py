"""What a frame must be before anything is estimated, and the two sides of a cut-off as arrays."""
