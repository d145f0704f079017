"""Checkpoints: where a run stood at a moment, so that it can be gone on with bit for bit."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gnviz.experiment import Experiment
from gnviz.knobs import KnobError, flatten
from gnviz.results import ENDS, PER_MODE, PER_RUN, PER_STEP, Snapshot, Status, read_arrays, replace_file

SCHEMA = 3
RECORDED = (*PER_RUN, *PER_STEP, *PER_MODE, "prediction", "curve", "evaluations", "sharpness", *ENDS)
"""Arrays of a snapshot that are kept."""

SOME = ("weights", "tangent")
"""Arrays that the snapshots of some experiments have and others have not; they are kept too."""

LAST = (
    "end_weights", "unscaled_covariance", "rank", "optimum", "optimum_error",
    "start_loss", "start_error", "start_distance", "start_fresh",
)  # fmt: skip
"""Arrays that the last snapshot of all may have, and no other."""


@dataclass(frozen=True)
class Checkpoint:
    """An experiment stopped after a recorded moment.

    Attributes:
        experiment: The experiment as JSON.
        index: Position of the moment on the time grid.
        time: The time grid, shape (T,).
        engine: The engine that made it, and goes on with it.
        clock: Weights, optimizer memories and whatever else the clock goes on from, by name.
        observer: What the measurements go on from, by name.
        status: One word for each run.
        status_text: One sentence for each run.
        notes: What is added to each run's sentences.
        until: Where each run is, or has ended, shape (R,).
        end_loss: The loss of the runs that have ended, else NaN, shape (R,).
        wall_seconds: Time spent so far.
        recorded: The snapshots up to the moment, if they are kept; resuming replays them.
    """

    experiment: str
    index: int
    time: np.ndarray
    engine: str
    clock: dict[str, np.ndarray]
    observer: dict[str, np.ndarray]
    status: tuple[str, ...]
    status_text: tuple[str, ...]
    notes: tuple[str, ...]
    until: np.ndarray
    end_loss: np.ndarray
    wall_seconds: float
    recorded: tuple[Snapshot, ...] = field(default=(), repr=False)

    def check(self, experiment: Experiment) -> None:
        """Make sure that this is a checkpoint of `experiment`.

        Raises:
            KnobError: It is of another one; the message names the settings that differ.
        """
        own, other = (dict(flatten(e.to_dict())) for e in (Experiment.from_json(self.experiment), experiment))
        different = [name for name in own if own[name] != other[name]]
        if different:
            raise KnobError(f"the checkpoint is of another experiment: {', '.join(different)} differ")

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the checkpoint to one NPZ file, whole or not at all.

        Raises:
            OSError: The file cannot be written.
        """
        return replace_file(path, self.to_bytes())

    def to_bytes(self) -> memoryview:
        """Return the content of the NPZ file that `save` writes."""
        values: dict[str, Any] = {f"clock:{name}": value for name, value in self.clock.items()}
        values |= {f"observer:{name}": value for name, value in self.observer.items()}
        values |= {f"recorded:{name}": value for name, value in _stacked(self.recorded).items()}
        for name in ("experiment", "index", "time", "until", "end_loss", "wall_seconds"):
            values[name] = np.array(getattr(self, name))
        values["engine"] = np.array(self.engine)
        for name in ("status", "status_text", "notes"):
            values[name] = np.array(getattr(self, name), dtype=str)
        file = io.BytesIO()
        np.savez(file, checkpoint=np.array(SCHEMA), **values)
        return file.getbuffer()

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Checkpoint:
        """Read a checkpoint; nothing in the file is run.

        Raises:
            ValueError: The file is not a checkpoint of this version of gnviz.
            OSError: The file cannot be read.
        """
        with open(path, "rb") as file:  # a missing or forbidden file is an OSError
            try:
                return cls._of(read_arrays(file))
            except ValueError as error:
                raise ValueError(f"{path} is not a gnviz checkpoint that can be read: {error}") from error

    @classmethod
    def _of(cls, values: dict[str, np.ndarray]) -> Checkpoint:
        """Return the checkpoint that an archive's arrays are of.

        Raises:
            ValueError: They are of none.
        """

        def under(prefix: str, kinds: str) -> dict[str, np.ndarray]:
            found = {k.removeprefix(prefix): v for k, v in values.items() if k.startswith(prefix)}
            wrong = [prefix + name for name, value in found.items() if value.dtype.kind not in kinds]
            if wrong:
                raise ValueError(f"{wrong[0]} is no array of the kind that belongs there")
            return found

        if not np.array_equal(values.get("checkpoint", 0), SCHEMA):
            raise ValueError("it is another kind of file, or of another version")
        kept = cls(
            experiment=_one(values, "experiment", "U").item(),
            index=_one(values, "index", "iu").item(),
            time=_some(values, "time", "f"),
            engine=_one(values, "engine", "U").item() if "engine" in values else "torch",
            clock=under("clock:", "biuf"),
            observer=under("observer:", "biuf"),
            status=tuple(_some(values, "status", "U").tolist()),
            status_text=tuple(_some(values, "status_text", "U").tolist()),
            notes=tuple(_some(values, "notes", "U").tolist()),
            until=_some(values, "until", "f"),
            end_loss=_some(values, "end_loss", "f"),
            wall_seconds=float(_one(values, "wall_seconds", "f")),
            recorded=tuple(_unstacked(under("recorded:", "biufU"))),
        )
        kept._check_whole()
        return kept

    def _check_whole(self) -> None:
        """Refuse what no run has been at.

        Raises:
            ValueError: The message is a clause.
        """
        try:
            Experiment.from_json(self.experiment)
        except KnobError as error:
            raise ValueError(f"its experiment cannot be used: {error}") from None
        if "w" not in self.clock or self.clock["w"].ndim != 2:
            raise ValueError("it has no weights")
        time, runs = self.time, len(self.status)
        if not (len(time) and np.isfinite(time).all() and time[0] == 0 and (np.diff(time) > 0).all()):
            raise ValueError("its moments are not in order")
        if not 0 <= self.index < len(time) or not 0 <= self.wall_seconds < np.inf:
            raise ValueError(f"it is of moment {self.index}, which it has not, or of no time")
        if self.engine not in ("torch", "compiled") or not set(self.status) <= set(Status):
            raise ValueError("its engine, or how a run stands, is not known")
        if not all(
            len(part) == runs > 0 for part in (self.status_text, self.notes, self.until, self.end_loss)
        ):
            raise ValueError("its parts are not of the same runs")
        if not (self.until >= 0).all() or not (self.until <= time[-1]).all():
            raise ValueError("its runs are at no time")


