"""Results: what a run records, as labelled arrays that can be saved and loaded.

`Snapshot` is one moment of all runs of an experiment, in NumPy; a `Recording` collects them on
the experiment's shared time grid and presents them as an `xarray.Dataset` (schema 1):

| variable | dims | meaning |
|---|---|---|
| loss, rho, bound | (run, time) | loss g; schedule; running certificate on the loss |
| step_size, gain, accepted | (run, time) | see `PER_STEP`; NaN in continuous time |
| kernel_drift, weight_drift | (run, time) | ||K_t-K_0||/||K_0||; ||w_t-w_0||/||w_0|| |
| eigenvalues, rate, residual_modes | (run, time, mode) | of S_t, descending; r_i; V_t^T z_t |
| prediction | (run, time, sample) | the predictor u_t on the data |
| curve | (run, time, grid) | the predictor along `grid`, for data on a line or a circle |
| weights | (run, time, parameter) | the parameters w_t, where they are few (at most 64) |
| optimum, optimum_error | (run,) | least loss in reach for p < n, NaN where unknown; its uncertainty |
| status, status_text | (run,) | one word and one plain sentence |
| evaluations | (run,) | kernel evaluations that following the run took |
| lazy_gap | (run, time) | ||u_t - u_lin|| / ||u_t - u_0||, u_lin the network linearized at w_0, at w_t |
| path_length | (run, time) | length of the polygon w_0, w_1, ... through the recorded weights, over ||w_0|| |
| test_loss | (run, time) | mean loss of a test sample, times n; NaN without test samples (`data.test`) |
| kernel_limit | (run, grid) | where training would end if the kernel stayed K_0 (kernel regression) |
| sharpness | (run, time, order) | top eigenvalues of the loss's Hessian, on request (`observe.sharpness`) |
| x, y | (sample, feature), (sample,) | the data |
| basis | (sample, mode) | eigenvectors of S_0, in the order of the eigenvalues |

With the loss's gradient e and curvature G, S = G^{1/2} K G^{1/2} = V diag(lambda) V^T and z = G^{-1/2} e: for
squared loss these are K and u - y. There are min(n, p) modes: for p < n the part of z normal to them is out
of reach, and `bound` is NaN. kernel_drift is of K itself. Files of older versions lack what is not in
`VARIABLES`.

Nothing here imports torch.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

SCHEMA = 1

_FIRST = ("loss", "rho", "kernel_drift", "weight_drift", "bound")
PER_RUN = (*_FIRST, "lazy_gap", "path_length", "test_loss")
PER_STEP = ("step_size", "gain", "accepted")
"""Of discrete steps, NaN where there is nothing to say: eta of the last step; actual over predicted fall of
the loss in it (line search, trust region); share of the steps since the moment before that were taken, not
rejected."""

PER_MODE = ("eigenvalues", "rate", "residual_modes")
VARIABLES = (*_FIRST, *PER_MODE, "prediction", "curve", "status", "status_text", "x", "y", "basis", "truth")
"""What every file has; those of older versions lack the others."""


class Status(StrEnum):
    """How a run stands; everything but `RUNNING` is final."""

    RUNNING = "running"
    FINISHED = "finished"
    CONVERGED = "converged"
    DIVERGED = "diverged"
    SINGULAR = "singular"
    UNDEFINED = "undefined"
    STEP_LIMIT = "step-limit"
    CANCELLED = "cancelled"
    LOST = "lost"


@dataclass(frozen=True)
class Header:
    """What is known of an experiment before its first step, in NumPy.

    Attributes:
        experiment: The experiment as JSON.
        methods: The method of each run, R of them.
        alphas: Output scaling of each run, shape (R,).
        seeds: Network seed of each run, shape (R,).
        time: The shared time grid, shape (T,): flow times, or step numbers.
        x: Inputs, shape (n, features).
        y: Targets, shape (n,).
        basis: Eigenvectors of S_0 as columns, shape (n, k), by descending eigenvalue; k = min(n, p).
        resolution: Eigenvalues of S_0 below this are rounding, not spectrum.
        condition: kappa(K_0) as reached, of its min(n, p) largest eigenvalues; infinite if the last of them
            cannot be told from 0.
        grid: Coordinate along which the fitted curve is drawn, shape (G,), G = 0 for none.
        grid_truth: The noise-free target along `grid`, NaN where there is none, shape (G,).
        coordinate: The data's own coordinate on that axis, shape (n,) or (0,).
        names: Of the input features.
        target: Name of the target.
        device: Device and precision that the run uses, e.g. "cpu".
        dtype: Floating-point precision, e.g. "float64".
        notes: Plain sentences a user should know, e.g. about duplicate inputs.
        loss: The loss's name.
        formula: The loss as plain text.
        runs: Labels of the runs, all different; empty: the methods are.
        kernel_limit: Limit of training with a constant kernel along `grid`, shape (R, G); (0, 0) if unknown.
        orders: Leading eigenvalues of the loss's Hessian that snapshots carry.
        model: Name of the user's own model; empty for the experiment's network.
        parameters: How many parameters each snapshot records; 0: none.
    """

    experiment: str
    methods: tuple[str, ...]
    alphas: np.ndarray
    seeds: np.ndarray
    time: np.ndarray
    x: np.ndarray
    y: np.ndarray
    basis: np.ndarray
    resolution: float
    condition: float
    grid: np.ndarray
    grid_truth: np.ndarray
    coordinate: np.ndarray
    names: tuple[str, ...]
    target: str
    clock: str
    device: str
    dtype: str
    notes: tuple[str, ...] = ()
    loss: str = "squared"
    formula: str = "½‖u − y‖²"
    runs: tuple[str, ...] = ()
    kernel_limit: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    orders: int = 0
    model: str = ""
    parameters: int = 0

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the runs, R of them, all different."""
        return self.runs or self.methods


