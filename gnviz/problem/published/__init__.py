"""Test problems with published solutions, for trying methods on and for checking this code."""
