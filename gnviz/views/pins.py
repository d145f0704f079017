"""Results that are pinned: drawn beside those of a figure, on the same axes, to be compared with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gnviz.views.base import Tables
from gnviz.views.plot import GREY, Key, Mark, Tip
from gnviz.views.runs import run_looks, shown

if TYPE_CHECKING:
    import xarray as xr

MOST_PINS = 6
"""Pinned results that dashes can tell apart."""

DASHES = ((8, 4), (2, 4), (12, 4, 2, 4), (6, 6), (18, 4, 6, 4), (12, 4, 2, 4, 2, 4))
"""Of the pins, in their order; their colours are those of the methods."""

WIDTH = 1.8
"""Of their curves, in pixels."""

PINNED = " · pin "
"""What labels of pinned runs have after the run's, followed by the pin's number from 1."""


@dataclass(frozen=True, eq=False)
class Pin:
    """A result to compare with.

    Attributes:
        name: What the legend calls it.
        dataset: Of schema 1.
    """

    name: str
    dataset: xr.Dataset


def tables_of(pins: Sequence[Pin], curves: Callable[[xr.Dataset], Tables]) -> Tables:
    """Return the curves of pinned results, by labels that say the run and the pin's number.

    Args:
        pins: At most `MOST_PINS`.
        curves: Returns the table of each run of a Dataset, by the run's label.
    """
    return {
        f"{run}{PINNED}{number}": table
        for number, pin in enumerate(pins, 1)
        for run, table in curves(shown(pin.dataset)).items()
    }


def is_pinned(label: str) -> bool:
    """Return whether a table is of a pinned result."""
    return PINNED in label


def marks(pins: Sequence[Pin], tables: Tables, tips: tuple[Tip, ...]) -> list[Mark]:
    """Return how the tables of pinned results are drawn: in the colour of the method, in the pin's dashes.

    Args:
        pins: The results.
        tables: Of a figure, theirs among them.
        tips: What is said of a point.
    """
    out = []
    for number, pin in enumerate(pins, 1):
        looks, ending = run_looks(shown(pin.dataset)), f"{PINNED}{number}"
        for run in (label.removesuffix(ending) for label in tables if label.endswith(ending)):
            look = {"color": looks[run].color, "dash": DASHES[number - 1], "width": WIDTH}
            out.append(Mark(run + ending, tips=tips, **look))
    return out


def key(pins: Sequence[Pin]) -> tuple[Key, ...]:
    """Return what a legend says of them."""
    return tuple(
        Key(f"pinned: {pin.name}", Mark("", color=GREY, dash=dash, width=WIDTH))
        for pin, dash in zip(pins, DASHES, strict=False)
    )
