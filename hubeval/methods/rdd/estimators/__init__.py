"""Local polynomials, neighbours and bandwidths: arrays in, frozen values out."""
