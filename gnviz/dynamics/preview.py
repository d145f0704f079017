"""What training would do if the kernel stayed as it is at the start, as a Dataset; about a header's cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch

from gnviz.dynamics.linearized.dynamics import linearize_dynamics
from gnviz.dynamics.measure.frozen import FrozenCourse, frozen_course
from gnviz.dynamics.measure.header import make_header
from gnviz.dynamics.simulate import assemble, time_grid
from gnviz.experiment import Experiment
from gnviz.knobs import KnobError
from gnviz.problem.build import build
from gnviz.results import Header, Recording, Snapshot, Status

if TYPE_CHECKING:
    import xarray as xr

    from gnviz.problem.user.make import UserProblem

WORDS = "the kernel stays as it is at the start: a prediction, no training"


def preview(experiment: Experiment, *, problem: UserProblem | None = None) -> xr.Dataset:
    """Predict an experiment without training: as if the kernel stayed K_0, in closed form.

    The flow in function space is then linear, and its modes decay on their own:
    |c_i(t)| = |c_i(0)| exp(-integral of r_i). Training comes near it for large alpha or width (lazy training,
    Chizat et al. 2019) and leaves it where the kernel changes (rich training).

    Args:
        experiment: What to predict, in continuous time and with a quadratic loss.
        problem: The user's own model and data, from `gnviz.make_problem`, in place of the experiment's.

    Returns:
        A Dataset of schema 1 with every moment of the experiment's time grid. What depends on the weights
        alone (curve, path_length, weight_drift, test_loss) is NaN.

    Raises:
        KnobError: There is no closed form: a loss whose curvature changes, or discrete steps.

    Example:
        >>> experiment = gnviz.Experiment(data=gnviz.Ring(n=4), methods=["gauss-newton"])
        >>> ds = gnviz.preview(experiment.replace({"network.width": 32, "clock.horizon": 5}))
        >>> ratio = ds.loss[0] / ds.loss[0, 0]
        >>> print(bool(np.allclose(ratio, np.exp(-2 * ds.time))))
        True
    """
    made = problem.problem(experiment) if problem else build(experiment)
    if experiment.clock.kind != "flow":
        raise KnobError(
            f"clock.kind = {experiment.clock.kind!r} has no preview; allowed: flow", {"clock.kind": "flow"}
        )
    system, w0 = assemble(experiment, made)
    first = linearize_dynamics(system, w0, torch.zeros_like(system.alpha))
    times = time_grid(experiment.clock, first)
    course = frozen_course(system, first, times)
    if course is None:
        raise KnobError(
            f"loss.kind = {made.loss.label!r} has no preview, since its curvature changes; "
            "allowed: squared, weighted",
            {"loss.kind": "squared"},
        )
    header = make_header(experiment, made, system, w0, first, times, "frozen kernel")
    eigenvalues = first.eigenvalues.double().cpu().numpy()
    return Recording.of(_snapshots(header, course, eigenvalues)).dataset()


def _snapshots(header: Header, course: FrozenCourse, eigenvalues: np.ndarray) -> Iterator[Snapshot]:
    """Yield the moments; eigenvalues (R, k) stay."""
    runs, last = len(header.labels), len(header.time) - 1
    zero, unknown = np.zeros(runs), np.full(runs, np.nan)
    status = (str(Status.RUNNING), str(Status.FINISHED))
    for index, time in enumerate(header.time):
        yield Snapshot(
            index=index,
            time=float(time),
            header=header if index == 0 else None,
            loss=course.loss[:, index],
            rho=course.rho[:, index],
            rate=course.rate[:, index],
            residual_modes=course.modes[:, index],
            prediction=course.prediction[:, index],
            eigenvalues=eigenvalues,
            kernel_drift=zero,
            kernel_change=zero,
            lazy_gap=zero,
            weight_drift=unknown,
            path_length=unknown,
            bound=unknown,
            test_loss=unknown,
            curve=np.full((runs, len(header.grid)), np.nan),
            weights=np.full((runs, header.parameters), np.nan) if header.parameters else None,
            tangent=header.geometry and np.full((runs, *header.basis.shape), np.nan),
            status=(status[index == last],) * runs,
            status_text=(WORDS,) * runs,
            wall_seconds=0.0,
        )
