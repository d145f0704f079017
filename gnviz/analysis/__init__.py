"""Numbers read off a Dataset."""
