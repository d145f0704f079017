"""The predictor manifold of three samples and two parameters: its shape, and where the target's foot is."""
