"""Regularization schedules rho_t, one a file."""
