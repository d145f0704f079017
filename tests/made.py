"""A hand-made result: three runs whose modes decay exactly as exp(-r_i t), without any network."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from gnviz.methods import METHODS
from gnviz.results import Header, Recording, Snapshot, Status
from gnviz.views import VIEWS, View

HUES = {kind: method.color for kind, method in METHODS.items()}
"""The colour of each kind of method."""

RHO = {"gradient-flow": 1.0, "constant(rho=0.01)": 0.01, "adaptive(c=1)": 2e-6 / (1 + 2e-6)}


def time_grid(moments: int = 160, clock: str = "flow") -> np.ndarray:
    if clock == "steps":
        return np.arange(float(moments))
    return np.concatenate([[0.0], np.geomspace(1e-2, 1e7, moments - 1)])


def made_header(
    n: int = 10, moments: int = 160, *, grid: int = 200, clock: str = "flow", runs: int = 3
) -> Header:
    """Samples on a half circle; without `grid`, on no curve."""
    rng = np.random.default_rng(0)
    theta = np.sort(np.concatenate([np.linspace(0, np.pi, n // 2, endpoint=False) + d for d in (0, 0.1)]))
    theta = np.resize(theta, n) if len(theta) else np.zeros(n)
    along = np.linspace(0, np.pi, grid)
    basis, _ = np.linalg.qr(rng.standard_normal((n, n)))
    labels = tuple(RHO)[:runs]
    return Header(
        experiment="{}", methods=labels, alphas=np.full(runs, 5.0), seeds=np.zeros(runs, dtype=int),
        time=time_grid(moments, clock), x=np.column_stack([np.cos(theta), np.sin(theta)]), y=_target(theta),
        basis=basis, resolution=5e-14, condition=1e7, grid=along, grid_truth=_target(along),
        coordinate=theta if grid else np.empty(0), names=("x1", "x2"), target="two-tone", clock=clock,
        device="cpu", dtype="float64",
    )  # fmt: skip


def eigenvalues(n: int) -> np.ndarray:
    return np.geomspace(20.0, 2e-6, n) if n > 1 else np.array([20.0])


def made_snapshots(header: Header, count: int | None = None) -> Iterator[Snapshot]:
    """The analytic solution with a constant kernel, moment by moment."""
    lam, rho = eigenvalues(len(header.y)), np.array([RHO[m] for m in header.methods])[:, None]
    rate = lam / (rho + (1 - rho) * lam)
    c = -header.basis.T @ header.y
    runs = len(rho)
    for index, t in enumerate(header.time[: len(header.time) if count is None else count]):
        e = c * np.exp(-rate * t)
        loss = 0.5 * (e**2).sum(1)
        bound = 0.5 * (c**2).sum() * np.exp(-2 * rate.min(1) * t)
        half = lam[-1] / 2  # what the kernel, which does not change, might have fallen to
        promised = half / (rho[:, 0] + (1 - rho[:, 0]) * half)
        apriori = 0.5 * (c**2).sum() * np.exp(-2 * promised * t)
        share = (1 - np.exp(-rate[:, :1] * t)) * 0.9 + 0.1 * (1 - np.exp(-rate.min(1)[:, None] * t))
        yield Snapshot(
            index=index, time=float(t), loss=loss, rho=rho[:, 0], kernel_drift=np.zeros(runs),
            weight_drift=np.zeros(runs), bound=np.maximum(bound, 1e-30), lazy_gap=np.zeros(runs),
            path_length=np.zeros(runs), test_loss=np.full(runs, np.nan), eigenvalues=np.tile(lam, (runs, 1)),
            rate=rate, residual_modes=e, kernel_change=np.zeros(runs),
            apriori=np.maximum(apriori, 1e-30), prediction=header.y + e @ header.basis.T,
            curve=share * header.grid_truth, status=(Status.RUNNING,) * runs, status_text=("",) * runs,
            wall_seconds=0.1 * index, header=header if index == 0 else None,
        )  # fmt: skip


def made_recording(count: int | None = None, **settings: object) -> Recording:
    """Return a Recording of which `count` moments are in (all if None)."""
    header = made_header(**settings)
    recording = Recording(header)
    for snapshot in made_snapshots(header, count):
        recording.append(snapshot)
    return recording


def made_dataset(count: int | None = None, **settings: object) -> xr.Dataset:
    return made_recording(count, **settings).dataset()


def made_plane(moments: int = 20, *, labels: bool = True, held_out: bool = True) -> xr.Dataset:
    """Return three runs on six samples of two inputs, looked at at every third moment.

    Run r predicts (k + 1) (x1 + r x2 - 0.25) at moment k; labels are the sign of x1.
    """
    ds = made_dataset(moments, n=6, moments=moments, grid=0).copy(deep=True)
    x = np.array([[-0.9, 0.1], [-0.5, -0.4], [-0.1, 0.8], [0.2, 0.3], [0.6, -0.7], [0.9, 0.5]])
    y = np.sign(x[:, 0]) if labels else 3 * x[:, 0]
    across, up, looks = np.linspace(-1, 1, 21), np.linspace(-1.2, 1, 12), np.arange(0, moments, 3)
    slope, size = np.arange(3.0)[:, None, None, None], np.arange(1.0, moments + 1)[None, :, None, None]
    plane = size[:, looks] * (across + slope * up[:, None] - 0.25)
    u = size[..., 0] * (x[:, 0] + slope[..., 0] * x[:, 1] - 0.25)
    ds["x"], ds["y"] = (("sample", "feature"), x), ("sample", y)
    ds["prediction"] = ("run", "time", "sample"), u
    ds["plane"] = ("run", "look", "up", "across"), plane.astype(np.float32)
    if held_out:
        ds["test_x"] = ("test", "feature"), x[:4] + 0.05
        ds["test_y"] = "test", y[:4]
        ds["test_accuracy"] = ("run", "time"), np.full((3, moments), 0.875 if labels else np.nan)
    return ds.assign_coords(look=ds["time"].values[looks], across=across, up=up)


def few_parameters(moments: int = 20, optimum: float = 0.5, error: float = 1e-12) -> xr.Dataset:
    """Return three runs with two modes for ten samples, whose excess loss over the optimum is exp(-2t)."""
    ds = made_dataset(moments).copy(deep=True).isel(mode=slice(0, 2))
    time = np.linspace(0, 8, moments)
    modes = np.exp(-time)[None, :, None] * np.array([2.0, 1.0])
    ds["residual_modes"] = ds["residual_modes"].dims, np.broadcast_to(modes, (3, moments, 2)).copy()
    ds["loss"] = ("run", "time"), 0.5 + 0.5 * (modes**2).sum(-1).repeat(3, 0)
    ds["optimum"], ds["optimum_error"] = ("run", np.full(3, optimum)), ("run", np.full(3, error))
    return ds.assign_coords(time=time)


def ended(
    ds: xr.Dataset, run: int, when: float, status: str = "converged", loss: float | None = None
) -> xr.Dataset:
    """Return the Dataset with one run that ended at a time: NaN after it, of one that diverged from it on.

    Args:
        ds: Whose other runs stay.
        run: The position of the run.
        when: Where it ended.
        status: How.
        loss: Its loss there; None: the last one recorded by then (NaN for one that diverged).
    """
    ds = ds.copy(deep=True)
    time, diverged = ds["time"].values, status == "diverged"
    gone = time >= when if diverged else time > when
    last = np.nan if diverged else ds["loss"].values[run, np.flatnonzero(~gone)[-1]]
    for name, variable in ds.data_vars.items():
        if variable.dims[:2] == ("run", "time"):
            ds[name].values[run, gone] = np.nan
    ds["end_time"].values[run], ds["end_loss"].values[run] = when, last if loss is None else loss
    ds["status"].values[run] = status
    return ds


def _target(theta: np.ndarray) -> np.ndarray:
    return np.sin(3 * theta) + 0.3 * np.cos(7 * theta)


def fits(ds: xr.Dataset, view: View) -> bool:
    """Return whether `ds` has all variables that a figure needs: some are for certain experiments."""
    return view.suits(ds)


def usual_figures() -> list[str]:
    """Names of the figures that every experiment has: those of surface experiments need more variables."""
    ds = made_dataset(1)
    return [name for name, view in VIEWS.items() if fits(ds, view)]
