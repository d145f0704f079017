"""Snapshots collected on the shared time grid, and presented as a Dataset."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from gnviz.results.schema import ENDS, PER_MODE, PER_RUN, PER_STEP, SCHEMA, Status
from gnviz.results.snapshot import Header, Snapshot

FIRST_ROOM = 8
"""Looks at a plane that there is room for at first."""


@dataclass
class Recording:
    """Snapshots of one experiment, collected into arrays that are allocated once.

    Attributes:
        header: The experiment's header.
        count: Number of moments recorded so far; arrays are NaN beyond.
        evaluations: Kernel evaluations so far, shape (R,); None if the snapshots do not say.
        ends: Where each run ended, and the like, by the names of `ENDS`, each (R,).
        unscaled_covariance, rank: Of the parameters at the end, shapes (R, p, p) and (R,); None likewise.
        end_weights: The weights that the runs ended with, shape (R, p); None until all have, or if not kept.
        start_loss, start_error: What other starts found, shape (R, S); None where none were tried (yet).
        start_distance, start_fresh: How each was chosen, shape (S,).
        looks: Positions of the moments that came with the predictors over a plane.
    """

    header: Header
    count: int = 0
    status: list[str] = field(default_factory=list)
    status_text: list[str] = field(default_factory=list)
    wall_seconds: float = 0.0
    optimum: np.ndarray = field(default_factory=lambda: np.empty(0))
    optimum_error: np.ndarray = field(default_factory=lambda: np.empty(0))
    evaluations: np.ndarray | None = None
    ends: dict[str, np.ndarray] = field(default_factory=dict)
    end_weights: np.ndarray | None = None
    unscaled_covariance: np.ndarray | None = None
    rank: np.ndarray | None = None
    start_loss: np.ndarray | None = None
    start_error: np.ndarray | None = None
    start_distance: np.ndarray | None = None
    start_fresh: np.ndarray | None = None
    looks: list[int] = field(default_factory=list)
    _planes: np.ndarray = field(default_factory=lambda: np.empty((0, 0, 0, 0), np.float32), repr=False)
    _arrays: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    _built: xr.Dataset | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        h = self.header
        runs, times, grid = len(h.methods), len(h.time), len(h.grid)
        n, modes = h.basis.shape
        shapes: dict[str, tuple[int, ...]] = dict.fromkeys((*PER_RUN, *PER_STEP), (runs, times))
        shapes |= dict.fromkeys(PER_MODE, (runs, times, modes))
        shapes |= {"prediction": (runs, times, n), "curve": (runs, times, grid)}
        if h.orders:
            shapes["sharpness"] = (runs, times, h.orders)
        if h.parameters:
            shapes["weights"] = (runs, times, h.parameters)
        if h.geometry:
            shapes["tangent"] = (runs, times, n, modes)
        self._arrays = {name: np.full(shape, np.nan) for name, shape in shapes.items()}
        self.ends = {name: np.full(runs, np.nan) for name in ENDS}
        self.optimum, self.optimum_error = (np.full(runs, np.nan) for _ in range(2))
        self.status = [Status.RUNNING] * runs
        self.status_text = [""] * runs

    @classmethod
    def of(cls, snapshots: Iterable[Snapshot]) -> Recording:
        """Collect all of `snapshots`.

        Raises:
            ValueError: There is none, or the first one carries no header.
        """
        recording = None
        for snapshot in snapshots:
            if recording is None:
                if snapshot.header is None:
                    raise ValueError("the first snapshot carries no header: snapshots are missing")
                recording = cls(snapshot.header)
            recording.append(snapshot)
        if recording is None:
            raise ValueError("no snapshots: the run ended before its first moment")
        return recording

    def append(self, snapshot: Snapshot) -> None:
        """Add the next moment; moments arrive in order."""
        if snapshot.index != self.count:
            raise ValueError(f"snapshot {snapshot.index} came where {self.count} was due")
        for name, array in self._arrays.items():
            array[:, snapshot.index] = getattr(snapshot, name)
        self.count, self._built = snapshot.index + 1, None
        if snapshot.plane is not None:
            self._look(snapshot.plane)
        self.status, self.status_text = list(snapshot.status), list(snapshot.status_text)
        self.wall_seconds, self.evaluations = snapshot.wall_seconds, snapshot.evaluations
        self.end_weights, self.rank = snapshot.end_weights, snapshot.rank
        self.unscaled_covariance = snapshot.unscaled_covariance
        for name, values in self.ends.items():
            self.ends[name] = np.broadcast_to(getattr(snapshot, name), values.shape).copy()
        if snapshot.optimum is not None and snapshot.optimum_error is not None:
            self.optimum, self.optimum_error = snapshot.optimum, snapshot.optimum_error
            self.start_loss, self.start_error = snapshot.start_loss, snapshot.start_error
            self.start_distance, self.start_fresh = snapshot.start_distance, snapshot.start_fresh

    def _look(self, plane: np.ndarray) -> None:
        """Keep the predictors over the plane, shape (R, B, A), at the latest moment; room grows by half."""
        count = len(self.looks)
        if count == len(self._planes):
            more = np.empty((FIRST_ROOM + count // 2, *plane.shape), plane.dtype)
            self._planes = np.concatenate([self._planes.reshape(count, *plane.shape), more])
        self._planes[count] = plane
        self.looks.append(self.count - 1)

    def nearest(self, time: float) -> int:
        """Return the position of the recorded moment that is nearest to a time; there must be one."""
        return int(np.abs(self.header.time[: self.count] - time).argmin())

    def close(self, status: Status, text: str) -> None:
        """Give every run that is still running a final status, as after a cancel."""
        self._built = None
        for i, current in enumerate(self.status):
            if current == Status.RUNNING:
                self.status[i], self.status_text[i] = status, text

    def dataset(self) -> xr.Dataset:
        """Return what is recorded so far as a Dataset of schema 1, sharing memory."""
        if self._built is None:
            self._built = self._build()  # some milliseconds, and a page asks several times
        return self._built.copy(deep=False)

    def _build(self) -> xr.Dataset:
        variables, coords, attrs = self._variables(), self._coords(), self._attrs()
        if geometry := self.header.geometry:
            variables |= geometry.variables
            coords |= geometry.coords
            attrs |= geometry.attrs
        return xr.Dataset(variables, coords, attrs)

    def _variables(self) -> dict[str, Any]:
        h, k = self.header, self.count
        dims: dict[str, tuple[str, ...]] = dict.fromkeys((*PER_RUN, *PER_STEP), ("run", "time"))
        dims |= dict.fromkeys(PER_MODE, ("run", "time", "mode"))
        dims |= {"prediction": ("run", "time", "sample"), "curve": ("run", "time", "grid")}
        dims["sharpness"] = ("run", "time", "order")
        dims["weights"] = ("run", "time", "parameter")
        dims["tangent"] = ("run", "time", "sample", "mode")
        variables: dict[str, Any] = {name: (dims[name], a[:, :k]) for name, a in self._arrays.items()}
        variables |= {name: ("run", values) for name, values in self.ends.items()}
        variables |= {
            "optimum": ("run", self.optimum),
            "optimum_error": ("run", self.optimum_error),
            "status": ("run", np.array([str(s) for s in self.status], dtype=object)),
            "status_text": ("run", np.array(self.status_text, dtype=object)),
            "x": (("sample", "feature"), h.x),
            "y": ("sample", h.y),
            "basis": (("sample", "mode"), h.basis),
            "truth": ("grid", h.grid_truth),
        }
        if h.kernel_limit.size or not len(h.grid):
            variables["kernel_limit"] = (("run", "grid"), h.kernel_limit.reshape(len(h.labels), len(h.grid)))
        if h.infinite_width is not None:
            variables["infinite_width"] = ("mode", h.infinite_width)
        if h.test_x is not None:
            variables |= {"test_x": (("test", "feature"), h.test_x), "test_y": ("test", h.test_y)}
        if h.plane is not None:
            variables["plane"] = (("run", "look", "up", "across"), self._overlooked(*h.plane))
        if h.frozen_loss is not None:
            variables["frozen_loss"] = (("run", "moment"), h.frozen_loss)
            variables["frozen_modes"] = (("run", "moment", "mode"), h.frozen_modes)
        if self.evaluations is not None:
            variables["evaluations"] = ("run", self.evaluations)
        if self.end_weights is not None:
            variables["end_weights"] = (("run", "parameter"), self.end_weights)
        if self.unscaled_covariance is not None:
            variables["unscaled_covariance"] = (("run", "parameter", "other"), self.unscaled_covariance)
            variables["rank"] = ("run", self.rank)
        if self.start_loss is not None:
            variables["start_loss"] = (("run", "start"), self.start_loss)
            variables["start_error"] = (("run", "start"), self.start_error)
            variables["start_distance"] = ("start", self.start_distance)
            variables["start_fresh"] = ("start", self.start_fresh)
        return variables

    def _overlooked(self, across: np.ndarray, up: np.ndarray) -> np.ndarray:
        """Return the predictors over the plane at all looks so far, shape (R, looks, B, A)."""
        count, shape = len(self.looks), (len(self.header.labels), len(up), len(across))
        return self._planes[:count].reshape(count, *shape).swapaxes(0, 1)

    def _coords(self) -> dict[str, Any]:
        h = self.header
        coords: dict[str, Any] = {
            "run": np.array(h.labels, dtype=object),
            "method": ("run", np.array(h.methods, dtype=object)),
            "alpha": ("run", h.alphas),
            "seed": ("run", h.seeds),
            "time": h.time[: self.count],
            "grid": h.grid,
            "feature": np.array(h.names, dtype=object),
        }
        if h.frozen_loss is not None:
            coords["moment"] = h.time
        if h.plane is not None:
            coords |= {"look": h.time[self.looks], "across": h.plane[0], "up": h.plane[1]}
        if len(h.coordinate):
            coords["coordinate"] = ("sample", h.coordinate)
        return coords

    def _attrs(self) -> dict[str, Any]:
        h = self.header
        return {
            "experiment": h.experiment,
            "schema": SCHEMA,
            "version": version(),
            "clock": h.clock,
            "engine": h.engine,
            "device": h.device,
            "dtype": h.dtype,
            "wall_seconds": self.wall_seconds,
            "target": h.target,
            "model": h.model or "the experiment's network",
            "loss_kind": h.loss,
            "loss_formula": h.formula,
            "sigma": h.sigma,
            **_units(h),
            "condition": h.condition,
            "resolution": h.resolution,
            "notes": "\n".join(h.notes),
        }


def _units(h: Header) -> dict[str, Any]:
    """Return how x and y become the data's own numbers: own = offset + scale * recorded."""
    ones = np.ones(h.x.shape[1])
    x_offset, x_scale, y_offset, y_scale = h.units or (0 * ones, ones, 0.0, 1.0)
    if len(ones) == 1:  # as files give them back
        x_offset, x_scale = float(x_offset[0]), float(x_scale[0])
    values = {"x_offset": x_offset, "x_scale": x_scale, "y_offset": y_offset, "y_scale": y_scale}
    return {"standardized": str(h.units is not None).lower()} | values


def version() -> str:
    """Return the installed version of gnviz."""
    return importlib.metadata.version("gnviz")
