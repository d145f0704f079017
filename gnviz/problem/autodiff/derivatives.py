"""Outputs and Jacobians of a function of flat parameters, for R runs, a piece at a time.

Batched derivatives hold every intermediate value once for each of the p directions (forward mode) or n
outputs (reverse mode) that are taken at once, times R. So they are taken in pieces: all directions of a few
runs while those fit, some directions of one run where they do not. A small problem is one piece.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import cache

import torch
from torch import Tensor
from torch.func import jacfwd, jvp, vjp, vmap

from gnviz.problem.user.probe import Function

CHUNK = 2**25
"""Numbers that derivatives taken at once may make: 256 MiB in float64, some ten Jacobians of usual size."""


def at_once(cost: int) -> int:
    """Return how many directions are differentiated at once.

    Args:
        cost: Numbers that one evaluation and its derivative in one direction make; 0 if unknown.
    """
    return max(1, CHUNK // cost) if cost else CHUNK


def by_runs(compute: Callable[..., Tensor], most: int, *arrays: Tensor) -> Tensor:
    """Return compute(*arrays) of arrays with R rows each, by at most `most` rows at a time."""
    runs = len(arrays[0])
    if runs <= most:
        return compute(*arrays)
    return torch.cat([compute(*(a[i : i + most] for a in arrays)) for i in range(0, runs, most)])


def tiles(runs: int, directions: int, most: int) -> Iterator[tuple[slice, slice]]:
    """Yield blocks of runs and of directions that cover all, each of about `most` directions in all.

    Args:
        runs: How many there are.
        directions: How many there are, of each run.
        most: Directions at once, of all runs together.
    """
    across, along = max(1, most // directions), min(most, directions)
    for run in range(0, runs, across):
        for start in range(0, directions, along):
            yield slice(run, min(run + across, runs)), slice(start, min(start + along, directions))


def forward_jacobian(one: Function, w: Tensor, x: Tensor, n: int, most: int) -> Tensor:
    """Return J, shape (R, n, p), column by column in forward mode, batched by `torch.func.vmap`.

    Args:
        one: The outputs of one run, (p,) and x to (n,).
        w: Parameters, shape (R, p).
        x: Inputs, shape (rows, d).
        n: Number of outputs.
        most: Directions at once.
    """
    load_forward_mode()

    def columns(w: Tensor, directions: Tensor) -> Tensor:
        return vmap(lambda dw: jvp(lambda w: one(w, x), (w,), (dw,))[1])(directions)

    runs, p = w.shape
    out = w.new_empty(runs, n, p)
    for here, part in tiles(runs, p, most):
        out[here, :, part] = vmap(columns, (0, None))(w[here], _unit(part, p, w)).detach().mT
    return out


def reverse_jacobian(one: Function, w: Tensor, x: Tensor, n: int, most: int) -> Tensor:
    """Return J, shape (R, n, p), row by row in reverse mode.

    Args:
        one: The outputs of one run, (p,) and x to (n,).
        w: Parameters, shape (R, p).
        x: Inputs, shape (rows, d).
        n: Number of outputs.
        most: Rows at once.
    """

    def rows(w: Tensor, cotangents: Tensor) -> Tensor:
        return vmap(vjp(lambda w: one(w, x), w)[1])(cotangents)[0]

    out = w.new_empty(len(w), n, w.shape[1])
    for here, part in tiles(len(w), n, most):
        out[here, part] = vmap(rows, (0, None))(w[here], _unit(part, n, w)).detach()
    return out


def _unit(part: slice, size: int, like: Tensor) -> Tensor:
    """Return rows of the identity (size x size)."""
    rows = torch.arange(part.start, part.stop, device=like.device)
    return torch.zeros(len(rows), size, dtype=like.dtype, device=like.device).scatter_(1, rows[:, None], 1.0)


def plain_jacobian(one: Function, w: Tensor, x: Tensor, most: int = 1) -> Tensor:
    """Return J of one run, shape (n, p), with nothing but `backward`, of `most` rows at once.

    Args:
        one: The outputs of one run, (p,) and x to (n,).
        w: Parameters, shape (p,).
        x: Inputs, shape (rows, d).
        most: Rows at once.
    """
    w = w.detach().clone().requires_grad_()
    with torch.enable_grad():
        f = one(w, x)
    out = w.new_zeros(len(f), len(w)).detach()
    if not f.requires_grad:  # a branch that is constant
        return out
    for start in range(0, len(f), most):
        rows = slice(start, min(start + most, len(f)))
        out[rows] = _pulled(f, w, _unit(rows, len(f), f.detach()), many=most > 1)
    return out


def _pulled(f: Tensor, w: Tensor, cotangents: Tensor, *, many: bool) -> Tensor:
    """Return the cotangents (c, n) pulled back, shape (c, p), or (p,) for one."""
    v = cotangents if many else cotangents[0]
    pulled = torch.autograd.grad(f, w, v, retain_graph=True, allow_unused=True, is_grads_batched=many)[0]
    return w.new_zeros(len(w)) if pulled is None else pulled


def plain_vjp(one: Function, w: Tensor, x: Tensor, v: Tensor) -> Tensor:
    """Return J^T v of one run, shape (p,), with nothing but `backward`.

    Args:
        one: The outputs of one run, (p,) and x to (n,).
        w: Parameters, shape (p,).
        x: Inputs, shape (rows, d).
        v: What is pulled back, shape (n,).
    """
    w = w.detach().clone().requires_grad_()
    with torch.enable_grad():
        f = one(w, x)
    return _pulled(f, w, v[None], many=False) if f.requires_grad else torch.zeros_like(w).detach()


def differentiate_twice(outputs: Callable[[Tensor], Tensor], w: Tensor) -> None:
    """Take a product with a Hessian, as Lanczos does, and raise what torch raises if it cannot.

    Args:
        outputs: f of w, shape (1, p) to (1, n).
        w: Parameters, shape (p,).
    """
    w = w.detach().clone().requires_grad_()
    with torch.enable_grad():
        (slope,) = torch.autograd.grad(outputs(w[None]).square().sum(), w, create_graph=True)
    torch.autograd.grad(slope, w, torch.ones_like(w))


@cache
def load_forward_mode() -> None:
    """Let torch load its forward mode, whose own use of torch.jit.script warns, once and quietly."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r".*torch\.jit", DeprecationWarning)
        jacfwd(torch.tanh)(torch.zeros(1))
