"""Trust-region steps against a dense twin in parameter space, written from Nielsen's report."""

import numpy as np
import pytest
import torch
from checks import assert_close
from dynamics.clocked import ALPHA, go, loss_of, small_net, step_clock

from gnviz import Experiment, run

TWIN = 1e-6
"""Sample space against least squares in parameter space, over 25 steps; rounding grows with the steps that
follow a bad one. Measured 2e-7."""


def dense(system, w, tau, update, steps):
    """Return losses, mu and acceptance of Levenberg-Marquardt with the stacked system [J; sqrt(mu) I]."""

    def residual(v):
        return ALPHA * system.model.outputs(v[None], system.x)[0] - system.y

    def jacobian(v):
        return torch.func.jacrev(residual)(v) / ALPHA

    j = jacobian(w)
    mu, nu, rows = tau * (j @ j.T).diagonal().max().item(), 2.0, []
    for _ in range(steps):
        e, j = residual(w), jacobian(w)
        stacked = torch.cat([j, mu**0.5 * torch.eye(len(w), dtype=w.dtype)])
        target = torch.cat([e, torch.zeros_like(w)])
        dw = -torch.linalg.lstsq(stacked, target[:, None], driver="gelsd").solution[:, 0] / ALPHA
        predicted = 0.5 * (e @ e).item() - 0.5 * (e + ALPHA * j @ dw).square().sum().item()
        gain = (0.5 * (e @ e).item() - 0.5 * residual(w + dw).square().sum().item()) / predicted
        taken = gain > 0
        if taken:
            w = w + dw
        if update == "nielsen":
            mu *= max(1 / 3, 1 - (2 * gain - 1) ** 3) if taken else nu
            nu = 2.0 if taken else 2 * nu
        else:
            mu *= 2.0 if gain < 0.25 else (1 / 3 if gain > 0.75 else 1.0)
        rows.append((0.5 * residual(w).square().sum().item(), mu, float(taken), gain))
    return np.array(rows).T


@pytest.mark.parametrize("update", ["nielsen", "marquardt"])
@pytest.mark.parametrize("tau", [1e-8, 1.0])
def test_every_step_is_that_of_the_dense_twin(update, tau):
    method = f"trust-region(damping={tau}, update={update})"
    system, w0 = small_net([method, "trust-region"], n=12, width=3)  # p = 24: no exact fit at once
    clock, steps = step_clock(system, w0), 25
    losses, mus, taken, gains = dense(system, w0[0], tau, update, steps)
    for index in range(steps):
        go(clock, index + 1)
        _, gain, accepted, rho = (value[0].item() for value in clock.record)
        assert_close(
            loss_of(system, clock.w)[:1], losses[index : index + 1], rtol=TWIN, label=f"loss {index}"
        )
        assert_close([rho / (1 - rho)], mus[index : index + 1], rtol=TWIN * max(1, mus[index]), label="mu")
        assert_close([gain], gains[index : index + 1], rtol=1e-4, atol=1e-6, label="gain")
        assert accepted == taken[index]
    if tau < 1:
        assert 0 < taken.sum() < steps, "steps are refused too, else that was not tested"


def test_the_loss_never_rises_and_refusals_are_recorded():
    values = {"clock.kind": "steps", "clock.steps": 40, "clock.snapshots": 41, "clock.spacing": "linear"}
    values |= {"methods": "trust-region(damping=1e-12)", "network.alpha": 0.1, "network.width": 20}
    ds = run(Experiment().replace(values))
    loss, accepted = ds.loss.values[0], ds.accepted.values[0]
    assert (np.diff(loss) <= 0).all()
    refused = accepted[1:] == 0
    assert refused.any()
    assert (np.diff(loss)[refused] == 0).all()
    assert ((ds.rho.values > 0) & (ds.rho.values < 1)).all()
    assert (np.diff(ds.rho.values[0])[refused] > 0).all(), "damping grows after a refusal"


def test_a_singular_kernel_without_damping_heals_itself():
    system, w0 = small_net(["trust-region(damping=1e-15)"], n=60, width=2, depth=1)  # n > p: K is singular
    clock = go(step_clock(system, w0), 30)
    assert clock.w.isfinite().all()
    assert loss_of(system, clock.w) < loss_of(system, w0)
