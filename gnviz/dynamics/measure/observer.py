"""From tensors to what is recorded at every moment: the snapshots, in NumPy."""

from __future__ import annotations

import time as wall

import numpy as np
import torch
from torch import Tensor

from gnviz.dynamics.clocks import Clock, State
from gnviz.dynamics.kept import fitting
from gnviz.dynamics.linearized.dynamics import LinearizedDynamics
from gnviz.dynamics.linearized.modes import decomposition, weighted
from gnviz.dynamics.linearized.norms import length, spectral_norm
from gnviz.dynamics.linearized.rounding import blurred, prediction_rounding
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.measure.diagnostics import Diagnostics, offset_at
from gnviz.dynamics.measure.plane import PredictorOnPlane
from gnviz.dynamics.termination import Verdicts
from gnviz.experiment.observe import Observe
from gnviz.problem.build import Problem
from gnviz.problem.data.conditioning import jacobian_resolution
from gnviz.problem.models.surface import SurfaceModel
from gnviz.results import PER_MODE, PER_RUN, PER_STEP, Header, Snapshot

MOST_WEIGHTS = 64
"""Parameters up to which every snapshot holds them all: no more than it holds of so many modes."""

MOST_ENDS = 1_000_000
"""Weights of all runs together up to which those at the end are kept unless told otherwise: 8 MB."""


class Observer:
    """Measures R runs against where they started.

    Args:
        system: The runs.
        problem: Data and network.
        w0: Initial weights, shape (R, p).
        first: The dynamics at time 0.
        moments: Of the time grid.
        wanted: What to measure on request.
        elapsed: Seconds spent before, by a run that is gone on with.
    """

    def __init__(
        self,
        system: System,
        problem: Problem,
        w0: Tensor,
        first: LinearizedDynamics,
        moments: int,
        wanted: Observe | None = None,
        elapsed: float = 0.0,
    ) -> None:
        self._system, self._w0 = system, w0
        wanted = wanted or Observe()
        self._keep, self._keep_ends = weights_kept(wanted, *w0.shape)
        self._extras = Diagnostics(system, problem, w0, first, wanted.sharpness)
        self._loss, self._kernel = first.loss, first.kernel()
        self._gram = weighted(self._kernel, first.modes.root)
        self._grid = problem.samples.grid_x.to(system.x)
        self._grid_offset = offset_at(system, problem, w0, self._grid)
        self._plane = PredictorOnPlane(system, problem, w0, moments)
        self._on_surface = isinstance(problem.model, SurfaceModel)
        self._started = wall.perf_counter() - elapsed

    def snapshot(
        self,
        index: int,
        moment: float,
        here: LinearizedDynamics,
        clock: Clock,
        verdicts: Verdicts,
        header: Header | None,
    ) -> Snapshot:
        """Record one moment; a run that has ended before it, or has diverged, records NaN.

        Args:
            index: Position of the moment in the grid.
            moment: Flow time, or number of steps.
            here: The dynamics of R runs at their weights then.
            clock: What brought them there.
            verdicts: How the runs stand.
            header: What the first snapshot of a recording carries; None in the others.
        """
        absent = verdicts.absent(moment)
        delta = prediction_rounding(self._system, here.modes.linear, here.w)
        values = {
            "loss": here.loss,
            "rho": here.rho,
            "kernel_drift": _relative(here.kernel(), self._kernel),
            "weight_drift": _relative(clock.w, self._w0),
            "bound": self._bound(clock.decay, here, clock, delta),
            "apriori": self._apriori(here, clock, delta),
            "kernel_change": self._kernel_change(here),
            "eigenvalues": here.eigenvalues,
            "rate": here.rate,
            "residual_modes": here.coefficients,
            "prediction": here.prediction,
            "curve": self._curve(clock.w),
        }
        values |= self._extras.measure(here, clock.w)
        names = (*PER_RUN, *PER_MODE, "prediction", "curve", "sharpness")
        arrays = {name: _array(values[name], absent) for name in names}
        for name in PER_STEP if clock.record else ():
            arrays[name] = _array(getattr(clock.record, name), absent)
        return Snapshot(
            index=index,
            time=moment,
            header=header,
            status=tuple(map(str, verdicts.status)),
            status_text=tuple(verdicts.text),
            evaluations=clock.evaluations.cpu().numpy().copy(),
            wall_seconds=wall.perf_counter() - self._started,
            weights=_array(clock.w, absent) if self._keep else None,
            plane=self._plane.look(index, clock.w, absent.cpu().numpy(), last=not verdicts.under_way),
            end_weights=self._ends(clock, verdicts),
            tangent=_array(tangent_planes(here), absent) if self._on_surface else None,
            end_time=verdicts.end_time.cpu().numpy(),
            end_loss=verdicts.end_loss.double().cpu().numpy(),
            apriori_until=clock.kept.double().cpu().numpy(),
            **arrays,
        )

    def _ends(self, clock: Clock, verdicts: Verdicts) -> np.ndarray | None:
        """Return the weights that every run ended with, shape (R, p), once none goes on, if they are kept."""
        if not self._keep_ends or verdicts.running.any():
            return None
        return clock.w.double().cpu().numpy()

    def state_dict(self) -> State:
        """Return what grows from moment to moment, by name."""
        return {"path_length": self._extras.length}

    def load_state_dict(self, state: State, w: Tensor) -> None:
        """Go on from what `state_dict` returned, at weights w (R, p)."""
        kept = fitting(state, {"path_length": self._extras.length})
        self._extras.go_on(kept["path_length"], w)

    def _bound(self, decay: Tensor, here: LinearizedDynamics, clock: Clock, delta: Tensor) -> Tensor:
        """Return loss(0) exp(-2 kappa decay), not claimed below or within rounding, shape (R,).

        kappa is the loss's decay constant; for the running certificate decay is int r_min. With fewer modes
        than samples nothing is claimed (NaN): part of the residual never decays.

        Once the weights have moved, predictions are known to their rounding, and the claim is `blurred` by
        it. Where all rates are equal (one sample, pure Gauss-Newton) the exact loss equals the bound, so
        there a computed one meets it to `clock.tol` only.
        """
        if here.underparameterized:
            return torch.full_like(self._loss, torch.nan)
        start, constant = self._loss, self._system.loss.decay_constant
        exact = start * torch.exp(-2 * constant * decay)
        moved = (clock.w != self._w0).any(1)
        return torch.where(moved, blurred(self._system, exact, delta), start)

    def _apriori(self, here: LinearizedDynamics, clock: Clock, delta: Tensor) -> Tensor:
        """Return the bound with the decay promised before the run, NaN where there is none, shape (R,)."""
        bound = self._bound(clock.apriori_decay, here, clock, delta)
        return torch.where(clock.apriori_decay.isnan(), torch.nan, bound)

    def _kernel_change(self, here: LinearizedDynamics) -> Tensor:
        """Return ||S_t - S_0||_2, shape (R,); NaN for fewer modes than samples, where nothing rests on it."""
        if here.underparameterized:
            return torch.full_like(self._loss, torch.nan)
        return spectral_norm((weighted(here.kernel(), here.modes.root) - self._gram).double())

    def _curve(self, w: Tensor) -> Tensor:
        """Return the predictor along the grid, shape (R, G)."""
        if not len(self._grid):
            return torch.empty(len(w), 0, dtype=w.dtype, device=w.device)
        outputs = self._system.model.outputs(w, self._grid) - self._grid_offset
        return self._system.alpha[:, None] * outputs


