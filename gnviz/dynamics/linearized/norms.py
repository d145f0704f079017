"""Norms of what may be larger than the square root of the largest number."""

from __future__ import annotations

import torch
from torch import Tensor


def length(v: Tensor) -> Tensor:
    """Return ||v||_2 of each run, shape (R,), for v of shape (R, ...): squares neither overflow nor vanish.

    Runs that are about to diverge have such weights and kernels while all their numbers are still finite.
    """
    v = v.flatten(1)
    largest = v.abs().amax(1, keepdim=True).clamp(min=torch.finfo(v.dtype).tiny)
    return torch.where(largest.isfinite(), v / largest, v).norm(dim=1) * largest.nan_to_num(posinf=1.0)[:, 0]


def lengths(v: Tensor, dim: int) -> Tensor:
    """Return ||v||_2 along one dimension, without overflow or loss of tiny numbers."""
    largest = v.abs().amax(dim, keepdim=True).clamp(min=torch.finfo(v.dtype).tiny)
    largest = torch.where(largest.isfinite(), largest, 1.0)
    return (v / largest).norm(dim=dim) * largest.squeeze(dim)


def spectral_norm(symmetric: Tensor) -> Tensor:
    """Return ||A||_2, the largest |eigenvalue|, of symmetric A (R, n, n), shape (R,); NaN where not finite.

    Entries are brought to at most 1 first, since LAPACK loses tiny ones.
    """
    largest = symmetric.abs().amax((1, 2))
    known = largest.isfinite()
    scale = torch.where(known & (largest > 0), largest, 1.0)
    unit = torch.where(known[:, None, None], symmetric, 0.0) / scale[:, None, None]
    return torch.where(known, torch.linalg.eigvalsh(unit).abs().amax(1) * scale, torch.nan)
