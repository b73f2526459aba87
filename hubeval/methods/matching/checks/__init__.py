"""What is asked of a matched sample, how one tries to break its number, and how that reads."""
