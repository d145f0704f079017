"""Widgets for the knobs."""
