"""Polynomials through the last moments of R runs, each with its own steps and its own number of moments.

A polynomial in s that is 0 at s = 0 is kept by its derivatives c_m there: N(s) = sum_m c_m s^m / m!, m >= 1.
Nodes are times before the present one, so s < 0, in units that keep s of order 1.
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor


def derivatives(nodes: Tensor, known: Tensor) -> Tensor:
    """Return the matrix that takes values at the nodes to the derivatives c_1, ..., c_K at 0.

    Args:
        nodes: s of K past moments, latest first, shape (R, K).
        known: Which of them there are, bool, shape (R, K); the first ones.

    Returns:
        Shape (R, K, K): row m gives c_m; rows and columns of unknown nodes are those of the identity. Nodes
        that coincide give numbers that are not finite, which no step accepts.
    """
    count = nodes.shape[1]
    orders = torch.arange(1, count + 1, device=nodes.device)
    vandermonde = nodes[:, :, None] ** orders / factorials(1, count, nodes.dtype, nodes.device)
    both = known[:, :, None] & known[:, None, :]
    eye = torch.eye(count, dtype=nodes.dtype, device=nodes.device)
    return torch.linalg.inv_ex(torch.where(both, vandermonde, eye)).inverse


def new_node(nodes: Tensor, known: Tensor, s: Tensor) -> Tensor:
    """Return the derivatives at 0 of the polynomial that is 1 at a new node s > 0 and 0 at 0 and all others.

    Args:
        nodes: s of K past moments, shape (R, K).
        known: Which of them there are, bool, shape (R, K).
        s: The new node, shape (R,).

    Returns:
        c_1, ..., c_{K+1}, shape (R, K + 1).
    """
    runs, count = nodes.shape
    coefficients = torch.zeros(runs, count + 2, dtype=nodes.dtype, device=nodes.device)
    coefficients[:, 1] = 1 / s
    for j in range(count):
        node, use = nodes[:, j, None], known[:, j, None]
        product = (coefficients.roll(1, 1) - node * coefficients) / (s[:, None] - node)
        coefficients = torch.where(use, product, coefficients)
    return (coefficients * factorials(0, count + 1, nodes.dtype, nodes.device))[:, 1:]


@lru_cache(maxsize=64)
def factorials(first: int, last: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return first!, ..., last!; not to be changed.

    Args:
        first: Of the first factorial.
        last: Of the last one.
        dtype: Of the result, shape (last - first + 1,).
        device: Where it is.
    """
    return torch.tensor([math.factorial(m) for m in range(first, last + 1)], dtype=dtype, device=device)
