"""How much memory one evaluation of a model takes: what its operations make, counted as they run."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from gnviz.problem.user.probe import Function


class _Counter(TorchDispatchMode):
    """Adds up the memory of every tensor that is made, whether it is kept or not."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        seen = {_place(t) for t in tree_leaves((args, kwargs or {})) if isinstance(t, Tensor)}
        for made in tree_leaves(out):
            if isinstance(made, Tensor) and _place(made) not in seen:  # not a view of what was there
                self.bytes += max(made.numel() * made.element_size(), made.untyped_storage().nbytes())
        return out


def _place(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def evaluation_cost(one: Function, w: Tensor, x: Tensor) -> int:
    """Return how many float64 numbers an evaluation and its backward pass make, no fewer than they hold.

    Forward mode makes as many: the values, and for each operation one tangent.

    Args:
        one: The outputs of one run, (p,) and x to (n,).
        w: Parameters, shape (p,).
        x: Inputs, shape (rows, d).
    """
    leaf = w.detach().clone().requires_grad_()
    with _Counter() as counter, torch.enable_grad():
        f = one(leaf, x)
        torch.autograd.grad(f, leaf, torch.ones_like(f), allow_unused=True)
    return counter.bytes // 8 + 2 * (len(w) + len(f))
