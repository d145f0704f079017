"""Models of any form: a torch function of flat parameters, linearized by dense automatic differentiation.

The Jacobian J (n x p) of each run is formed, and K = J J^T costs n^2 p; a network of `networks.py` needs
neither. Where `torch.func.vmap` can batch the function, all R runs are linearized in one call, in forward
mode for p <= n and in reverse mode otherwise; where it cannot, run by run with plain autograd.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

import torch
from torch import Tensor
from torch.func import jacfwd, jacrev, jvp, vjp, vmap

from gnviz.problem.probe import Function, first_line

Way = Literal["forward", "reverse", "loop"]
"""How derivatives are taken: batched in forward or in reverse mode, or run by run."""

AGREEMENT = 1e-6
"""Relative difference of two float64 derivatives beyond which they are not rounded values of the same one."""


@dataclass(frozen=True)
class DenseModel:
    """A function of flat parameters by automatic differentiation.

    Attributes:
        function: f, of the parameters of one run.
        parameters: p.
        way: How its derivatives are taken.
    """

    function: Function
    parameters: int
    way: Way

    @property
    def shared_units(self) -> bool:
        """False: nothing is known of the parameters."""
        return False

    def entries(self, n: int) -> int:
        """Return how many entries the largest matrix of one run has: J or K."""
        return n * max(n, self.parameters)

    def outputs(self, w: Tensor, x: Tensor) -> Tensor:
        """Return f(w) on inputs x (n, d), shape (R, n), for w (R, p).

        With a graph for autograd if w asks for one; parts of the function that do so are no reason.

        Raises:
            ValueError: The function fails, as where it holds constants on another device.
        """
        try:
            out = (
                torch.stack([self.one(row, x) for row in w])
                if self.way == "loop"
                else vmap(self.one, (0, None))(w, x)
            )
            return out if w.requires_grad else out.detach()
        except Exception as error:  # whatever a user's function raises
            hint = (
                "" if w.device.type == "cpu" else " (its constants must be on w.device; or set device = cpu)"
            )
            message = f"the model fails on {w.device} in {w.dtype}: {first_line(error)}{hint}"
            raise ValueError(message) from error

    def linearize(self, w: Tensor, x: Tensor) -> DenseLinearization:
        """Return outputs and tangent map at w (R, p) on inputs x (n, d)."""
        return DenseLinearization(self, w, x, self.outputs(w, x))

    def one(self, w: Tensor, x: Tensor) -> Tensor:
        """Return the outputs of one run, shape (n,), for w (p,)."""
        return self.function(w, x).reshape(-1).to(w.dtype)


@dataclass(frozen=True)
class DenseLinearization:
    """The tangent map of a `DenseModel`: J, once something needs it, or products with it until then.

    Attributes:
        model: The model.
        w: Parameters, shape (R, p).
        x: Inputs, shape (n, d).
        outputs: f(w), shape (R, n).
    """

    model: DenseModel
    w: Tensor
    x: Tensor
    outputs: Tensor

    def kernel(self) -> Tensor:
        """Return K = J J^T, shape (R, n, n)."""
        return self._jacobian @ self._jacobian.mT

    def jacobian(self) -> Tensor:
        """Return J, shape (R, n, p)."""
        return self._jacobian

    def vjp(self, v: Tensor) -> Tensor:
        """Return J^T v, shape (R, p), for v (R, n): one backward pass if J is not there yet."""
        if self._formed:
            return (v[:, None] @ self._jacobian)[:, 0]

        def pull(w: Tensor, v: Tensor) -> Tensor:
            return vjp(lambda w: self.model.one(w, self.x), w)[1](v)[0]

        return vmap(pull)(self.w, v)

    def jvp(self, dw: Tensor) -> Tensor:
        """Return J dw, shape (R, n), for dw (R, p): one forward pass if J is not there yet."""
        if self._formed or self.model.way == "reverse":  # its operations may have no forward mode
            return (self._jacobian @ dw[:, :, None])[:, :, 0]

        _load_forward_mode()

        def push(w: Tensor, dw: Tensor) -> Tensor:
            return jvp(lambda w: self.model.one(w, self.x), (w,), (dw,))[1]

        return vmap(push)(self.w, dw)

    def absolute_jvp(self, w: Tensor) -> Tensor:
        """Return |J| |w|, shape (R, n), for w (R, p)."""
        return (self._jacobian.abs() @ w.abs()[:, :, None])[:, :, 0]

    @property
    def _formed(self) -> bool:
        """Whether products come from J itself: it is there, or there is no cheaper way."""
        return "_jacobian" in vars(self) or self.model.way == "loop"

    @cached_property
    def _jacobian(self) -> Tensor:
        if self.model.way == "loop":
            return torch.stack([plain_jacobian(self.model, w, self.x) for w in self.w])
        if self.model.way == "forward":
            _load_forward_mode()
        transform = jacfwd if self.model.way == "forward" else jacrev
        return vmap(transform(self.model.one), (0, None))(self.w, self.x).detach()


@cache
def _load_forward_mode() -> None:
    """Let torch load its forward mode, whose own use of torch.jit.script warns, once and quietly."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r".*torch\.jit", DeprecationWarning)
        jacfwd(torch.tanh)(torch.zeros(1))


def plain_jacobian(model: DenseModel, w: Tensor, x: Tensor) -> Tensor:
    """Return J of one run, shape (n, p), row by row with nothing but `backward`."""
    w = w.detach().clone().requires_grad_()
    with torch.enable_grad():
        rows = model.one(w, x).unbind()
    grads = [torch.autograd.grad(r, w, retain_graph=True, allow_unused=True)[0] for r in rows]
    return torch.stack([torch.zeros_like(w) if g is None else g for g in grads])


def plain_vjp(model: DenseModel, w: Tensor, x: Tensor, v: Tensor) -> Tensor:
    """Return J^T v of one run, shape (p,), with nothing but `backward`."""
    w = w.detach().clone().requires_grad_()
    with torch.enable_grad():
        f = model.one(w, x)
    return torch.autograd.grad(f, w, v)[0]


def find_way(function: Function, w: Tensor, x: Tensor, v: Tensor) -> tuple[Way, str]:
    """Return the fastest way whose derivative is that of plain autograd, and why batching failed, if it did.

    Args:
        function: f.
        w: Parameters of one run, shape (p,).
        x: Inputs, shape (n, d).
        v: Any weights of the outputs, shape (n,), to compare J^T v by.
    """
    right, reason = plain_vjp(DenseModel(function, len(w), "loop"), w, x, v), ""
    ways: tuple[Way, ...] = ("forward", "reverse") if len(w) <= len(v) else ("reverse", "forward")
    for way in ways:
        linear = DenseLinearization(DenseModel(function, len(w), way), w.expand(2, -1), x, v.expand(2, -1))
        try:
            gap = (v @ linear.jacobian() - right).abs().max()
        except Exception as error:  # whatever a user's function raises under a transform
            reason = reason or first_line(error)
            continue
        if gap <= AGREEMENT * right.abs().max().clamp(min=torch.finfo(w.dtype).tiny):
            return way, ""
        reason = reason or "its batched derivative is not that of autograd"
    return "loop", reason
