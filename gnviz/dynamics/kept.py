"""What a checkpoint kept, held against what it is to take the place of: a file may hold anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from gnviz.knobs import KnobError
from gnviz.results import PER_MODE, PER_RUN, PER_STEP, Header, Snapshot

T = TypeVar("T")


def fitting(kept: Mapping[str, T], own: Mapping[str, T], where: str = "") -> dict[str, T]:
    """Return what was kept for each name of `own`, arrays of NumPy or of torch alike.

    Args:
        kept: What a checkpoint has, by name; other names are left alone.
        own: What it is to replace.
        where: What the names begin with in the checkpoint.

    Raises:
        KnobError: A name is missing, or its array has another shape or kind of number.
    """
    for name, value in own.items():
        found: Any = kept.get(where + name)
        if found is None:
            raise KnobError(f"the checkpoint is damaged: it lacks {where + name}")
        for what in ("shape", "dtype"):
            there, here = getattr(found, what), getattr(value, what)
            if there != here:
                there, here = (tuple(x) if what == "shape" else x for x in (there, here))
                raise KnobError(f"the checkpoint is damaged: {where + name} has {what} {there}, not {here}")
    return {name: kept[where + name] for name in own}


def damaged_unless(sound: bool, what: str) -> None:
    """Refuse a checkpoint of which something is not so.

    Raises:
        KnobError: `what` it is.
    """
    if not sound:
        raise KnobError(f"the checkpoint is damaged: {what}")


def check_recorded(snapshots: tuple[Snapshot, ...], header: Header, index: int) -> None:
    """Make sure that the snapshots of a checkpoint are those up to a moment, of an experiment.

    Args:
        snapshots: What was recorded; none is as well.
        header: Of the experiment.
        index: Position of the moment.

    Raises:
        KnobError: They are not.
    """
    runs, modes = len(header.labels), header.basis.shape[1]
    sizes = dict.fromkeys((*PER_RUN, *PER_STEP), (runs,)) | dict.fromkeys(PER_MODE, (runs, modes))
    sizes |= {"prediction": (runs, len(header.y)), "curve": (runs, len(header.grid))}
    sizes |= {"sharpness": (runs, header.orders), "evaluations": (runs,)}
    damaged_unless(len(snapshots) in (0, index + 1), f"it has {len(snapshots)} snapshots, not {index + 1}")
    for snapshot in snapshots:
        damaged_unless(snapshot.time == header.time[snapshot.index], "its snapshots are of other moments")
        damaged_unless(len(snapshot.status) == len(snapshot.status_text) == runs, "its runs are not as many")
        for name, size in sizes.items():
            there = getattr(snapshot, name).shape
            damaged_unless(there in (size, ()), f"recorded:{name} has shape {there}, not {size}")
