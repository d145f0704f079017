"""Whether the derivative that autograd sees is the function's: parameters that are hidden from it are named.

Along a direction v the outputs are moved by steps of both signs and several lengths. If autograd is right,
what is left beside J v shrinks with the step or changes sign with it (curvature), shows on one side only (a
kink), or is rounding, which is never the same twice. A gap that stays the same is a part of the derivative
that autograd does not see, as behind `detach()` or `item()` (derived). Nothing that is differentiable is
refused for being steep, curved, kinked or noisy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from gnviz.problem.autodiff.model import DenseModel

STEPS = (1.0, -1.0, 0.25, -0.25)
"""Steps along a direction, in units of eps^(1/3) of the parameters' sizes."""

LONGER = 30.0
"""The same gap must show in another direction and over steps that are so many times as long."""

SAME, ROUGHLY = 0.1, 0.3
"""Relative difference of gaps up to which they are the same, over short and over long steps."""

WRONG = 1e-3
"""Least gap, relative to the slopes, that is no error of ill-conditioned derivatives."""

NOISE = 100.0
"""Rounding of outputs, in units of eps times their norm."""

GROUPS, NAMED = 24, 4
"""Groups of parameters that are tried at first, each with four outputs; parameters that a message names."""

FAR = (1.0, -1.0, 30.0, -30.0)
"""Moves, in units of the parameters' sizes, after which one that changes nothing is said not to be used."""


@dataclass(frozen=True)
class Unit:
    """What a message can name.

    Attributes:
        name: Such as w[2], or the name of a module's tensor.
        start, stop: Where it is in the flat parameters.
    """

    name: str
    start: int
    stop: int


@dataclass(frozen=True)
class Start:
    """A model where it starts, with all that finite differences need.

    Attributes:
        model: The model.
        w: Parameters, shape (p,).
        x: Inputs, shape (n, d).
        outputs: f(w), shape (n,).
        jacobian: As autograd sees it, shape (n, p).
        size: What counts as a large change of each parameter, shape (p,).
        eps: Of the precision in which the model computes.
    """

    model: DenseModel
    w: Tensor
    x: Tensor
    outputs: Tensor
    jacobian: Tensor
    size: Tensor
    eps: float


def check_slopes(
    model: DenseModel, w: Tensor, x: Tensor, tensors: Sequence[tuple[str, torch.Size]] = ()
) -> tuple[str, ...]:
    """Hold the derivative of a model against finite differences.

    Args:
        model: The model.
        w: Parameters, shape (p,).
        x: Inputs, shape (n, d).
        tensors: Names and shapes of a module's tensors; empty: a parameter is w[i].

    Returns:
        Sentences on parameters whose derivative is 0 in all outputs.

    Raises:
        ValueError: Outputs depend on a parameter in a way that autograd does not see; it is named.
    """
    here, units = _start(model, w, x), _units(len(w), tensors)
    unused = torch.zeros_like(w, dtype=torch.bool) if model.used is None else ~model.used
    unseen = (here.jacobian == 0).all(0) & ~unused
    if found := _guilty(here, _in(units, unseen), unseen):
        raise ValueError(
            f"autograd does not see {_listed(found)}, though the outputs depend on it: look for detach(), "
            "item(), float(), numpy or no_grad() in the model"
        )
    seen = _in(units, ~unseen & ~unused)
    for group in _split(seen, GROUPS):
        if found := _guilty(here, group, ~unseen & ~unused):
            raise ValueError(
                f"the derivative which autograd sees is not the function's: it differs for {_listed(found)}; "
                "look for detach(), no_grad() or a backward of your own in the model"
            )
    return _notes(here, units, unseen) if unseen.any() else ()


def _start(model: DenseModel, w: Tensor, x: Tensor) -> Start:
    linear = model.linearize(w[None], x)
    outputs, jacobian = linear.outputs[0], linear.jacobian()[0]
    moving = w[w != 0]
    usual = moving.square().mean().sqrt().item() if len(moving) else 1.0
    reach = outputs.norm() / jacobian.norm(dim=0)  # of a parameter that is 0
    size = torch.where(w != 0, w.abs(), torch.where(reach > 0, reach, usual).clamp(max=usual))
    eps = torch.finfo(model.function(w.clone(), x.clone()).dtype).eps
    return Start(model, w, x, outputs, jacobian, size, eps)


