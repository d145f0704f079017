"""The predictor manifold of three samples and two parameters: its curvature, and Gauss-Newton's way on it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from gnviz.analysis.measures import split
from gnviz.dynamics.simulate import run
from gnviz.experiment import Experiment
from gnviz.experiment.presets import preset
from gnviz.problem.autodiff.derivatives import plain_jacobian
from gnviz.problem.autodiff.model import DenseModel
from gnviz.problem.build import build
from gnviz.problem.models.base import Model
from gnviz.problem.user.probe import Function
from gnviz.verify.check import Finding, equal, largest, small


def curvature() -> Iterator[Finding]:
    """The Gaussian curvature of a sphere of radius alpha = 2 is 1/4, that of a plane 0."""
    values = {"methods": ["gauss-newton"], "clock.horizon": 1.0, "clock.snapshots": 2, "device": "cpu"}
    base = Experiment().replace(values | {"network.alpha": 2.0})
    found = run(base.replace({"surface.model": "sphere"}))["curvature"].values
    worst = found.flat[np.nanargmax(np.abs(found - 0.25))]
    yield equal("sphere of radius 2: Gaussian curvature, where it is worst", 0.25, float(worst), 6)
    plane = run(base.replace({"surface.model": "formula", "surface.formula": "w1*x + w2"}))
    yield small("a plane: Gaussian curvature", float(np.abs(plane["curvature"].values).max()), 12)


def projection() -> Iterator[Finding]:
    """Gauss-Newton's speed is u' = -P e, P the projector onto the tangent plane that was recorded.

    u' = J w' with w' = -J^+ e by least squares, J of one backward pass for each sample.
    """
    values = {"methods": ["gauss-newton"], "clock.tol": 1e-6, "device": "cpu"}
    for chart in ("plain", "bent"):
        experiment = preset("figure1").replace(values | {"surface.chart": chart})
        ds, problem = run(experiment), build(experiment)
        model = DenseModel(_one(problem.model), 2, "loop")
        e = ds["prediction"].values[0] - ds["y"].values
        along, _ = split(ds["tangent"].values[0], e)
        speed = []
        for w, residual in zip(ds["weights"].values[0], e, strict=True):
            if np.isnan(residual).any():  # the run has ended
                speed.append(residual)
                continue
            j = plain_jacobian(model.one, torch.tensor(w), problem.samples.x).numpy()
            speed.append(-j @ np.linalg.lstsq(j, residual, rcond=None)[0])
        error = np.linalg.norm(speed + along, axis=1) / np.linalg.norm(e, axis=1)
        yield small(f"a surface, {chart} chart: u' = -P e along Gauss-Newton's path", largest(ds, error), 8)


def _one(model: Model) -> Function:
    """Return a model's outputs as a function of the parameters of one run."""
    return lambda w, x: model.outputs(w[None], x)[0]