NOTHING = np.array(np.nan)
"""Stands for an array of NaN, one for each run."""


@dataclass(frozen=True)
class Snapshot:
    """One moment of all R runs, in NumPy; see the module's table for the fields.

    `index` is the position on the header's time grid. `header` comes with the first
    snapshot only, `optimum` and `optimum_error` with the last one, where they are known. `evaluations` is the
    count so far of kernel evaluations (flow clock: linearizations with an eigendecomposition each; steps
    clock: steps), without those that observing takes, shape (R,).
    """

    index: int
    time: float
    loss: np.ndarray
    rho: np.ndarray
    kernel_drift: np.ndarray
    weight_drift: np.ndarray
    bound: np.ndarray
    lazy_gap: np.ndarray
    path_length: np.ndarray
    test_loss: np.ndarray
    eigenvalues: np.ndarray
    rate: np.ndarray
    residual_modes: np.ndarray
    prediction: np.ndarray
    curve: np.ndarray
    status: tuple[str, ...]
    status_text: tuple[str, ...]
    wall_seconds: float
    header: Header | None = None
    optimum: np.ndarray | None = None
    optimum_error: np.ndarray | None = None
    evaluations: np.ndarray | None = None
    sharpness: np.ndarray | None = None
    step_size: np.ndarray = field(default_factory=lambda: NOTHING)
    gain: np.ndarray = field(default_factory=lambda: NOTHING)
    accepted: np.ndarray = field(default_factory=lambda: NOTHING)
    weights: np.ndarray | None = None


