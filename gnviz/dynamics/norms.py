"""Lengths of vectors that may be longer than the square root of the largest number."""

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
