"""Samples: what is made, measured or read, and held out."""
