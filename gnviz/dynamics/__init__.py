"""How it is fitted: the dynamics of gradient flow and Gauss-Newton, in continuous and discrete time."""