def _units(p: int, tensors: Sequence[tuple[str, torch.Size]]) -> list[Unit]:
    if not tensors:
        return [Unit(f"w[{i}]", i, i + 1) for i in range(p)]
    units, start = [], 0
    for name, shape in tensors:
        units.append(Unit(name, start, start + shape.numel()))
        start += shape.numel()
    return units


def _in(units: Sequence[Unit], which: Tensor) -> list[Unit]:
    """Return the units with a parameter in `which` (p,)."""
    return [u for u in units if which[u.start : u.stop].any()]


def _split(units: Sequence[Unit], most: int) -> list[Sequence[Unit]]:
    """Return the units in at most so many groups."""
    length = -(-len(units) // most)
    return [units[i : i + length] for i in range(0, len(units), length)] if units else []


def _guilty(here: Start, units: Sequence[Unit], which: Tensor) -> list[str]:
    """Return names of units whose parameters in `which` (p,) have another derivative, not all if many."""
    if not units or not _wrong(here, units, which):
        return []
    if len(units) == 1:
        return [units[0].name]
    half, found = len(units) // 2, []
    for part in (units[:half], units[half:]):
        found += _guilty(here, part, which) if len(found) <= NAMED else []
    return found or [u.name for u in units]


def _wrong(here: Start, units: Sequence[Unit], which: Tensor) -> bool:
    """Return whether the outputs' slopes are not those of the Jacobian, twice."""
    mask = torch.zeros_like(which)
    for unit in units:
        mask[unit.start : unit.stop] = which[unit.start : unit.stop]
    generator = torch.Generator().manual_seed(0)
    step = here.eps ** (1 / 3)
    return all(_stays(here, mask, h, near, generator) for h, near in ((step, SAME), (LONGER * step, ROUGHLY)))


def _stays(here: Start, mask: Tensor, step: float, near: float, generator: torch.Generator) -> bool:
    """Return whether slopes over some steps differ from J v by a gap that is the same in all."""
    signs = torch.randint(0, 2, here.w.shape, generator=generator).double() * 2 - 1
    v = torch.where(mask, signs * here.size, 0.0)
    h = step * torch.tensor(STEPS, dtype=torch.float64)[:, None]
    moved = _moved(here, h * v)
    if moved is None:
        return False
    expected = here.jacobian @ v
    gaps = (moved - here.outputs) / h - expected
    gap = gaps.mean(0)
    slope, size = gap + expected, gap.norm()
    real = size * h.abs().min() > NOISE * here.eps * here.outputs.norm()
    large = size > WRONG * (slope.norm() + expected.norm())
    moves = slope.norm() > WRONG * expected.norm()  # outputs that stand still may be all rounding
    return bool(real & large & moves & ((gaps - gap).norm(dim=1).max() <= near * size))


def _moved(here: Start, by: Tensor) -> Tensor | None:
    """Return the outputs at w + by, shape (k, n); None where there are none."""
    try:
        moved = here.model.outputs(here.w + by, here.x)
    except ValueError:
        return None
    return moved if moved.isfinite().all() else None


def named(model: DenseModel, which: Tensor, tensors: Sequence[tuple[str, torch.Size]] = ()) -> str:
    """Return the names of the parameters in `which`, bool, shape (p,); see `check_slopes`.

    Args:
        model: The user's model.
        which: The parameters, bool, shape (p,).
        tensors: Names and shapes of the tensors that w is made of; none: `w` itself.
    """
    return _listed([_share(u, which) for u in _in(_units(model.parameters, tensors), which)])


def _notes(here: Start, units: Sequence[Unit], unseen: Tensor) -> tuple[str, ...]:
    """Say which parameters do not move, and whether they ever can."""
    names = _listed([_share(u, unseen) for u in _in(units, unseen)])
    moves = torch.tensor(FAR, dtype=torch.float64)[:, None] * torch.where(unseen, here.size, 0.0)
    far = _moved(here, moves)
    if far is not None and torch.equal(far, here.outputs.expand_as(far)):
        return (f"no sample depends on {names}: it stays where it starts",)
    return (
        f"no sample's derivative in {names} is other than 0 at the start (units that are off, rounding, or a "
        "stationary point): it stays unless the others change that, and rounding never lets it move",
    )


def _share(unit: Unit, which: Tensor) -> str:
    count, size = int(which[unit.start : unit.stop].sum()), unit.stop - unit.start
    return unit.name if count == size else f"{count} of the {size} entries of {unit.name}"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
