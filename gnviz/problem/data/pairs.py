"""Inputs and targets that a data set returns as plain arrays."""

from __future__ import annotations

from typing import Any

import torch

from gnviz.data import MAX_SAMPLES, DataSet, Samples
from gnviz.data.samples import Given, on_a_line
from gnviz.knobs import KnobError
from gnviz.problem.user.arrays import numbers


def samples_of(data: DataSet, given: Given) -> Samples:
    """Return the samples of a data set, whether it returns them itself or just x and y.

    Raises:
        KnobError: What it returns are no inputs (n, d) and targets (n,) of finite numbers, 1 <= n <= 2000.
    """
    found = data.samples(given)
    return found if isinstance(found, Samples) else _pairs(data.label, *found)


def _pairs(label: str, x: Any, y: Any) -> Samples:
    refuse = f"data.kind = {label!r}: "
    try:
        x, y = numbers(x, "x"), numbers(y, "y").squeeze(-1)
    except ValueError as error:
        raise KnobError(f"{refuse}{error}; allowed: finite numbers") from None
    x = x[:, None] if x.dim() == 1 else x
    if x.dim() != 2 or y.shape != x.shape[:1] or not 1 <= len(y) <= MAX_SAMPLES:
        raise KnobError(
            f"{refuse}x and y have shapes {tuple(x.shape)} and {tuple(y.shape)}; allowed: (n, d) and (n,) "
            f"with n up to {MAX_SAMPLES}"
        )
    coordinate, grid, grid_x = on_a_line(x)
    names = ("x",) if x.shape[1] == 1 else tuple(f"x{i + 1}" for i in range(x.shape[1]))
    return Samples(x, y, coordinate, grid, grid_x, torch.full_like(grid, torch.nan), names, "y", measured=y)
