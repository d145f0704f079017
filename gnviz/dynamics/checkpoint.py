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
from gnviz.results import ENDS, PER_MODE, PER_RUN, PER_STEP, Snapshot, replace_file

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
        return replace_file(path, file.getbuffer())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Checkpoint:
        """Read a checkpoint; nothing in the file is run.

        Raises:
            ValueError: The file is not a checkpoint of this version of gnviz.
            OSError: The file cannot be read.
        """
        with open(path, "rb") as file:  # a missing or forbidden file is an OSError
            try:
                with np.load(file, allow_pickle=False) as archive:
                    values = {name: archive[name] for name in archive.files}
                if int(values.get("checkpoint", 0)) != SCHEMA:
                    raise ValueError("it is another kind of file, or of another version")
                return cls._of(values)
            except Exception as error:  # a damaged archive raises whatever zipfile and NumPy come upon
                raise ValueError(f"{path} is not a gnviz checkpoint that can be read: {error}") from error

    @classmethod
    def _of(cls, values: dict[str, np.ndarray]) -> Checkpoint:
        def under(prefix: str) -> dict[str, np.ndarray]:
            return {k.removeprefix(prefix): v for k, v in values.items() if k.startswith(prefix)}

        return cls(
            experiment=str(values["experiment"]),
            index=int(values["index"]),
            time=values["time"],
            engine=str(values.get("engine", "torch")),
            clock=under("clock:"),
            observer=under("observer:"),
            status=tuple(values["status"].tolist()),
            status_text=tuple(values["status_text"].tolist()),
            notes=tuple(values["notes"].tolist()),
            until=values["until"],
            end_loss=values["end_loss"],
            wall_seconds=float(values["wall_seconds"]),
            recorded=tuple(_unstacked(under("recorded:"))),
        )


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


def _unstacked(values: dict[str, np.ndarray]) -> Iterator[Snapshot]:
    count = len(values.get("time", ()))
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
