"""What is recorded before the first step: the header, in NumPy, with a surface's geometry if there is one."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from gnviz.dynamics.linearized.dynamics import LinearizedDynamics
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.measure.diagnostics import limit_on_grid
from gnviz.dynamics.measure.frozen import frozen_course, kept
from gnviz.dynamics.measure.observer import weights_kept
from gnviz.experiment import Experiment
from gnviz.manifold.geometry import geometry
from gnviz.problem.build import Problem
from gnviz.problem.models.infinite import infinite_kernel
from gnviz.problem.models.mlp import MLP
from gnviz.problem.models.surface import SurfaceModel
from gnviz.results import Header


def make_header(
    experiment: Experiment,
    problem: Problem,
    system: System,
    w0: Tensor,
    first: LinearizedDynamics,
    times: np.ndarray,
    engine: str = "torch",
) -> Header:
    """Collect what is known before the first step.

    Args:
        experiment: What was asked for.
        problem: What is fitted, in float64.
        system: The same on its device, with R runs.
        w0: Initial weights, shape (R, p).
        first: The dynamics there.
        times: The moments to be recorded: flow time or numbers of steps.
        engine: Which engine runs it.
    """
    samples, runs, model = problem.samples, problem.runs, problem.model
    count, modes = first.eigenvalues.shape
    keeps = experiment.clock.kind == "flow" and kept(count, len(times), modes)
    frozen = frozen_course(system, first, times) if keeps else None
    return Header(
        experiment=experiment.to_json(),
        methods=tuple(run.method for run in runs),
        alphas=system.alpha.double().cpu().numpy(),
        seeds=np.array([run.seed for run in runs]),
        time=times,
        x=samples.x.numpy(),
        y=samples.y.numpy(),
        basis=_signed(first.vectors[0]).double().cpu().numpy(),
        resolution=first.modes.floor[0].item(),
        condition=problem.condition,
        grid=samples.grid.numpy(),
        grid_truth=samples.grid_truth.numpy(),
        coordinate=samples.coordinate.numpy(),
        names=samples.names,
        target=samples.target,
        units=samples.units,
        reach=samples.reach,
        infinite_width=infinite_width(experiment, problem),
        test_x=samples.test_x.numpy() if len(samples.test_y) else None,
        test_y=samples.test_y.numpy() if len(samples.test_y) else None,
        plane=samples.plane and (samples.plane.across.numpy(), samples.plane.up.numpy()),
        clock=experiment.clock.kind,
        device=_device_name(system.x.device),
        dtype=experiment.dtype,
        engine=engine,
        notes=(*samples.notes, *_notes(experiment, problem, first)),
        loss=problem.loss.label,
        formula=problem.loss.formula,
        sigma="given" if problem.loss.sigma is not None else "",
        runs=tuple(run.label for run in runs),
        kernel_limit=limit_on_grid(system, problem, w0, first).double().cpu().numpy(),
        frozen_loss=frozen and frozen.loss,
        frozen_modes=frozen and frozen.modes,
        orders=experiment.observe.sharpness,
        model=problem.model_name,
        parameters=model.parameters if weights_kept(experiment.observe, *w0.shape)[0] else 0,
        geometry=geometry(experiment, problem, model) if isinstance(model, SurfaceModel) else None,
    )


def infinite_width(experiment: Experiment, problem: Problem) -> np.ndarray | None:
    """Return the eigenvalues of K_0 for infinite width, descending, shape (n,); None where there is nothing.

    That is for other models and losses that weight K, for fewer parameters than samples, and for activations
    that are neither known in closed form nor by a short series.
    """
    network, x = problem.model, problem.samples.x
    if not isinstance(network, MLP) or not problem.loss.flat or network.parameters < len(x):
        return None
    net = experiment.network
    kernel = infinite_kernel(network, x, net.spread, paired=net.initialization == "paired")
    return None if kernel is None else torch.linalg.eigvalsh(kernel).flip(0).numpy()


def _signed(vectors: Tensor) -> Tensor:
    """Make each eigenvector's largest entry positive, so that pictures do not flip between machines."""
    largest = vectors.gather(0, vectors.abs().argmax(0, keepdim=True))
    return vectors * largest.sign()


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


def _notes(experiment: Experiment, problem: Problem, first: LinearizedDynamics) -> list[str]:
    """Say what a user should know of these modes, this loss and this precision."""
    floor, eigenvalues = first.modes.floor[0].item(), first.eigenvalues[0]
    lost, modes = int((eigenvalues <= floor).sum()), len(eigenvalues)
    notes = []
    if first.underparameterized:
        n = len(problem.samples.y)
        notes.append(
            f"{modes} parameters for {n} samples: κ(K₀) is that of the {modes} modes, and what the "
            "model cannot fit stays in the loss"
        )
    if not problem.loss.flat and not lost:
        kappa = (eigenvalues[0] / eigenvalues[-1]).item()
        notes.append(f"κ(G^½ K₀ G^½) = {kappa:.3g} with this loss's curvature")
    return notes + ([_lost(experiment, problem, first, lost)] if lost else [])


def _lost(experiment: Experiment, problem: Problem, first: LinearizedDynamics, lost: int) -> str:
    """Say why some modes are below resolution."""
    floor, eigenvalues = first.modes.floor[0].item(), first.eigenvalues[0]
    modes = len(eigenvalues)
    if first.underparameterized and not problem.model_name and experiment.network.initialization == "paired":
        return (
            f"the twin neurons of network.initialization = paired move together: {lost} of {modes} modes "
            "cannot be trained; with fewer parameters than samples use centred"
        )
    if experiment.dtype == "float32" and math.isfinite(problem.condition) and problem.loss.flat:
        return (
            f"float32 resolves κ up to {eigenvalues[0].item() / floor:.1g}; κ(K₀) = "
            f"{problem.condition:.2g} is beyond it: {lost} of {modes} modes are below resolution, use float64"
        )
    what = "K₀" if problem.loss.flat else "G^½ K₀ G^½"
    return f"{what} is singular at this precision: {lost} of {modes} modes cannot be trained at the start"
