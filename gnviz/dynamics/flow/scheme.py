"""The flow clock's scheme: exponential Adams steps, one kernel each, that only the kernel's change limits.

With the kernel frozen at the present point, F(w) = -(1/alpha) J^T A e is a linear flow that `LocalSolution`
solves exactly; what is left, N(w) = F(w) - F_n - L_n (w - w_n), is a polynomial in time through the last
moments:

    predict    p  = w_n + h phi_1(hL) F_n + sum_m h^{m+1} phi_{m+1}(hL) a_m      (order 4: three past moments)
    evaluate   F(p), L_p                                                        (the step's one kernel)
    correct    w+ = p + what N gains by a polynomial that is d = F(p) - dp/dh at the new moment and 0 at all
               older ones (d: the defect)                                       (order 5)

(multistep exponential integrators: Hochbruck and Ostermann, Acta Numerica 2010, section 2.5, linearized anew
at each step). The difference w+ - p is the error estimate; the next step starts from the tangent at p, since
F(w+) = F(p) + L_p (w+ - p) up to the square of that estimate. L is not the Jacobian of F, so N is of first
order in the step, which an interpolated N may be.

**The promise** of `clock.tol` is ||u - u_exact|| <= tol ||u - y||, in the plain norm of R^n for every loss,
at every time, up to what rounding of the weights does to u (`promise`). What steps leave is added up and
carried on by the flow as a `global_error`. Where that exceeds the promise the run says so: as may be in a
slow mode, whose error was allowed while the residual was larger by far.

**Error estimate.** In the outputs a mode counts less the faster it is, by sqrt(phi_1(-hr)): its error is
forgotten within the next step, and the correction has just removed most of it. It is measured in the metric
of G, and for losses with curvature also as such.

**Relaxation** (derived). The second derivative of the outputs throws p off the manifold on which fast modes
are slaved, by little, but F there is large (rate times offset), and through the turning of J it would enter
slow weights multiplied by h instead of 1/rate: without relaxation gradient flow at kappa = 1e9 took 497
kernels where it took 154 with it. So the fast share of a defect, x = J_p^T V gain (h phi_1(-hr))^2 V^T J_p d,
is applied before the defect is used.
For h r >> 1 this is a Newton step on the fast modes; for h r << 1 it is of order h^2 d, within the estimate.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import torch
from torch import Tensor

from gnviz.dynamics.flow.interpolation import new_node
from gnviz.dynamics.flow.local_solution import LocalSolution, Map
from gnviz.dynamics.flow.phi import phis
from gnviz.dynamics.flow.second_order import SecondOrderPart, drive, linear_part
from gnviz.dynamics.linearized.dynamics import LinearizedDynamics, collapsed, linearize_dynamics
from gnviz.dynamics.linearized.rounding import blurred, in_metric, prediction_rounding
from gnviz.dynamics.linearized.system import System, predict

PAST = 3
"""Past moments in the predictor. On gradient flow at kappa = 1e7, accuracy 1e-3 took about 150 kernels with 2
or 3 (3 gains where more is asked for), 200 with 4; Krogstad's Runge-Kutta scheme of order 4 took 800."""

LOCAL = 0.1
"""Error allowed in one step, in units of `clock.tol`: a run's some hundred steps then stay within tol."""

PASSING = 10.0
"""Correction of a path, in units of `clock.tol`, in modes that forget it at the step's end. Gradient flow at
kappa = 1e9 took 205 kernels at 10, off by 7.7e-5 of the residual at moments; 302 and 6.2e-5 at 1."""

RISE = 4.0
"""Error given to a step that raises the loss, which the exact flow never does."""

REFUSED = 1e9
"""Error given to a step that is not finite."""


class Refusal(IntEnum):
    """Why a step was not good enough; what a run that gets stuck was refused for last."""

    INACCURATE = 0
    RISES = 1
    NOT_FINITE = 2
    COLLAPSED = 3


class Nodes(NamedTuple):
    """Past moments of R runs.

    Attributes:
        s: Their times from the present, in units of the solution's scale, shape (R, PAST).
        known: Which of them there are, bool, shape (R, PAST).
    """

    s: Tensor
    known: Tensor