@dataclass
class Recording:
    """Snapshots of one experiment, collected into arrays that are allocated once.

    Attributes:
        header: The experiment's header.
        count: Number of moments recorded so far; arrays are NaN beyond.
        evaluations: Kernel evaluations so far, shape (R,); None if the snapshots do not say.
    """

    header: Header
    count: int = 0
    status: list[str] = field(default_factory=list)
    status_text: list[str] = field(default_factory=list)
    wall_seconds: float = 0.0
    optimum: np.ndarray = field(default_factory=lambda: np.empty(0))
    optimum_error: np.ndarray = field(default_factory=lambda: np.empty(0))
    evaluations: np.ndarray | None = None
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
        self._arrays = {name: np.full(shape, np.nan) for name, shape in shapes.items()}
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
        self.status, self.status_text = list(snapshot.status), list(snapshot.status_text)
        self.wall_seconds, self.evaluations = snapshot.wall_seconds, snapshot.evaluations
        if snapshot.optimum is not None and snapshot.optimum_error is not None:
            self.optimum, self.optimum_error = snapshot.optimum, snapshot.optimum_error

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
        h, k = self.header, self.count
        dims: dict[str, tuple[str, ...]] = dict.fromkeys((*PER_RUN, *PER_STEP), ("run", "time"))
        dims |= dict.fromkeys(PER_MODE, ("run", "time", "mode"))
        dims |= {"prediction": ("run", "time", "sample"), "curve": ("run", "time", "grid")}
        dims["sharpness"] = ("run", "time", "order")
        dims["weights"] = ("run", "time", "parameter")
        variables: dict[str, Any] = {name: (dims[name], a[:, :k]) for name, a in self._arrays.items()}
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
        if self.evaluations is not None:
            variables["evaluations"] = ("run", self.evaluations)
        coords = {
            "run": np.array(h.labels, dtype=object),
            "method": ("run", np.array(h.methods, dtype=object)),
            "alpha": ("run", h.alphas),
            "seed": ("run", h.seeds),
            "time": h.time[:k],
            "grid": h.grid,
            "feature": np.array(h.names, dtype=object),
        }
        if len(h.coordinate):
            coords["coordinate"] = ("sample", h.coordinate)
        attrs = {
            "experiment": h.experiment,
            "schema": SCHEMA,
            "version": version(),
            "clock": h.clock,
            "device": h.device,
            "dtype": h.dtype,
            "wall_seconds": self.wall_seconds,
            "target": h.target,
            "model": h.model or "the experiment's network",
            "loss_kind": h.loss,
            "loss_formula": h.formula,
            "condition": h.condition,
            "resolution": h.resolution,
            "notes": "\n".join(h.notes),
        }
        return xr.Dataset(variables, coords, attrs)


def version() -> str:
    """Return the installed version of gnviz."""
    return importlib.metadata.version("gnviz")


def save(dataset: xr.Dataset, path: str | os.PathLike[str]) -> Path:
    """Write a Dataset to one NetCDF file, whole or not at all.

    Args:
        dataset: A Dataset of schema 1.
        path: Where to; an existing file is replaced only once the new one is complete.

    Returns:
        The path written.

    Raises:
        OSError: The file cannot be written (no such folder, disk full, no permission); the
            message names the path and the reason, and what stood there before is unharmed.
    """
    return replace_file(path, to_bytes(dataset))


def replace_file(path: str | os.PathLike[str], data: memoryview) -> Path:
    """Write a file, whole or not at all.

    Returns:
        The path written.

    Raises:
        OSError: It cannot be written; the message names the path and the reason.
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_file():  # replacing a device such as /dev/full would destroy it
            raise OSError("it is not a regular file")
        _write_whole(path, data)
    except OSError as error:
        raise OSError(f"could not save {path}: {error.strerror or error}; nothing was overwritten") from error
    return path


def to_bytes(dataset: xr.Dataset) -> memoryview:
    """Return the content of the NetCDF file that `save` writes.

    It is made in memory, because HDF5 may take the whole interpreter down where a disk is full.
    """
    return memoryview(dataset.to_netcdf(engine="h5netcdf"))


def _write_whole(path: Path, data: memoryview) -> None:
    """Write a file, or leave what stood there."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")  # beside it: same file system
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def load(path: str | os.PathLike[str]) -> xr.Dataset:
    """Read a Dataset written by `save`, wholly into memory.

    Raises:
        ValueError: The file is not a gnviz result, or of a newer schema.
        OSError: The file cannot be read.
    """
    with open(path, "rb"):  # a missing or forbidden file is an OSError, whatever HDF5 makes of it
        pass
    try:
        with xr.open_dataset(path, engine="h5netcdf") as file:
            dataset = file.load()
    except Exception as error:
        raise ValueError(f"{path} is not a NetCDF file that can be read: {error}") from error
    schema = dataset.attrs.get("schema")
    if not isinstance(schema, (int, np.integer)) or "experiment" not in dataset.attrs:
        raise ValueError(f"{path} is not a gnviz result: it has no schema or experiment attribute")
    if schema > SCHEMA:
        raise ValueError(f"{path} has schema {schema}; this gnviz reads up to {SCHEMA}: upgrade it")
    missing = [name for name in VARIABLES if name not in dataset.variables]
    if missing:
        raise ValueError(f"{path} is not a whole gnviz result: it lacks {', '.join(missing)}")
    return dataset
