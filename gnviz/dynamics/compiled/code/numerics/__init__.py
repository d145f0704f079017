"""Sums, polynomials and eigenvalues, in compiled loops."""
