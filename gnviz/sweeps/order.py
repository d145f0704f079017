"""In which order cells are computed: the whole of a map first roughly, then finer, and repetitions last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gnviz.sweeps.grid import Grid, Index

REPETITIONS = ("network.seed", "data.seed")
"""Knobs whose values differ in chance alone: medians are taken over them."""


def coarse_first(grid: Grid) -> list[Index]:
    """Return the positions of all cells: those of every second, fourth, ... value before those between."""
    knobs = list(grid.axes)
    repeated = [k for k, name in enumerate(knobs) if name in REPETITIONS]
    levels = [[_level(i, n) for i in range(n)] for n in grid.shape]

    def rank(index: Index) -> tuple[Sequence[int], int]:
        fineness = (levels[k][i] for k, i in enumerate(index) if k not in repeated)
        return [index[k] for k in repeated], max(fineness, default=0)

    return sorted(grid, key=rank)


def _level(position: int, count: int) -> int:
    """Return how often the way between the ends is halved until a position is met; 0 for the ends."""
    if position in (0, count - 1):
        return 0
    halvings = (count - 1).bit_length()
    return halvings - ((position & -position).bit_length() - 1)
