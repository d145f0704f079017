"""Hand-made surface experiments (n = 3 samples, p = 2 parameters) in closed form, without any engine.

The unit sphere, whose Gauss-Newton path, geodesic, foot and curvature are known, and a saddle-like patch
(w1, w2, h(w)) whose curvature is known, and whose paths and geodesic are accurate solves of SciPy.
Each in two charts of the same M: "plain" and "bent", w1 = sinh v1, w2 = v2 + v1^2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr
from made import made_dataset
from scipy.integrate import solve_bvp, solve_ivp
from scipy.optimize import minimize

Array = np.ndarray
GAUSS_NEWTON, GRADIENT_FLOW = "gauss-newton", "gradient-flow"
RUNS = [GAUSS_NEWTON, GRADIENT_FLOW]
LAST, ARC = 12.0, 41


@dataclass(frozen=True)
class Surface:
    """M = {f(w)}, with its start and target; arrays of w have the parameters in front, shape (2, ...)."""

    model: str
    outputs: Callable[[Array], Array]
    jacobian: Callable[[Array], Array]
    curvature: Callable[[Array], Array]
    start: Array
    target: Array
    window: tuple[tuple[float, float], tuple[float, float]]


def _sphere(w: Array) -> Array:
    return np.stack([np.sin(w[0]) * np.cos(w[1]), np.sin(w[0]) * np.sin(w[1]), np.cos(w[0])])


def _sphere_jacobian(w: Array) -> Array:
    s, t, c, d = np.sin(w[0]), np.sin(w[1]), np.cos(w[0]), np.cos(w[1])
    return np.array([[c * d, -s * t], [c * t, s * d], [-s, 0 * t]])


def _sphere_curvature(w: Array) -> Array:
    return np.where(np.abs(np.sin(w[0])) > 1e-12, 1.0, np.nan)  # the chart ends at the poles


def _height(w: Array) -> tuple[Array, Array, Array, Array, Array, Array]:
    """h = 0.6 sin(1.4 w1) cos(w2) and its derivatives h1, h2, h11, h12, h22."""
    a, s, c, t, d = 1.4, np.sin(1.4 * w[0]), np.cos(1.4 * w[0]), np.sin(w[1]), np.cos(w[1])
    return (
        0.6 * s * d, 0.6 * a * c * d, -0.6 * s * t, -0.6 * a * a * s * d, -0.6 * a * c * t, -0.6 * s * d
    )  # fmt: skip


def _patch(w: Array) -> Array:
    return np.stack([w[0], w[1], _height(w)[0]])


def _patch_jacobian(w: Array) -> Array:
    _, h1, h2, *_ = _height(w)
    return np.array([[1.0, 0.0], [0.0, 1.0], [h1, h2]])


def _patch_curvature(w: Array) -> Array:
    _, h1, h2, h11, h12, h22 = _height(w)
    return (h11 * h22 - h12**2) / (1 + h1**2 + h2**2) ** 2


SPHERE = Surface(
    "(sin w1 cos w2, sin w1 sin w2, cos w1)", _sphere, _sphere_jacobian, _sphere_curvature,
    np.array([2.3, -0.5]), 1.5 * np.array([0.35, 0.75, 0.56]), ((0.0, np.pi), (-np.pi, np.pi)),
)  # fmt: skip
PATCH = Surface(
    "(w1, w2, 0.6 sin(1.4 w1) cos w2)", _patch, _patch_jacobian, _patch_curvature,
    np.array([-1.5, -1.1]), np.array([1.2, 0.9, 1.1]), ((-2.2, 2.2), (-2.2, 2.2)),
)  # fmt: skip


def to_base(v: Array, chart: str) -> Array:
    return v if chart == "plain" else np.stack([np.sinh(v[0]), v[1] + v[0] ** 2])


def to_chart(w: Array, chart: str) -> Array:
    v1 = np.arcsinh(w[0])
    return w if chart == "plain" else np.stack([v1, w[1] - v1**2])


def _chart_jacobian(v: Array, chart: str) -> Array:
    return np.eye(2) if chart == "plain" else np.array([[np.cosh(v[0]), 0.0], [2 * v[0], 1.0]])


def made_surface(
    surface: Surface = SPHERE, count: int | None = None, *, chart: str = "plain", moments: int = 120,
    mesh: int = 41, plane: int = 60,
) -> xr.Dataset:  # fmt: skip
    """Return the Dataset of a surface experiment, of which `count` moments are in (all if None)."""
    time = np.concatenate([[0.0], np.geomspace(1e-2, LAST, moments - 1)])
    weights = np.stack([_gauss_newton(surface, time, chart), _gradient_flow(surface, time, chart)])
    u = np.moveaxis(surface.outputs(to_base(np.moveaxis(weights, -1, 0), chart)), 0, -1)
    ds = made_dataset(n=3, runs=2, grid=0, moments=moments).isel(mode=slice(2)).copy(deep=True)
    ds = ds.assign_coords(run=np.array(RUNS, dtype=object), method=("run", np.array(RUNS, dtype=object)))
    ds = ds.assign_coords(time=time, alpha=("run", np.ones(2)))
    ds["y"] = ("sample", surface.target)
    ds["prediction"] = (("run", "time", "sample"), u)
    ds["weights"] = (("run", "time", "parameter"), weights)
    ds["loss"] = (("run", "time"), _loss(surface, np.moveaxis(u, -1, 0)))
    ds["tangent"] = (("run", "time", "sample", "mode"), _tangent(surface, to_base(weights.T, chart).T))
    return _still(ds, surface, chart, mesh, plane).isel(time=slice(count))


def _still(ds: xr.Dataset, surface: Surface, chart: str, mesh: int, plane: int) -> xr.Dataset:
    """Add what does not move."""
    w1, w2 = (np.linspace(*ends, mesh) for ends in surface.window)
    w = np.stack(np.meshgrid(w1, w2, indexing="ij"))
    u = surface.outputs(w)
    corners = to_chart(w, chart)
    v1, v2 = (np.linspace(corners[k].min(), corners[k].max(), plane) for k in (0, 1))
    v = np.stack(np.meshgrid(v1, v2, indexing="ij"))
    foot, geodesic = _great_circle(surface) if surface is SPHERE else _solved(surface)
    known = {
        "mesh": (("mesh_1", "mesh_2", "sample"), np.moveaxis(u, 0, -1)),
        "mesh_loss": (("mesh_1", "mesh_2"), _loss(surface, u)),
        "curvature": (("mesh_1", "mesh_2"), surface.curvature(w)),
        "plane_loss": (("plane_1", "plane_2"), _loss(surface, surface.outputs(to_base(v, chart)))),
        "foot": ("sample", surface.outputs(foot)),
        "foot_parameters": ("parameter", to_chart(foot, chart)),
        "geodesic": (("arc", "sample"), surface.outputs(geodesic).T),
        "geodesic_parameters": (("arc", "parameter"), to_chart(geodesic, chart).T),
    }
    ds = ds.assign(known).assign_coords(mesh_1=w1, mesh_2=w2, plane_1=v1, plane_2=v2)
    apart = np.linalg.norm(surface.outputs(foot) - surface.target)
    formula = "w1 = v1, w2 = v2" if chart == "plain" else "w1 = sinh v1, w2 = v2 + v1^2"
    return ds.assign_attrs(
        surface=surface.model, chart=chart, chart_formula=formula,
        foot_text=f"the target lies {apart:.3g} off M", geodesic_text="the geodesic reaches the foot",
    )  # fmt: skip


def without_foot(ds: xr.Dataset) -> xr.Dataset:
    """The same experiment, but no foot and no geodesic was found."""
    ds = ds.copy(deep=True)
    for name in ("foot", "foot_parameters", "geodesic", "geodesic_parameters"):
        ds[name].values[:] = np.nan
    return ds


def _loss(surface: Surface, u: Array) -> Array:
    return 0.5 * np.tensordot(np.ones(3), (u.T - surface.target).T ** 2, 1)


def _tangent(surface: Surface, weights: Array) -> Array:
    flat = [np.linalg.qr(surface.jacobian(w))[0] for w in weights.reshape(-1, 2)]
    return np.stack(flat).reshape(*weights.shape[:-1], 3, 2)


def _follow(surface: Surface, time: Array, slope: Callable[[Array], Array], start: Array) -> Array:
    return solve_ivp(
        lambda _, v: slope(v), (0, time[-1]), start, method="LSODA", t_eval=time, rtol=1e-11, atol=1e-13
    ).y.T


def _gauss_newton(surface: Surface, time: Array, chart: str) -> Array:
    """Weights over time: on the sphere in closed form, tan(psi/2) = tan(psi_0/2) exp(-||y|| t)."""
    if surface is not SPHERE:

        def slope(w: Array) -> Array:
            step = np.linalg.lstsq(surface.jacobian(w), surface.outputs(w) - surface.target, rcond=None)[0]
            return -step

        w = _follow(surface, time, slope, surface.start).T
        return to_chart(w, chart).T
    size = np.linalg.norm(surface.target)
    pole, u0 = surface.target / size, surface.outputs(surface.start)
    first = np.arccos(pole @ u0)
    across = (u0 - np.cos(first) * pole) / np.sin(first)
    psi = 2 * np.arctan(np.tan(first / 2) * np.exp(-size * time))
    u = np.cos(psi)[:, None] * pole + np.sin(psi)[:, None] * across
    return to_chart(_angles(u.T), chart).T


def _gradient_flow(surface: Surface, time: Array, chart: str) -> Array:
    def slope(v: Array) -> Array:
        w = to_base(v, chart)
        jacobian = surface.jacobian(w) @ _chart_jacobian(v, chart)
        return -jacobian.T @ (surface.outputs(w) - surface.target)

    return _follow(surface, time, slope, to_chart(surface.start, chart))


def _angles(u: Array) -> Array:
    return np.stack([np.arccos(np.clip(u[2], -1, 1)), np.arctan2(u[1], u[0])])


def _great_circle(surface: Surface) -> tuple[Array, Array]:
    """The foot, and the geodesic to it, in base parameters."""
    foot, u0 = surface.target / np.linalg.norm(surface.target), surface.outputs(surface.start)
    psi = np.arccos(foot @ u0)
    share = np.linspace(0, 1, ARC)
    u = (np.sin((1 - share) * psi) * u0[:, None] + np.sin(share * psi) * foot[:, None]) / np.sin(psi)
    return _angles(foot), _angles(u)


def _solved(surface: Surface) -> tuple[Array, Array]:
    """As `_great_circle`, for the patch: the foot by Newton's method, the geodesic as a boundary problem."""
    found = minimize(
        lambda w: 0.5 * np.sum((surface.outputs(w) - surface.target) ** 2), surface.target[:2],
        jac=lambda w: surface.jacobian(w).T @ (surface.outputs(w) - surface.target), method="BFGS",
        options={"gtol": 1e-9},
    ).x  # fmt: skip

    def slope(_: Array, s: Array) -> Array:
        _, h1, h2, h11, h12, h22 = _height(s[:2])
        bend = h11 * s[2] ** 2 + 2 * h12 * s[2] * s[3] + h22 * s[3] ** 2
        return np.stack([s[2], s[3], -h1 * bend / (1 + h1**2 + h2**2), -h2 * bend / (1 + h1**2 + h2**2)])

    share, way = np.linspace(0, 1, ARC), found - surface.start
    guess = np.vstack([surface.start[:, None] + way[:, None] * share, np.tile(way[:, None], ARC)])
    ends = lambda a, b: np.concatenate([a[:2] - surface.start, b[:2] - found])  # noqa: E731
    return found, solve_bvp(slope, ends, share, guess, tol=1e-8, max_nodes=20000).sol(share)[:2]
