"""An `nn.Module` as a function of its trainable parameters, one after another in a flat vector."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.func import functional_call

from gnviz.problem.user.arrays import numbers
from gnviz.problem.user.inputs import Call

Tensors = tuple[tuple[str, torch.Size], ...]
"""Names and shapes of the tensors in a flat vector of parameters, in order."""


def of_module(module: nn.Module, has_inputs: bool) -> tuple[Call, Tensor, Tensors]:
    """Return a function of a module's parameters and inputs, the parameters as float64, and their names.

    The function has a copy of the module, so that neither of them changes the other.

    Raises:
        ValueError: There are no inputs, nothing to train, or parameters that are complex or not finite.
    """
    if not has_inputs:
        raise ValueError("x is missing: a module is called with the inputs")
    module = _copy(module)
    free = {name: p for name, p in module.named_parameters() if p.requires_grad}
    if not sum(p.numel() for p in free.values()):
        frozen = any(True for _ in module.parameters())
        raise ValueError(
            "the module has nothing to train: "
            + ("none of its parameters has requires_grad" if frozen else "it has no parameters")
        )
    for name, value in free.items():
        numbers(value, name)
    rest = {name: p.detach() for name, p in module.named_parameters() if name not in free}
    rest |= dict(module.named_buffers())
    start = torch.cat([p.detach().double().cpu().reshape(-1) for p in free.values()])
    tensors = tuple((name, p.shape) for name, p in free.items())
    return _function(module, tensors, rest), start, tensors


def with_parameters(module: nn.Module, w: Tensor) -> nn.Module:
    """Return a copy of a module with trainable parameters w (p,), each in its own precision.

    Raises:
        ValueError: It has another number of them.
    """
    module = copy.deepcopy(module)
    free = [p for p in module.parameters() if p.requires_grad]
    count = sum(p.numel() for p in free)
    if w.shape != (count,):
        raise ValueError(
            f"weights have shape {tuple(w.shape)}; the module has {count} parameters: ({count},)"
        )
    with torch.no_grad():
        for parameter, part in zip(free, w.split([p.numel() for p in free]), strict=True):
            parameter.copy_(part.view(parameter.shape))
    return module


def _copy(module: nn.Module) -> nn.Module:
    try:
        return copy.deepcopy(module)
    except (
        Exception
    ):  # it holds what cannot be copied; calls leave its parameters and buffers alone all the same
        return module


def _function(module: nn.Module, tensors: Tensors, rest: dict[str, Tensor]) -> Call:
    sizes = [shape.numel() for _, shape in tensors]

    def function(w: Tensor, x: Tensor) -> Tensor:
        parts = w.split(sizes)
        state = {name: part.view(shape) for (name, shape), part in zip(tensors, parts, strict=True)}
        fixed = {  # copies: a module may write to its buffers
            name: value.to(w.device, _like(value, w.dtype), copy=True) for name, value in rest.items()
        }
        return functional_call(module, {**state, **fixed}, (x,))

    return function


def _like(value: Tensor, dtype: torch.dtype) -> torch.dtype:
    """Return the type that a fixed tensor has beside parameters of type `dtype`."""
    if value.is_complex():
        return torch.complex128 if dtype == torch.float64 else torch.complex64
    return dtype if value.is_floating_point() else value.dtype