def weights_kept(wanted: Observe, runs: int, parameters: int) -> tuple[bool, bool]:
    """Return whether the weights of every moment are kept, and whether those that runs ended with are.

    Args:
        wanted: What to measure on request.
        runs: R.
        parameters: p.
    """
    few = wanted.weights == "auto" and parameters <= MOST_WEIGHTS
    little = wanted.weights == "auto" and runs * parameters <= MOST_ENDS
    return few or wanted.weights == "all", little or wanted.weights in ("ends", "all")


def _array(values: Tensor, void: Tensor) -> np.ndarray:
    """Return values (R, ...) in NumPy, NaN for the runs marked in `void` (R,)."""
    void = void.reshape(-1, *[1] * (values.dim() - 1))
    return torch.where(void, torch.nan, values).double().cpu().numpy()


def _relative(now: Tensor, start: Tensor) -> Tensor:
    """Return ||now - start|| / ||start|| per run, shape (R,), float64: more than float32 may hold."""
    return length((now - start).double()) / length(start.double())


def tangent_planes(here: LinearizedDynamics) -> Tensor:
    """Return an orthonormal basis of range J for each run, shape (R, n, p): P = V V^T, NaN below resolution.

    The modes of S span it where G = I; for other losses they span range G^{1/2} J, and J is decomposed anew.
    """
    if here.modes.root is not None:
        return basis_of_range(here.modes.linear.jacobian())
    return torch.where(here.resolved[:, None], here.vectors, torch.nan)


def basis_of_range(jacobian: Tensor) -> Tensor:
    """Return an orthonormal basis of the range of J (R, n, p), shape (R, n, p), NaN below resolution."""
    vectors, singular, _ = decomposition(jacobian)
    floor = jacobian_resolution(singular, max(jacobian.shape[1:]))
    return torch.where((singular.square() > floor[:, None])[:, None], vectors, torch.nan)
