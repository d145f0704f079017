"""Parameters that move the outputs by nothing but rounding, as a bias does in front of a batch norm.

Their derivative is 0, but computed it is a sum that cancels: rounding. In units that give every column of the
Jacobian the same norm it would count like any other, and a step along it would be as long as rounding is
small. Such a column has no correct digit: move the parameters by a few units in the last place, and all of
it changes (derived).
"""

from __future__ import annotations

import torch
from torch import Tensor

from gnviz.problem.autodiff.model import DenseModel

MOVES = (4.0, -6.0, 10.0)
"""Moves of the parameters, in units in the last place, with a sign of its own for each parameter."""

NO_DIGIT = 0.1
"""Relative change of a column under such moves from which on none of its digits is right."""

ELSEWHERE = 0.1
"""Relative distance of a second place: a derivative that is 0 at a symmetric start is not 0 there."""


def used_parameters(model: DenseModel, w: Tensor, x: Tensor) -> Tensor | None:
    """Return which parameters move the outputs by more than rounding, bool, shape (p,); None: all do.

    A parameter whose derivative is exactly 0 at the start counts as used: it may move later.

    Args:
        model: The model.
        w: Where it starts, float64, shape (p,).
        x: Inputs, shape (n, d).
    """
    if not (rounding := _is_rounding(model, w, x)).any():
        return None
    signs = _signs(len(w), seed=0)
    rounding &= _is_rounding(model, w + ELSEWHERE * signs * torch.where(w == 0, 1.0, w), x)
    return ~rounding if rounding.any() else None


def _is_rounding(model: DenseModel, w: Tensor, x: Tensor) -> Tensor:
    """Return which columns of J have no correct digit at w, bool, shape (p,)."""
    eps = torch.finfo(w.dtype).eps
    places = [w, *(w * (1 + move * eps * _signs(len(w), seed)) for seed, move in enumerate(MOVES))]
    columns = [model.linearize(place[None], x).jacobian()[0] for place in places]
    change = torch.stack([(c - columns[0]).norm(dim=0) for c in columns[1:]]).amax(0)
    return change > NO_DIGIT * torch.stack([c.norm(dim=0) for c in columns]).amax(0)


def _signs(p: int, seed: int) -> Tensor:
    """Return p numbers -1 or 1, the same for the same seed."""
    draw = torch.Generator().manual_seed(seed)
    return 2.0 * torch.randint(2, (p,), generator=draw, dtype=torch.float64) - 1
