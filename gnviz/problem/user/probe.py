"""What may be wrong with a user's model, told in plain words before anything is computed with it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Function = Callable[[Tensor, Tensor], Tensor]
"""Maps parameters (p,) and inputs (n, d) to outputs, n of them."""


def first_line(error: Exception) -> str:
    """Return the first line of an error's message, with its type where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def probe(function: Function, w: Tensor, x: Tensor, outputs: int = 1) -> None:
    """Call the model as autograd would, and say what is wrong with it.

    Args:
        function: The model.
        w: Parameters, shape (p,).
        x: Inputs, shape (n, d), a row for each output.
        outputs: Outputs of each sample, m.

    Raises:
        ValueError: It fails, or its outputs have a wrong shape, are not finite, or cannot be differentiated.
    """
    n, seen, leaf = len(x) // outputs, x.clone(), w.clone().requires_grad_()
    try:
        with torch.enable_grad():
            f = function(leaf, seen)
    except Exception as error:  # whatever a user's function raises
        if "in-place operation" in str(error):
            raise ValueError("the model changes its parameters in place: let it make a new tensor") from error
        raise ValueError(f"the model fails at w0: {first_line(error)}") from error
    if not isinstance(f, Tensor):
        raise ValueError(f"the model returns a {type(f).__name__}; allowed is a tensor of shape ({n},)")
    _check_shape(f, n, outputs)
    if not torch.equal(seen, x):
        raise ValueError("the model changes its inputs in place: let it make a new tensor")
    if f.is_complex():
        raise ValueError(
            "the outputs are complex, and what is fitted is real: return real and imaginary parts as two "
            "outputs, torch.view_as_real(f), and give y in the same way"
        )
    if not f.is_floating_point():
        raise ValueError(f"the outputs are {f.dtype}, which has no derivative: return floating-point numbers")
    if not f.requires_grad:
        raise ValueError(
            "the outputs do not depend on the parameters in a way that autograd sees: look for detach(), "
            "item(), numpy, no_grad() or rounding in the model"
        )
    if not f.isfinite().all():
        raise ValueError(
            f"{int((~f.isfinite()).sum())} of {f.numel()} outputs are not finite at w0: start elsewhere"
        )
    _probe_derivative(function, leaf, seen, f)


def _check_shape(f: Tensor, n: int, outputs: int) -> None:
    """Say how outputs of another shape than the targets' are fitted."""
    if f.shape == (n, outputs) or (outputs == 1 and f.shape == (n,)):
        return
    shape = tuple(f.shape)
    if outputs > 1:
        raise ValueError(
            f"the model returns shape {shape}, but y has shape ({n}, {outputs}): let them be equal"
        )
    message = f"the model returns shape {shape}; allowed are ({n},) and ({n}, 1)"
    if f.dim() == 2 and len(f) == n:
        message += (
            f", since y has shape ({n},): to fit all outputs give y of shape ({n}, {f.shape[1]}); to fit one "
            "in each run, let the model return it. Classes: two of them as one output with loss.kind = "
            f"logistic, more as y of 0 and 1, shape ({n}, {f.shape[1]}), a column each; there is no softmax"
        )
    raise ValueError(message)


def _probe_derivative(function: Function, leaf: Tensor, x: Tensor, f: Tensor) -> None:
    """Say whether the derivative is missing or not finite, or the outputs are random."""
    if not torch.equal(function(leaf, x), f):
        raise ValueError(
            "the model gives other outputs for the same parameters (dropout? then call eval() on the module)"
        )
    try:
        (slope,) = torch.autograd.grad(f.sum(), leaf, allow_unused=True)
    except Exception as error:  # in-place changes come to light only here
        raise ValueError(f"the model cannot be differentiated: {first_line(error)}") from error
    if slope is None:
        raise ValueError("the outputs do not depend on the parameters")
    if not slope.isfinite().all():
        raise ValueError("the derivative of the outputs is not finite at w0: start elsewhere")
