"""Discrete time: descent by directions and step sizes, optimizers, the trust region."""
