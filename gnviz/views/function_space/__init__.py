"""Paths in function space."""
