"""Models with a structured kernel: multilayer perceptrons and surfaces."""
