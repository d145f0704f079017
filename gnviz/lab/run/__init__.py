"""A run on the page: live data, transport, words."""
