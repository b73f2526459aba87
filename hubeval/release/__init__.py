"""What may leave: one gate between a result and everything that a user can see of it."""