class Trial(NamedTuple):
    """A step that was tried.

    Attributes:
        w: Where it ends, shape (R, p).
        loss: The loss at w, shape (R,).
        there: The dynamics close to that point.
        linear: Their linear part.
        drive: F(w) = -J^T V drive with J, V of `linear`, shape (R, n).
        path: The way there.
        error: The estimate in units of what is allowed, shape (R,).
        refusal: Why the error is too large, where it is, shape (R,); see `Refusal`.
        correction: The correction seen in the outputs, du, as far as the next step inherits it, shape (R, n).
        promise: The error of the outputs that `clock.tol` promises here, shape (R,).
    """

    w: Tensor
    loss: Tensor
    there: LinearizedDynamics
    linear: LinearizedDynamics | SecondOrderPart
    drive: Tensor
    path: LocalSolution
    error: Tensor
    refusal: Tensor
    correction: Tensor
    promise: Tensor


def attempt(
    system: System,
    ahead: LocalSolution,
    nodes: Nodes,
    h: Tensor,
    time: Tensor,
    tol: float,
    before: Tensor,
    travelled: Tensor,
) -> Trial:
    """Try one step of each run.

    Args:
        system: R runs.
        ahead: The predictor from where they are.
        nodes: The past moments in it.
        h: Steps, shape (R,).
        time: Flow time at the end of the step, shape (R,).
        tol: Wanted accuracy of the trajectory, relative to the residual.
        before: The loss where the step starts, shape (R,).
        travelled: Length of the weights' path up to there, in the units of `ahead`, shape (R,).
    """
    values = ahead.phi_values(h)
    p = ahead.at(values)
    there = linearize_dynamics(system, p, time, equilibrated=True).explicit()
    linear = linear_part(system, there)
    slow = (h[:, None] * phis(-h[:, None] * linear.rate, 1)[1]).square()
    push = drive(linear, system.alpha)
    defect = -linear.pull_back(push) - ahead.slope(values)
    defect = defect + _turned(ahead, linear, slow * linear.push_forward(defect))
    path = ahead.pushed(new_node(*nodes, h / ahead.scale), defect)
    end = path.at(values)
    moved = there.push_forward(end - p)
    push = push + linear.gain * (moved if linear is there else linear.push_forward(end - p))
    share = slow * linear.push_forward(-linear.pull_back(push) - path.slope(values))
    w = end + linear.pull_back(linear.gain * share)
    push = push + linear.gain * linear.rate * share
    correction = _seen(system, there, moved * phis(-h[:, None] * there.rate, 1)[1].sqrt())
    drift = system.alpha[:, None] * path.difference(values, ahead)
    delta = prediction_rounding(system, there.modes.linear, there.w)
    noise = in_metric(delta, there.modes.root)
    error = _error(drift, values.phi[1].sqrt(), there.coefficients.norm(dim=1), tol, noise)
    if not system.loss.flat:
        error = torch.maximum(error, _plain_error(system, there, moved, correction, tol, delta))
    lasting = h[:, None] * phis(-h[:, None] * there.rate, 1)[1]
    blur = (there.eigenvalues.sqrt() * there.gain * lasting).amax(1) * noise / system.alpha
    error = torch.maximum(error, _weight_error(ahead.w, p, end, there.modes.units, travelled, tol, blur))
    loss = system.loss.value(predict(system, system.model.outputs(w, system.x)), system.y)
    refusal = torch.full_like(loss, Refusal.INACCURATE)
    climbs = loss > blurred(system, before, delta)
    error = torch.where(climbs, error.clamp(min=RISE), error)
    lost, fewer = ~(error.isfinite() & loss.isfinite()), collapsed(ahead.tangent.gain, there)
    for why, where in ((Refusal.RISES, climbs), (Refusal.COLLAPSED, fewer), (Refusal.NOT_FINITE, lost)):
        refusal = torch.where(where, why, refusal)
    error = torch.where(lost | fewer, REFUSED, error)
    return Trial(
        w, loss, there, linear, push, path, error, refusal, correction, promise(system, there, tol, delta)
    )


