"""Checks of this installation against published values."""
