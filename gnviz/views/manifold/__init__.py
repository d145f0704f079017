"""The surface of predictions, with the paths on it."""
