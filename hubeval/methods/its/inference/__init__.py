"""Inference beside the fit's own: permutation among comparison series."""
