"""Figures that are kept up to date in place."""
