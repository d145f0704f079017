"""What a local runner and its worker processes say to each other: pickles, one after another."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

if TYPE_CHECKING:
    from gnviz.jobs.base import JobStatus
    from gnviz.results import Snapshot

Action = Literal["pause", "resume", "step", "cancel", "polled", "hold", "release"]


@dataclass(frozen=True, slots=True)
class Start:
    """To the worker: run an experiment, given as JSON, with the controls as they stand.

    Attributes:
        kinds: Classes that this process has registered, by cloudpickle; empty: none.
        problem: The user's own to run it on, by cloudpickle; empty: the experiment's.
        digest: What the snapshots go through, as `module:function`; empty: they are sent as they are.
    """

    job: str
    experiment: str
    paused: bool
    steps: int
    kinds: bytes = b""
    problem: bytes = b""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """To the worker: change the job's course; `value` is how many snapshots were polled."""

    job: str
    action: Action
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """From the worker: the engine is imported."""


@dataclass(frozen=True, slots=True)
class Sent:
    """From the worker: the job's next snapshot."""

    job: str
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Ended:
    """From the worker: the job is over, and the worker free."""

    job: str
    status: JobStatus
    error: str | None = None
    traceback: str | None = None
    remedy: dict[str, Any] = field(default_factory=dict)


Order = Start | Control
Report = Ready | Sent | Ended


def pack(message: Order | Report) -> bytes:
    """Return a message as bytes that `receive` finds the end of by itself."""
    return pickle.dumps(message, protocol=5)


def receive(stream: BinaryIO) -> Order | Report | None:
    """Return the next message, waiting for it; None once the other side is gone."""
    try:
        return pickle.load(stream)
    except (EOFError, OSError, pickle.UnpicklingError):  # nothing, or half a message, before the end
        return None
