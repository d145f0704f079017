"""One tangent map for runs that were linearized at different times, in different batches.

Runs take steps of their own size, so after a refused step, or where one run waits for another, the batch's
tangents come from different calls. A `Place` says where a run's own is; a `Stacked` makes several one map.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from gnviz.dynamics.flow.local_solution import Map
from gnviz.dynamics.flow.second_order import SecondOrderPart
from gnviz.dynamics.host import rows
from gnviz.dynamics.linearized.dynamics import LinearizedDynamics


class Place(NamedTuple):
    """A run's row in a batched tangent.

    Attributes:
        tangent: The dynamics of several runs.
        row: Which of them.
        runs: Indices of all runs in it.
    """

    tangent: LinearizedDynamics | SecondOrderPart
    row: int
    runs: tuple[int, ...]


class Part(NamedTuple):
    """Runs of the stack (`here`) and their rows in one tangent."""

    tangent: LinearizedDynamics | SecondOrderPart
    rows: Tensor
    here: Tensor


@dataclass(frozen=True)
class Stacked:
    """The tangent maps of R runs, row by row, as one.

    Attributes:
        parts: One for each tangent.
        gain, rate: shape (R, n).
    """

    parts: Sequence[Part]
    gain: Tensor
    rate: Tensor

    def pull_back(self, coefficients: Tensor) -> Tensor:
        """Return J^T V c of each run, shape (R, p), for c of shape (R, n)."""
        return self._each("pull_back", coefficients)

    def push_forward(self, dw: Tensor) -> Tensor:
        """Return V^T J dw of each run, shape (R, n), for dw of shape (R, p)."""
        return self._each("push_forward", dw)

    def _each(self, way: str, vectors: Tensor) -> Tensor:
        parts = []
        for tangent, own, here in self.parts:
            full = vectors.new_zeros(len(tangent.gain), vectors.shape[1])
            full[own] = vectors[here]
            parts.append(getattr(tangent, way)(full)[own])
        out = vectors.new_empty(len(vectors), parts[0].shape[1])
        for (_, _, here), part in zip(self.parts, parts, strict=True):
            out[here] = part
        return out


def stack_rows(places: Sequence[Place]) -> Map:
    """Return the tangent map of the runs at these places: a tangent itself if they are all of its rows."""
    first = places[0].tangent
    together = all(p.tangent is first for p in places)
    if together and [p.row for p in places] == list(range(len(first.gain))):
        return first
    tangents = {id(p.tangent): p.tangent for p in places}
    parts = [_part(tangent, places) for tangent in tangents.values()]
    gain, rate = (torch.stack([getattr(p.tangent, name)[p.row] for p in places]) for name in ("gain", "rate"))
    return Stacked(parts, gain, rate)


def _part(tangent: LinearizedDynamics | SecondOrderPart, places: Sequence[Place]) -> Part:
    device = tangent.gain.device
    here = tuple(i for i, p in enumerate(places) if p.tangent is tangent)
    return Part(tangent, rows(tuple(places[i].row for i in here), device), rows(here, device))
