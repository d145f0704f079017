"""Between the host and the device: what a step asks the device for, and what it hands over.

Each `to_host` makes the host wait until the device has done all that it was given, and so do copies to it. A
step asks once; indices of runs are handed over once each.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor


def to_host(*values: Tensor) -> list[list[float]]:
    """Return some arrays of shape (R,) as numbers, in one transfer: the host waits for the device."""
    return torch.stack([v.double() for v in values]).tolist()


@lru_cache(maxsize=4096)
def rows(numbers: tuple[int, ...], device: torch.device) -> Tensor:
    """Return indices of runs on a device, shape (len(numbers),); not to be changed."""
    return torch.tensor(numbers, dtype=torch.long, device=device)


def settled(done: Tensor) -> bool:
    """Return whether all runs are done, on the CPU; always False on a device, where asking would wait."""
    return done.device.type == "cpu" and bool(done.all())