def _weight_error(
    start: Tensor, p: Tensor, end: Tensor, units: Tensor | None, travelled: Tensor, tol: float, blur: Tensor
) -> Tensor:
    """Return the correction of the weights in units of what is allowed, shape (R,).

    That is tol of their size, or of the length of their path if that is longer: weights may pass through 0,
    or end there. A run that stays where it is has no error.

    Args:
        start: Weights before the step, shape (R, p).
        p: As predicted, shape (R, p).
        end: As corrected, shape (R, p).
        units: Of the weights, shape (R, p); None for 1.
        travelled: Length of the path up to the start, shape (R,).
        tol: See `attempt`.
        blur: What rounding of the residual does to the weights, shape (R,).
    """
    scale = 1.0 if units is None else units
    size = torch.maximum((scale * end).norm(dim=1), travelled + (scale * (end - start)).norm(dim=1))
    correction = (scale * (end - p)).norm(dim=1)
    return torch.where(correction > 0, correction / (tol * size + blur), 0.0)


def _turned(ahead: LocalSolution, there: Map, share: Tensor) -> Tensor:
    """Return (L_p - L_n) x, shape (R, p), for x = J_p^T V gain share: what relaxing does to the defect."""
    x = there.pull_back(there.gain * share)
    old = ahead.tangent
    return old.pull_back(old.gain * old.push_forward(x)) - there.pull_back(there.gain * there.rate * share)


def _error(drift: Tensor, lasting: Tensor, residual: Tensor, tol: float, noise: Tensor) -> Tensor:
    """Return the error of the outputs in units of what is allowed, shape (R,).

    Args:
        drift: The correction seen in the outputs, mode by mode, shape (R, n).
        lasting: The share of each mode's error that the next step inherits, shape (R, n).
        residual: Norm of the residual, shape (R,).
        tol: A step may leave LOCAL tol behind. Moments are read off its path, where what the correction
            removes, mostly of second order in fast modes, may be PASSING tol.
        noise: What rounding does to the outputs, shape (R,).
    """
    here = drift.norm(dim=1) / (PASSING * tol * residual + noise)
    return torch.maximum(here, (drift * lasting).norm(dim=1) / (LOCAL * tol * residual + noise))


def _plain_error(
    system: System, there: LinearizedDynamics, moved: Tensor, correction: Tensor, tol: float, delta: Tensor
) -> Tensor:
    """Return the error of the outputs as such, in units of what is allowed, shape (R,).

    In the metric of G it is not seen where it matters: far out G is next to nothing, ||G^{-1/2} e|| huge, and
    an error small beside that can be many times ||u - y||. Where the loss is straight, a residual falls
    and the error in it stays, so it is allowed only what it may be when it arrives: each sample's part of
    ||u - y|| counts up to the loss's scale (derived).

    Args:
        system: R runs.
        there: The dynamics at the end of the step.
        moved: The correction, V^T G^{1/2} J dw `there`, shape (R, k).
        correction: What the next step inherits of it, shape (R, n).
        tol: Wanted accuracy.
        delta: What the predictions are known to, shape (R, n).
    """
    left = (there.prediction - system.y).abs().clamp(max=system.loss.scale).norm(dim=1)
    noise = delta.norm(dim=1)
    passing = _seen(system, there, moved).norm(dim=1) / (PASSING * tol * left + noise)
    return torch.maximum(passing, correction.norm(dim=1) / (LOCAL * tol * left + noise))


def _seen(system: System, there: LinearizedDynamics, moved: Tensor) -> Tensor:
    """Return du = alpha J dw, shape (R, n), for V^T G^{1/2} J dw, shape (R, k)."""
    du = system.alpha[:, None] * (there.vectors @ moved[:, :, None])[:, :, 0]
    return du if there.modes.root is None else du / there.modes.root


def promise(system: System, there: LinearizedDynamics, tol: float, delta: Tensor) -> Tensor:
    """Return what `clock.tol` promises, tol ||u - y||, and what rounding does to u (R, n), shape (R,).

    Args:
        system: What is trained.
        there: The dynamics at weights of interest, R runs.
        tol: What `clock.tol` asks for.
        delta: What rounding does to u, shape (R, n).
    """
    return tol * (there.prediction - system.y).norm(dim=1) + delta.norm(dim=1)
