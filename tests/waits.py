"""Counts what would make the host wait for a GPU, on any device."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

TOLD = {Tensor.item, Tensor.tolist, Tensor.__bool__, Tensor.__int__, Tensor.__float__, Tensor.__index__,
        Tensor.cpu, Tensor.numpy, Tensor.nonzero, torch.nonzero, torch.equal, Tensor.equal}  # fmt: skip
"""What returns numbers that the device has to tell, or an array whose shape is one."""

GIVEN = {torch.tensor, Tensor.new_tensor}
"""What copies numbers to the device, for which the host waits too; `torch.from_numpy` is followed by `to`."""


class Waits(TorchFunctionMode):
    """Counts, while it is entered, the calls for which the host would wait for the device.

    Numbers that are told or given, and indexing with a mask, which asks for its entries, or with a list,
    which is copied. Errors of LAPACK's that torch itself looks at come on top.

    Attributes:
        places: How many, by file and line in gnviz.
    """

    def __init__(self) -> None:
        super().__init__()
        self.places: Counter[str] = Counter()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        indexed = func in (Tensor.__getitem__, Tensor.__setitem__) and _asks(args[1])
        if indexed or func in TOLD or func in GIVEN:
            self.places[place()] += 1
        return func(*args, **(kwargs or {}))


def _asks(index: Any) -> bool:
    parts = tree_leaves(index) if isinstance(index, tuple) else [index]
    return any(isinstance(i, list) or (isinstance(i, Tensor) and i.dtype == torch.bool) for i in parts)


def place() -> str:
    """Return file and line of the innermost caller in gnviz."""
    frame = sys._getframe(1)
    while frame and "gnviz" not in Path(frame.f_code.co_filename).parts:
        frame = frame.f_back
    return f"{'/'.join(Path(frame.f_code.co_filename).parts[-2:])}:{frame.f_lineno}" if frame else "elsewhere"
