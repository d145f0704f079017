"""Models of any form: a torch function of flat parameters, linearized by dense automatic differentiation.

The Jacobian J (n x p) of each run is formed, and K = J J^T costs n^2 p; a network of `networks.py` needs
neither. Where `torch.func.vmap` can batch the function, all R runs are linearized in one call, in forward
mode for p <= n and in reverse mode otherwise, in pieces that fit in memory (`derivatives`); where it cannot,
run by run with plain autograd.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import torch
from torch import Tensor
from torch.func import jvp, vjp, vmap

from gnviz.problem.autodiff.cost import evaluation_cost
from gnviz.problem.autodiff.derivatives import (
    at_once,
    by_runs,
    forward_jacobian,
    load_forward_mode,
    plain_jacobian,
    plain_vjp,
    reverse_jacobian,
)
from gnviz.problem.user.probe import Function, first_line

Way = Literal["forward", "reverse", "loop", "rows"]
"""How derivatives are taken: batched over runs in forward or in reverse mode; run by run, with the rows of J
batched; row by row."""

BATCHED = ("forward", "reverse")
"""Ways that `torch.func.vmap` takes over all runs."""

AGREEMENT = 1e-6
"""Relative difference of two float64 derivatives beyond which they are not rounded values of the same one."""


@dataclass(frozen=True)
class DenseModel:
    """A function of flat parameters by automatic differentiation.

    Attributes:
        function: f, of the parameters of one run.
        parameters: p.
        way: How its derivatives are taken.
        cost: Numbers that an evaluation and its derivative in one direction make (`cost.evaluation_cost`);
            0: not known.
        rows: Of the inputs that it was counted on; more rows cost more.
        used: Which parameters move the outputs by more than rounding (`used.used_parameters`), bool, shape
            (p,): the columns of J of all others are 0. None: all.
    """

    function: Function
    parameters: int
    way: Way
    cost: int = 0
    rows: int = 1
    used: Tensor | None = None

    def masked(self, slopes: Tensor) -> Tensor:
        """Return slopes (..., p) with zeros for the parameters that are not used."""
        return slopes if self.used is None else slopes * self.used.to(slopes)

    def at_once(self, x: Tensor) -> int:
        """Return how many evaluations, or directions, are computed together on inputs x (n, d)."""
        return at_once(self.cost * -(-len(x) // self.rows))

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
            if w.requires_grad:
                return self._all(w, x)
            return by_runs(lambda w: self._all(w, x).detach(), self.at_once(x), w)
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

    def _all(self, w: Tensor, x: Tensor) -> Tensor:
        if self.way in BATCHED:
            return vmap(self.one, (0, None))(w, x)
        return torch.stack([self.one(row, x) for row in w])


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
        one = self.model.one
        if self.model.way not in BATCHED:
            pulled = [plain_vjp(one, w, self.x, v) for w, v in zip(self.w, v, strict=True)]
            return self.model.masked(torch.stack(pulled))

        def pull(w: Tensor, v: Tensor) -> Tensor:
            return vjp(lambda w: one(w, self.x), w)[1](v)[0]

        pulled = by_runs(lambda w, v: vmap(pull)(w, v).detach(), self.model.at_once(self.x), self.w, v)
        return self.model.masked(pulled)

    def jvp(self, dw: Tensor) -> Tensor:
        """Return J dw, shape (R, n), for dw (R, p): one forward pass if J is not there yet."""
        if self._formed or self.model.way != "forward":  # its operations may have no forward mode
            return (self._jacobian @ dw[:, :, None])[:, :, 0]

        load_forward_mode()

        def push(w: Tensor, dw: Tensor) -> Tensor:
            return jvp(lambda w: self.model.one(w, self.x), (w,), (dw,))[1]

        dw, most = self.model.masked(dw), self.model.at_once(self.x)
        return by_runs(lambda w, dw: vmap(push)(w, dw).detach(), most, self.w, dw)

    def absolute_jvp(self, w: Tensor) -> Tensor:
        """Return |J| |w|, shape (R, n), for w (R, p)."""
        return (self._jacobian.abs() @ w.abs()[:, :, None])[:, :, 0]

    @property
    def _formed(self) -> bool:
        """Whether products come from J itself, since it is there."""
        return "_jacobian" in vars(self)

    @cached_property
    def _jacobian(self) -> Tensor:
        model, most = self.model, self.model.at_once(self.x)
        if model.way in BATCHED:
            form = forward_jacobian if model.way == "forward" else reverse_jacobian
            return model.masked(form(model.one, self.w, self.x, self.outputs.shape[1], most))
        most = max(most, 2) if model.way == "loop" else 1
        return model.masked(torch.stack([plain_jacobian(model.one, w, self.x, most) for w in self.w]))


def find_way(function: Function, w: Tensor, x: Tensor, v: Tensor) -> tuple[Way, str]:
    """Return the fastest way whose derivative is that of plain autograd, and why batching failed, if it did.

    Args:
        function: f.
        w: Parameters of one run, shape (p,).
        x: Inputs, shape (n, d).
        v: Any weights of the outputs, shape (n,), to compare J^T v by.
    """
    reason = ""
    plain = DenseModel(function, len(w), "rows")
    right = _two_runs(plain, w, x, v)
    cost = evaluation_cost(plain.one, w, x)
    ways: tuple[Way, ...] = ("forward", "reverse") if len(w) <= len(v) else ("reverse", "forward")
    for way in (*ways, "loop"):
        try:
            with (
                warnings.catch_warnings()
            ):  # an operation that vmap takes one by one is no faster than a loop
                warnings.filterwarnings("error", "There is a performance drop")
                fault = _fault(DenseModel(function, len(w), way, cost, len(x)), x, v, right)
        except Exception as error:  # whatever a user's function raises under a transform
            fault = first_line(error)
        if not fault:
            return way, "" if way in BATCHED else reason
        reason = reason or fault
    return "rows", reason


APART = 1e-3
"""Relative distance of the two runs that derivatives are compared at: a batch may mix its runs up."""


@dataclass(frozen=True)
class _Known:
    """What plain autograd finds for two runs that differ.

    Attributes:
        w: Parameters, shape (2, p).
        outputs: f(w), shape (2, n).
        pulled: J^T v, shape (2, p).
    """

    w: Tensor
    outputs: Tensor
    pulled: Tensor


def _two_runs(plain: DenseModel, w: Tensor, x: Tensor, v: Tensor) -> _Known:
    """Return outputs and J^T v at w and beside it, or at w twice where the function ends beside it."""
    for beside in (w * (1 + APART), w):
        two = torch.stack([w, beside])
        outputs = plain.outputs(two, x)
        pulled = torch.stack([plain_vjp(plain.one, row, x, v) for row in two])
        if outputs.isfinite().all() and pulled.isfinite().all():
            break
    return _Known(two, outputs, pulled)


def _fault(model: DenseModel, x: Tensor, v: Tensor, right: _Known) -> str:
    """Say which of the products that a run takes is not what it should be; empty if all are.

    Args:
        model: Takes derivatives in the way that is tried.
        x: Inputs, shape (n, d).
        v: Weights of the outputs, shape (n,).
        right: What plain autograd finds.
    """
    two, (w, _) = right.w, right.w
    dw = torch.linspace(-1, 1, len(w)).to(w) + w
    linear = model.linearize(two, x)
    outputs, pulled, pushed = linear.outputs, linear.vjp(v.expand(2, -1)), linear.jvp(dw.expand(2, -1))
    jacobian = model.linearize(two, x).jacobian()
    near = 1e3 * torch.finfo(w.dtype).eps if w.dtype != torch.float64 else AGREEMENT
    most, reach = (v.abs() @ jacobian.abs()).max(), (jacobian.abs() @ dw.abs()).max()
    checks = {
        "its batched outputs are not those of one run": (outputs, right.outputs, right.outputs.abs().max()),
        "its batched derivative is not that of autograd": (pulled, right.pulled, most),
        "its batched Jacobian is not that of autograd": (v @ jacobian, right.pulled, most),
        "its forward derivative is not its backward one": (pushed, jacobian @ dw, reach),
    }
    for message, (got, expected, size) in checks.items():
        if not (got - expected).abs().max() <= near * size.clamp(min=torch.finfo(w.dtype).tiny):
            return message
    return ""
