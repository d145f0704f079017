"""A local solution against the exponential of a dense matrix, and patchworks against whole batches."""

import torch
from checks import assert_close
from reference.problems import linear_system

from gnviz.dynamics.flow.local_solution import LocalSolution
from gnviz.dynamics.flow.stacked import Place, stack_rows
from gnviz.dynamics.linearized.dynamics import linearize_dynamics
from gnviz.methods import parse_method

RHOS = [1.0, 0.1, 1e-3]
ALL = (0, 1, 2)
ROUNDING = 1e-11
"""Scaling and squaring of a matrix of norm 30, and terms that cancel by a factor of that norm."""


def make():
    """Three runs of a linear model, each with a force of its own."""
    system, w, _ = linear_system([3.0, 1.0, 0.3], 5, [parse_method(f"constant({r})") for r in RHOS])
    here = linearize_dynamics(system, w, torch.zeros_like(system.alpha))
    g = torch.Generator().manual_seed(1)
    force = torch.randn(3, 4, 5, generator=g, dtype=torch.float64)
    drive = torch.randn(3, 3, generator=g, dtype=torch.float64)
    modes = torch.stack([here.push_forward(force[:, m]) for m in range(4)], 1)
    scale = torch.tensor([1.0, 0.5, 2.0], dtype=torch.float64)
    return system, LocalSolution(here, w, drive, scale, force, modes)


def dense(system, solution, run, tau):
    """w(tau) and its slope from exp of [[L, F_0, a_1, ...], [0, shift]], Sidje's augmented matrix."""
    j, r = system.model.j, RHOS[run]
    n, p = j.shape
    linear = -j.T @ torch.linalg.inv(r * torch.eye(n, dtype=torch.float64) + (1 - r) * j @ j.T) @ j
    start = -solution.tangent.pull_back(solution.drive)[run]
    columns = [start, *(a / solution.scale[run] ** (m + 1) for m, a in enumerate(solution.force[run]))]
    big = torch.zeros(p + 5, p + 5, dtype=torch.float64)
    big[:p, :p] = linear
    # d/dtau of (v, 1, tau, tau^2/2, ...): the force is a linear image of the last five
    for m, column in enumerate(columns):
        big[:p, p + m] = column
    for m in range(1, 5):
        big[p + m, p + m - 1] = 1.0
    state = torch.zeros(p + 5, dtype=torch.float64)
    state[p] = 1.0
    state = torch.linalg.matrix_exp(big * tau) @ state
    return solution.w[run] + state[:p], (big @ state)[:p]


def test_a_local_solution_solves_the_forced_linear_flow():
    system, solution = make()
    for scale in (0.0, 1e-3, 0.4, 3.0):
        tau = scale * torch.tensor([1.0, 2.0, 0.7], dtype=torch.float64)
        values = solution.phi_values(tau)
        w, slope = solution.at(values), solution.slope(values)
        for run in range(3):
            expected, speed = dense(system, solution, run, tau[run])
            assert_close(w[run], expected, rtol=ROUNDING, label=f"w, run {run}, tau {tau[run]}")
            assert_close(slope[run], speed, rtol=ROUNDING, label=f"slope, run {run}, tau {tau[run]}")


def test_a_further_force_moves_it_as_far_as_it_says():
    _, solution = make()
    g = torch.Generator().manual_seed(2)
    extra = torch.randn(3, 4, generator=g, dtype=torch.float64)
    pushed = solution.pushed(extra, torch.randn(3, 5, generator=g, dtype=torch.float64))
    values = solution.phi_values(torch.full((3,), 1.3, dtype=torch.float64))
    seen = solution.tangent.push_forward(pushed.at(values) - solution.at(values))
    assert_close(pushed.difference(values, solution), seen, rtol=ROUNDING, label="V^T J dw")


def test_a_patchwork_is_its_rows():
    system, solution = make()
    first = solution.tangent
    second = linearize_dynamics(system, solution.w + 1.0, torch.zeros_like(system.alpha))
    places = [Place(second, 2, ALL), Place(first, 0, ALL), Place(second, 1, ALL)]
    mixed = stack_rows(places)
    c, dw = torch.randn(3, 3, dtype=torch.float64), torch.randn(3, 5, dtype=torch.float64)
    for i, (source, row, _) in enumerate(places):
        alone_c, alone_dw = torch.zeros_like(c), torch.zeros_like(dw)
        alone_c[row], alone_dw[row] = c[i], dw[i]
        assert_close(mixed.pull_back(c)[i], source.pull_back(alone_c)[row], rtol=1e-15, label="J^T V c")
        assert_close(mixed.push_forward(dw)[i], source.push_forward(alone_dw)[row], rtol=1e-15, label="V^T J")
        assert torch.equal(mixed.rate[i], source.rate[row])


def test_all_rows_of_one_tangent_are_that_tangent():
    _, solution = make()
    here = solution.tangent
    assert stack_rows([Place(here, i, ALL) for i in range(3)]) is here
    assert stack_rows([Place(here, i, ALL) for i in (1, 0, 2)]) is not here
