"""What all methods ask and say, written once: questions, thresholds, words. Rooms import this, never one another."""