def _stacked(snapshots: Sequence[Snapshot]) -> dict[str, np.ndarray]:
    """Return the snapshots' fields as arrays with the moments first."""
    if not snapshots:
        return {}
    there = [name for name in SOME if getattr(snapshots[0], name) is not None]
    out = {name: np.stack([getattr(s, name) for s in snapshots]) for name in (*RECORDED, *there)}
    out |= {name: np.array([getattr(s, name) for s in snapshots]) for name in ("time", "wall_seconds")}
    planes = {i: s.plane for i, s in enumerate(snapshots) if s.plane is not None}
    if planes:
        out |= {"looks": np.array(list(planes)), "plane": np.stack(list(planes.values()))}
    out |= {name: value for name in LAST if (value := getattr(snapshots[-1], name)) is not None}
    return out | {
        name: np.array([getattr(s, name) for s in snapshots], dtype=str) for name in ("status", "status_text")
    }


def _some(values: dict[str, np.ndarray], name: str, kinds: str, dims: int = 1) -> np.ndarray:
    """Return an array of so many dimensions and one of these kinds.

    Raises:
        ValueError: There is none.
    """
    found = values.get(name)
    if found is None or found.ndim != dims or found.dtype.kind not in kinds:
        raise ValueError(f"it has no {name}, or one of another kind")
    return found


def _one(values: dict[str, np.ndarray], name: str, kinds: str) -> np.ndarray:
    return _some(values, name, kinds, dims=0)


def _check_stacked(values: dict[str, np.ndarray]) -> int:
    """Return how many snapshots there are.

    Raises:
        ValueError: They are not whole.
    """
    if not values:
        return 0
    count = len(_some(values, "time", "f"))
    for name in (*RECORDED, *SOME, "wall_seconds", "status", "status_text"):
        found = values.get(name)
        if found is None and name in SOME:
            continue
        text = name.startswith("status")
        if (
            found is None
            or len(np.atleast_1d(found)) != count
            or (found.dtype.kind == "U") != text
            or not found.ndim
        ):
            raise ValueError(f"its snapshots have no {name}, or others are as many")
        if text and found.ndim != 2:
            raise ValueError(f"recorded:{name} has no text for each run")
    _some(values, "wall_seconds", "f")
    looks, plane = values.get("looks"), values.get("plane")
    if (looks is None) != (plane is None):
        raise ValueError("its looks at the plane are not whole")
    if looks is not None and plane is not None:
        whole = looks.ndim == 1 and plane.ndim == 4 and len(looks) == len(plane) and looks.dtype.kind in "iu"
        if not whole or plane.dtype.kind != "f" or len(set(looks.tolist())) < len(looks):
            raise ValueError("its looks at the plane are not whole")
    return count


def _unstacked(values: dict[str, np.ndarray]) -> Iterator[Snapshot]:
    count = _check_stacked(values)
    planes = dict(zip(values.get("looks", np.empty(0, int)).tolist(), values.get("plane", ()), strict=True))
    for index in range(count):
        kept = {name: values[name][index] for name in (*RECORDED, *SOME) if name in values}
        if index == count - 1:
            kept |= {name: values[name] for name in LAST if name in values}
        yield Snapshot(
            index=index,
            time=float(values["time"][index]),
            wall_seconds=float(values["wall_seconds"][index]),
            status=tuple(values["status"][index].tolist()),
            status_text=tuple(values["status_text"][index].tolist()),
            plane=planes.get(index),
            **kept,
        )
