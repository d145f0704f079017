"""Continuous time: an exponential integrator of the flow."""
