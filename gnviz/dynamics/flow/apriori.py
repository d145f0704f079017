"""What theory promises before a run: the rate of a kernel that may move by half its smallest eigenvalue.

With S = G^{1/2} K G^{1/2} (K for squared loss) and lambda_0 = lambda_min(S_0), as long as

    ||S_t - S_0||_2 <= lambda_0 / 2    it follows that    lambda_min(S_t) >= lambda_0 / 2 =: l        (Weyl).

The rate r(lambda, rho) = lambda / (rho + (1 - rho) lambda) grows with lambda, so r_min(t) >= r(l, rho_t) with
the blend rho_t that was used, whatever the schedule looks at. The adaptive schedule's blend depends on the
smallest eigenvalue, rho = c lambda_min / (1 + c lambda_min), so r_min = (1 + c lambda_min) / (1 + c), which
grows with lambda_min; hence r_min(t) >= (1 + c l) / (1 + c), a number known before the run. With the loss's
decay constant kappa (see `gnviz.losses.base`), as long as the condition holds,

    loss(t) <= loss(0) exp(-2 kappa int_0^t r_l ds)                                                (derived).

Discrete steps, momentum and Adam do not follow the flow: nothing is promised there.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gnviz.dynamics.host import rows
from gnviz.dynamics.linearized.dynamics import LinearizedDynamics, damped
from gnviz.dynamics.linearized.system import System

CLEAR = 2.0
"""lambda_0 / 2 must be this many times the resolution at the start. As long as the condition holds, lambda_1,
and with it the resolution, grows at most by half: a lambda_min of lambda_0 / 2 stays resolved."""


def half_smallest(first: LinearizedDynamics) -> Tensor:
    """Return lambda_0 / 2, shape (R,); NaN where nothing is promised.

    That is for fewer modes than samples, part of the residual then never decays, and for a lambda_0 that is
    not clear of its own rounding.
    """
    half = first.eigenvalues[:, -1] / 2
    if first.underparameterized:
        return torch.full_like(half, torch.nan)
    return torch.where(half > CLEAR * first.modes.floor, half, torch.nan)


def apriori_rate(system: System, here: LinearizedDynamics, half: Tensor) -> Tensor:
    """Return the least rate of every S with lambda_min(S) >= lambda_0 / 2, shape (R,).

    Args:
        system: R runs.
        here: The dynamics now.
        half: lambda_0 / 2, NaN where nothing is promised, shape (R,).
    """
    rho = here.rho.clone()
    for schedule in {id(s): s for s in system.schedules}.values():
        runs = rows(tuple(i for i, s in enumerate(system.schedules) if s is schedule), rho.device)
        rho[runs] = schedule.worst_rho(rho[runs], half[runs])
    return damped(half[:, None], rho, here.modes.floor)[1][:, 0]
