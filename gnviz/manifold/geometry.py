"""All that is drawn of a surface, computed once before the first step."""

from __future__ import annotations

import numpy as np
import torch

from gnviz.experiment import Experiment
from gnviz.manifold.curvature import gaussian_curvature
from gnviz.manifold.foot import nearest
from gnviz.manifold.geodesic import geodesic
from gnviz.manifold.surface import Manifold
from gnviz.problem.build import Problem
from gnviz.problem.models.charts import Map
from gnviz.problem.models.surface import SurfaceModel
from gnviz.results import Geometry

MESH = 41
"""Points of the mesh along each parameter: 1681 in all, some 60 kB, and a smooth picture."""

PLANE = 61
"""Points of the loss's plane along each parameter."""


def geometry(experiment: Experiment, problem: Problem, model: SurfaceModel) -> Geometry:
    """Return mesh, curvature, loss, foot and geodesic of a surface experiment.

    Args:
        experiment: For the window.
        problem: Samples, start and loss.
        model: The problem's model.
    """
    with np.errstate(all="ignore"):  # a formula may have no finite value anywhere: that is told, and NaN
        return _geometry(experiment, problem, model)


def _geometry(experiment: Experiment, problem: Problem, model: SurfaceModel) -> Geometry:
    surface = manifold(problem, model)
    span, y = experiment.surface.place.span, problem.samples.y.numpy()
    axes = np.linspace(span[0], span[1], MESH), np.linspace(span[2], span[3], MESH)
    w = pairs(*axes)
    jet = surface.jet(w)
    mesh = np.where(np.isfinite(jet.u), jet.u, np.nan).reshape(MESH, MESH, 3)
    foot = nearest(surface, y, axes, mesh)
    start = np.stack(_mapped(model.chart.base, problem.w0.numpy()[None]), 1)[0]
    way = geodesic(surface, start, foot.w)
    plane, plane_loss = _plane(problem, model, surface, w)
    return Geometry(
        mesh_1=axes[0],
        mesh_2=axes[1],
        mesh=mesh,
        mesh_loss=_loss(problem, jet.u).reshape(MESH, MESH),
        curvature=gaussian_curvature(jet).reshape(MESH, MESH),
        plane_1=plane[0],
        plane_2=plane[1],
        plane_loss=plane_loss,
        foot=foot.u,
        foot_parameters=_in_chart(model, foot.w[None])[0],
        geodesic=way.u,
        geodesic_parameters=_in_chart(model, way.w),
        surface=problem.model_name,
        chart=model.chart.name,
        chart_formula=model.chart.formula,
        foot_text=foot.text,
        geodesic_text=way.text,
    )


def manifold(problem: Problem, model: SurfaceModel) -> Manifold:
    """Return the surface of a problem's predictors."""
    x, start = problem.samples.x, problem.w0[None]
    offset = model.outputs(start, x)[0] if problem.centred else torch.zeros(len(x), dtype=torch.float64)
    return Manifold(model.function, x[:, 0], problem.runs[0].alpha, offset)


def pairs(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return all points of a mesh, the last parameter varying fastest, shape (A B, 2)."""
    return np.stack(np.meshgrid(first, second, indexing="ij"), -1).reshape(-1, 2)


def _plane(
    problem: Problem, model: SurfaceModel, surface: Manifold, w: np.ndarray
) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Return axes and loss of a mesh in the chart that holds the window's points w and the start."""
    v = np.concatenate([_in_chart(model, w), problem.w0.numpy()[None]])
    low, high = v.min(0), v.max(0)
    axes = np.linspace(low[0], high[0], PLANE), np.linspace(low[1], high[1], PLANE)
    base = np.stack(_mapped(model.chart.base, pairs(*axes)), 1)
    return axes, _loss(problem, surface.points(base)).reshape(PLANE, PLANE)


def _loss(problem: Problem, u: np.ndarray) -> np.ndarray:
    """Return g at predictions u (m, 3), shape (m,); NaN where they are not finite."""
    value = problem.loss.value(torch.from_numpy(u), problem.samples.y).numpy()
    return np.where(np.isfinite(value), value, np.nan)


def _in_chart(model: SurfaceModel, w: np.ndarray) -> np.ndarray:
    """Return base parameters w (m, 2) in the chart, shape (m, 2)."""
    return np.stack(_mapped(model.chart.inverse, w), 1)


def _mapped(through: Map, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the coordinates of points w (m, 2) after a map of a chart, each (m,)."""
    a, b = through(*torch.tensor(w, dtype=torch.float64).T)
    return a.numpy(), b.numpy()
