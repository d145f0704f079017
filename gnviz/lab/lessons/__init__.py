"""Lessons on the page: one at a time, beside the pictures that it moves."""
