"""The caller's frame to one checked panel of arrays."""
