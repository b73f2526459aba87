"""The door: from a caller's frame, or a protocol and its table, to one balanced panel."""
