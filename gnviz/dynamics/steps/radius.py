"""The radius of a trust region, as MINPACK has it (More 1978).

A step is the Gauss-Newton step d if ||D d|| is within a tenth of the radius; else it is damped,
(B^T B + mu D^2) d = B^T z, with the mu that makes it so. In singular values s of B D^-1 and coefficients c of
z, D d has the entries s c / (s^2 + mu): mu is found from them by a few steps of Hebden's iteration.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gnviz.dynamics.host import settled

FACTOR = 100.0
"""The first radius, in units of ||D w||: MINPACK's default."""

WITHIN = 0.1
"""How far a step may be from the radius, as a share of it."""

TURNS = 10
"""Most turns of Hebden's iteration; usually two are enough."""

TAKEN = 1e-4
"""The least gain of a step that is taken."""


def first_radius(length: Tensor, residual: Tensor) -> Tensor:
    """Return the first radius, shape (R,), for alpha ||D w|| and, where that is 0, ||z||, each (R,)."""
    return FACTOR * torch.where(length > 0, length, residual)


def damping(radius: Tensor, before: Tensor, s: Tensor, c: Tensor, floor: Tensor) -> Tensor:
    """Return mu >= 0 whose step is within a tenth of the radius, shape (R,); 0 where Gauss-Newton's is.

    Args:
        radius: shape (R,).
        before: The last mu, near which this one is sought, shape (R,).
        s: Singular values of B D^-1, shape (R, k).
        c: Coefficients of z, shape (R, k).
        floor: Squares of singular values up to this are rounding, shape (R,).
    """
    seen = s.square() > floor[:, None]
    c = torch.where(seen, c, 0.0)
    length, fall = _length(s, c, seen, torch.zeros_like(radius))
    inside = length - radius <= WITHIN * radius
    slope = (s * c).norm(dim=1)
    full = seen.all(1)
    low = torch.where(full, (length - radius) / radius / fall, 0.0)
    high = slope / radius
    mu = torch.minimum(torch.maximum(before, low), high)
    mu = torch.where(mu == 0, slope / length, mu)
    found, last = inside.clone(), length - radius
    for turn in range(TURNS):
        length, fall = _length(s, c, seen, mu)
        over = length - radius
        flat = (low == 0) & (over <= last) & (last < 0)
        found |= (over.abs() <= WITHIN * radius) | flat
        if turn == TURNS - 1 or settled(found):
            break
        low = torch.where((over > 0) & ~found, torch.maximum(low, mu), low)
        high = torch.where((over < 0) & ~found, torch.minimum(high, mu), high)
        mu = torch.where(found, mu, torch.maximum(low, mu + over / radius / fall))
        last = over
    return torch.where(inside, 0.0, mu)


def _length(s: Tensor, c: Tensor, seen: Tensor, mu: Tensor) -> tuple[Tensor, Tensor]:
    """Return ||D d||, and how fast its inverse grows with mu, relative to itself, each (R,)."""
    base = torch.where(seen, s.square() + mu[:, None], 1.0)
    entries = s * c / base
    length = entries.norm(dim=1)
    unit = entries / length[:, None]
    return length, (unit.square() / base).sum(1)


def next_radius(
    radius: Tensor, length: Tensor, gain: Tensor, fall: Tensor, slope: Tensor, mu: Tensor, far: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the next radius and the mu near which its damping is sought, each (R,).

    Args:
        radius: That the step was within.
        length: ||D d|| of the step.
        gain: Actual over predicted fall of the loss; NaN counts as a bad step.
        fall: Actual fall of the loss.
        slope: The derivative of the loss along the step, sign turned.
        mu: Of the step.
        far: Whether the step made the residual ten times as long, bool.
    """
    short = torch.where(fall >= 0, 0.5, 0.5 * slope / (slope - fall))
    short = torch.where((short >= 0.1) & ~far, short, 0.1)
    bad = ~(gain > 0.25)
    good = ~bad & ((mu == 0) | (gain >= 0.75))
    smaller = short * torch.minimum(radius, length / 0.1)
    radius = torch.where(bad, smaller, torch.where(good, 2 * length, radius))
    return radius, torch.where(bad, mu / short, torch.where(good, 0.5 * mu, mu))
