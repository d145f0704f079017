"""The kernel of a perceptron of infinite width, at its random start: what that of wide ones comes near to.

With Sigma_l the covariance of z_l, A_0 = x x^T, and A_l and S_l the expectations of sigma sigma^T and of
sigma' sigma'^T under it (products of matrices are elementwise),

    Sigma_l = s^2 (A_{l-1} + 1)        K = A_L + sum_l (A_{l-1} + 1) prod_{k >= l} s^2 S_k

in the scaling of `mlp`, s being the spread of the initial weights (Jacot et al. 2018; derived for biases and
spread). Twin neurons, which have opposite output weights, send nothing back to the layers before theirs: only
l = L is left of the sum (derived). Subtracting f(w_0) leaves K as it is.
"""

from __future__ import annotations

from torch import Tensor

from gnviz.problem.models.hermite import expectations
from gnviz.problem.models.mlp import MLP


def infinite_kernel(network: MLP, x: Tensor, spread: float = 1.0, *, paired: bool = False) -> Tensor | None:
    """Return K for width to infinity, shape (n, n).

    Args:
        network: Its depth and activation count.
        x: Inputs, shape (n, d).
        spread: Standard deviation of all initial weights.
        paired: Whether the neurons of the last hidden layer are twins.

    Returns:
        None where the activation's expectations have no closed form and no short Hermite series.
    """
    inner, layers = x @ x.mT, []
    for _ in range(network.depth):
        q = spread**2 * (inner + 1)
        found = network.sigma.expectations(q) or expectations(network.sigma, q)
        if found is None:
            return None
        layers.append((inner, spread**2 * found[1]))
        inner = found[0]
    kernel, back = inner, 1.0
    for before, slopes in reversed(layers[-1:] if paired else layers):
        back = back * slopes
        kernel = kernel + back * (before + 1)
    return kernel
