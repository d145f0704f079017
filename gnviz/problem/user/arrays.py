"""Numbers as users have them (lists, NumPy, pandas, torch) as tensors of our own, and what is no number."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from gnviz.problem.user.probe import first_line

EXACT = {torch.float64: 2**53, torch.float32: 2**24}
"""Whole numbers up to this are floating-point numbers of the type themselves."""


def numbers(values: Any, what: str) -> Tensor:
    """Return values as float64 on the CPU, a copy.

    Args:
        values: Anything that NumPy or torch takes for an array.
        what: Its name, for messages.

    Raises:
        ValueError: They are not numbers, complex, or not finite.
    """
    return as_given(values, what).double()


def as_given(values: Any, what: str) -> Tensor:
    """Return values in their own type on the CPU, a copy: floating-point, integer or bool.

    Raises:
        ValueError: As for `numbers`.
    """
    try:
        tensor = _copied(values)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise ValueError(f"{what} must be numbers: {first_line(error)}") from None
    if tensor.is_complex():
        raise ValueError(
            f"{what} is complex, and what is fitted is real: fit real and imaginary parts as two outputs or "
            "parameters, as torch.view_as_real gives them"
        )
    if not tensor.isfinite().all():
        raise ValueError(f"{what} holds numbers that are not finite")
    return tensor.to(torch.float64) if tensor.is_floating_point() else tensor


def _copied(values: Any) -> Tensor:
    if isinstance(values, Tensor):
        dense = values.detach().to_dense() if values.layout != torch.strided else values.detach()
        return dense.resolve_conj().resolve_neg().cpu().clone()
    if isinstance(values, (list, tuple)) and any(isinstance(v, Tensor) for v in values):
        return torch.stack([torch.as_tensor(v).detach().cpu() for v in values])
    if isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(np.float64), np.nan)
    array = np.asarray(values)
    if array.dtype.kind not in "biufcO":
        raise TypeError(f"these are {array.dtype.name}")
    if array.dtype.kind == "O":  # Python's own numbers, or a column with gaps
        array = array.astype(np.complex128 if any(isinstance(v, complex) for v in array.flat) else np.float64)
    if array.dtype.kind == "f":
        array = array.astype(np.float64)
    return torch.from_numpy(np.array(array, dtype=array.dtype.newbyteorder("="), order="C"))


def whole(x: Tensor) -> bool:
    """Return whether inputs are of an integer or bool type."""
    return not x.is_floating_point()


def check_exact(x: Tensor, dtype: torch.dtype) -> None:
    """Refuse whole numbers that a floating-point type cannot hold.

    Args:
        x: Inputs in float64, or of an integer type.
        dtype: float64 or float32.

    Raises:
        ValueError: One is too large.
    """
    largest = max(abs(int(x.max())), abs(int(x.min())))
    if largest > EXACT[dtype]:
        power = EXACT[dtype].bit_length() - 1
        remedy = (
            "number them from 0" if dtype == torch.float64 else "set dtype = float64, or number them from 0"
        )
        name = str(dtype).removeprefix("torch.")
        raise ValueError(f"x holds the integer {largest}, and {name} is exact up to 2^{power} only: {remedy}")
