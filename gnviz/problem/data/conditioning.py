"""Condition numbers of kernels, and where their eigenvalues are rounding."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from gnviz.problem.models.base import Linearization


def resolution(eigenvalues: Tensor) -> Tensor:
    """Return n eps lambda_1, below which eigenvalues of a formed kernel are rounding.

    Args:
        eigenvalues: In any order, shape (..., n).

    Returns:
        The floor, shape (...).
    """
    n, eps = eigenvalues.shape[-1], torch.finfo(eigenvalues.dtype).eps
    return n * eps * eigenvalues.amax(-1)


def jacobian_resolution(singular: Tensor, size: int) -> Tensor:
    """Return (size eps s_1)^2, below which squared singular values of a Jacobian are rounding.

    Args:
        singular: Singular values, in any order, shape (..., k).
        size: max(n, p) of the n x p matrix.

    Returns:
        The floor on s^2, shape (...).
    """
    return (size * torch.finfo(singular.dtype).eps * singular.amax(-1)).square()


def kernel_condition(linear: Linearization, parameters: int) -> float:
    """Return kappa(K) of one linearization, R = 1: lambda_1 over the smallest of its min(n, p) eigenvalues.

    For p < n it comes from the Jacobian's singular values, which reach twice as deep; K then has n - p more
    eigenvalues, which are 0 whatever the weights.
    """
    if parameters >= linear.outputs.shape[1]:
        return condition_number(linear.kernel()[0])
    jacobian = linear.jacobian()[0]
    s = torch.linalg.svdvals(jacobian)
    ratio = (s[0] / s[-1]).square().item()
    return ratio if s[-1].square() > jacobian_resolution(s, max(jacobian.shape)) else math.inf


def condition_number(kernel: Tensor) -> float:
    """Return kappa(K) of one kernel (n, n); infinite where lambda_n is below resolution."""
    eigenvalues = torch.linalg.eigvalsh(kernel)
    smallest = eigenvalues[0].item()
    return eigenvalues[-1].item() / smallest if smallest > resolution(eigenvalues).item() else math.inf
