"""One cell of a sweep: what is kept of its runs, made where they are computed."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gnviz.analysis.ends import end_time, last_known, loss_now, recorded
from gnviz.analysis.measures import feature_learning, kernel_limit_distance, mean_rate, slowest_rate
from gnviz.analysis.time_to_loss import with_ends
from gnviz.experiment import Experiment
from gnviz.knobs import KnobError
from gnviz.results import Recording, read_arrays

if TYPE_CHECKING:
    import xarray as xr

    from gnviz.results import Snapshot


class Measure(NamedTuple):
    """A number of each run.

    Attributes:
        words: What it is, for an axis.
        log: Whether it spans decades.
        read: Returns it of a Dataset of schema 1, shape (run,).
    """

    words: str
    log: bool
    read: Callable[[xr.Dataset], np.ndarray]


def _last(values: np.ndarray) -> np.ndarray:
    """Return each run's last recorded value, shape (run,); NaN for none."""
    where = last_known(recorded(values))
    return np.where(where >= 0, values[np.arange(len(values)), np.maximum(where, 0)], np.nan)


def _limit(ds: xr.Dataset) -> np.ndarray:
    if "kernel_limit" not in ds:
        return np.full(ds.sizes["run"], np.nan)
    return _last(kernel_limit_distance(ds))


MEASURES = {
    "final_loss": Measure("loss at the end", True, loss_now),
    "mean_rate": Measure("mean rate of the residual", True, mean_rate),
    "slowest_rate": Measure("slowest rate at the start", True, slowest_rate),
    "kernel_drift": Measure("change of the kernel", False, lambda ds: _last(ds["kernel_drift"].values)),
    "feature_learning": Measure("feature learning", False, lambda ds: _last(feature_learning(ds))),
    "kernel_limit_distance": Measure("distance to the kernel limit", False, _limit),
    "test_loss": Measure("test loss at the end", True, lambda ds: _last(ds["test_loss"].values)),
    "end_time": Measure("time at the end", True, end_time),
}  # fmt: skip
"""What is kept of every run, besides its loss over time: mostly functions of `gnviz.analysis`, at its end."""


@dataclass(frozen=True)
class Cell:
    """What is kept of one experiment of R runs.

    Attributes:
        status, status_text: Of each run, R of them; one, for all, where no run was made.
        numbers: Each of `MEASURES`, shape (R,).
        time, loss: Recorded moments and the loss there, the run's end among them, shape (R, T).
        engine: What followed the runs; empty where nothing did.
    """

    status: tuple[str, ...]
    status_text: tuple[str, ...]
    numbers: dict[str, np.ndarray] = field(default_factory=dict)
    time: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    loss: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    engine: str = ""

    @classmethod
    def without_runs(cls, status: str, sentence: str) -> Cell:
        """Return the cell of an experiment that could not be run."""
        return cls((status,), (sentence,))

    @classmethod
    def of(cls, ds: xr.Dataset) -> Cell:
        """Return what is kept of a Dataset of schema 1."""
        curves = with_ends(ds)
        return cls(
            status=tuple(map(str, ds["status"].values)),
            status_text=tuple(map(str, ds["status_text"].values)),
            numbers={name: np.asarray(m.read(ds), float) for name, m in MEASURES.items()},
            time=np.array([time for time, _ in curves]),
            loss=np.array([loss for _, loss in curves]),
            engine=str(ds.attrs["engine"]),
        )

    def to_bytes(self) -> memoryview:
        """Return the content of an NPZ file."""
        words = json.dumps({"status": self.status, "status_text": self.status_text, "engine": self.engine})
        file = io.BytesIO()
        np.savez(file, words=np.array(words), time=self.time, loss=self.loss, **self.numbers)  # type: ignore[arg-type]
        return file.getbuffer()

    @classmethod
    def from_bytes(cls, data: bytes) -> Cell:
        """Read what `to_bytes` returned.

        Raises:
            ValueError: It is damaged.
        """
        arrays = read_arrays(io.BytesIO(data))
        missing = {"words", "time", "loss"} - arrays.keys()
        if missing or any(a.dtype.kind != "f" for name, a in arrays.items() if name != "words"):
            raise ValueError(f"it lacks {', '.join(sorted(missing))}" if missing else "it has no numbers")
        status, text, engine = _words(str(arrays.pop("words")))
        time, loss = arrays.pop("time"), arrays.pop("loss")
        if not (time.ndim == 2 and time.shape == loss.shape and len(time) in (0, len(status))):
            raise ValueError(f"its curves have shapes {time.shape} and {loss.shape}")
        numbers = {name: values for name, values in arrays.items() if name in MEASURES}
        if numbers.keys() != MEASURES.keys():
            raise ValueError(f"it lacks {', '.join(sorted(MEASURES.keys() - numbers.keys()))}")
        if any(values.shape != (len(status),) for values in numbers.values()):
            raise ValueError(f"its numbers are not of {len(status)} runs")
        return cls(status, text, numbers, time, loss, engine)


def _words(text: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Return status, sentence and engine of the runs.

    Raises:
        ValueError: The text does not say them.
    """
    try:
        found = json.loads(text)
        status, sentences, engine = found["status"], found["status_text"], found["engine"]
    except (KeyError, TypeError, ValueError, RecursionError):
        raise ValueError("its words are not those of a cell") from None
    texts = [engine, *status, *sentences] if isinstance(status, list) and isinstance(sentences, list) else [0]
    if not all(isinstance(t, str) for t in texts) or not 0 < len(status) == len(sentences):
        raise ValueError("its words are not those of a cell")
    return tuple(status), tuple(sentences), engine


DIGEST = f"{__name__}:digest"
"""What a runner is told to put the snapshots through."""


def digest(experiment: Experiment, snapshots: Iterable[Snapshot]) -> Iterator[Cell]:
    """Yield the cell of an experiment, computing it: called where the job runs.

    Args:
        experiment: Of the cell.
        snapshots: Of its runs; they are computed as they are asked for.
    """
    from gnviz.dynamics.compiled.machine import ready

    if experiment.engine == "auto":
        ready.wait_until_decided(experiment.clock.kind)
    try:
        yield Cell.of(Recording.of(snapshots).dataset())
    except KnobError as error:
        yield Cell.without_runs("refused", str(error))
