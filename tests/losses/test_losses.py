"""Every loss against autograd, far out, and against the inequality that its certificate rests on."""

import numpy as np
import pytest
import torch
from checks import assert_close
from hypothesis import given, settings
from hypothesis import strategies as st

from gnviz import LogCosh, Logistic, PseudoHuber, Squared, Weighted
from gnviz.experiment import Loss
from gnviz.losses import LOSSES
from gnviz.problem.curvature import longest_step, usable_curvature

KINDS = [
    Squared(),
    LogCosh(),
    PseudoHuber(),
    PseudoHuber(delta=0.03),
    Logistic(),
    Weighted(),
]
KINDS += [Weighted(condition=1e12)]

ROUNDING = 1e-13
"""Relative: each formula is a handful of operations, and autograd differentiates another one."""


def targets(loss, n):
    y = torch.linspace(-1.3, 0.8, n, dtype=torch.float64)
    return torch.where(y < 0, -1.0, 1.0).double() if loss.labels else y


def textbook(loss, u, y):
    """g as the textbook writes it, without any care for overflow; for moderate u."""
    r = u - y
    weights = torch.logspace(0, -np.log10(getattr(loss, "condition", 1.0)), len(y), dtype=torch.float64)
    return {
        "squared": lambda: r**2 / 2,
        "weighted": lambda: weights * r**2 / 2,
        "log-cosh": lambda: torch.log(torch.cosh(r)),
        "pseudo-huber": lambda: loss.delta**2 * (torch.sqrt(1 + (r / loss.delta) ** 2) - 1),
        "logistic": lambda: torch.log(1 + torch.exp(-y * u)),
    }[loss.label]().sum()


@pytest.mark.parametrize("loss", KINDS, ids=str)
def test_value_gradient_and_curvature_are_those_of_the_textbook(loss):
    g = torch.Generator().manual_seed(0)
    u = 3 * torch.randn(7, generator=g, dtype=torch.float64)
    y = targets(loss, 7)
    gradient = torch.func.grad(lambda v: textbook(loss, v, y))
    e, hessian = gradient(u), torch.func.jacrev(gradient)(u)
    assert_close(loss.value(u[None], y), textbook(loss, u, y)[None], rtol=ROUNDING, label="g")
    assert_close(loss.gradient(u[None], y)[0], e, rtol=ROUNDING, label="e")
    assert_close(torch.diag(loss.curvature(u[None], y)[0]), hessian, rtol=ROUNDING, label="G")


@pytest.mark.parametrize("loss", KINDS, ids=str)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_nothing_overflows_far_out(loss, dtype):
    far = torch.tensor([-1e15, -800.0, -60.0, -1.0, 0.0, 2.0, 90.0, 900.0, 1e15], dtype=dtype)
    y = targets(loss, len(far)).to(dtype)
    e = loss.gradient(far[None], y)
    curvature = usable_curvature(loss, far[None], y, e)
    z = e / curvature.sqrt()
    for values in (loss.value(far[None], y), e, loss.curvature(far[None], y), curvature, z, z.square().sum()):
        assert values.isfinite().all()
        assert values.dtype == dtype
    assert (curvature > 0).all()


@pytest.mark.parametrize("loss", [LogCosh(), PseudoHuber(), PseudoHuber(delta=0.03)], ids=str)
def test_a_small_residual_keeps_its_digits(loss):
    u, y = torch.tensor([[1e-9]], dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    # the next term of the series is of relative order (u / scale)^2 = 1e-15
    assert_close(loss.value(u, y), [0.5e-18], rtol=1e-14, label="g")


def test_a_well_fitted_label_keeps_its_digits():
    u, y = torch.tensor([[40.0]], dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    assert_close(Logistic().value(u, y), [np.exp(-40)], rtol=ROUNDING, label="g")


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(KINDS),
    st.lists(st.floats(-1e6, 1e6) | st.floats(-40, 40) | st.floats(-1e-3, 1e-3), min_size=1, max_size=6),
)
def test_the_decay_constant_holds_everywhere(loss, u):
    """e^T G^{-1} e >= 2 kappa g, with the floor that the dynamics use and without."""
    u = torch.tensor([u], dtype=torch.float64)
    y = targets(loss, u.shape[1])
    e, need = loss.gradient(u, y), 2 * loss.decay_constant * loss.value(u, y)
    floored = (e.square() / usable_curvature(loss, u, y, e)).sum(-1)
    # both sides are sums of n terms with a few roundings each; terms below the root of tiny count as 0
    assert (floored >= need * (1 - 1e-12) - 1e-150).all()
    exact = (e.square() / loss.curvature(u, y)).nan_to_num(nan=0.0, posinf=torch.inf).sum(-1)
    if (loss.curvature(u, y) > 1e-150).all():
        assert (exact >= need * (1 - 1e-12)).all()


@pytest.mark.parametrize("loss", KINDS, ids=str)
def test_no_curvature_is_above_the_steepest(loss):
    u = torch.linspace(-50, 50, 2001, dtype=torch.float64)[:, None].expand(-1, 3)
    y = targets(loss, 3)
    largest = torch.maximum(loss.curvature(u, y), loss.curvature(y[None], y)).max()
    assert largest <= loss.steepest * (1 + ROUNDING)
    assert largest > 0.99 * loss.steepest, "and it is no larger than it must be"


@pytest.mark.parametrize(
    ("loss", "u"), [(Logistic(), 30.0), (LogCosh(), 1e-4), (PseudoHuber(delta=0.5), 1e-4)], ids=str
)
def test_the_decay_constant_cannot_be_larger(loss, u):
    u, y = torch.tensor([[u]], dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    y = y + 1 if loss.label == "logistic" else y
    ratio = loss.gradient(u, y).square() / loss.curvature(u, y) / loss.value(u, y)
    assert ratio.item() == pytest.approx(2 * loss.decay_constant, rel=1e-6)


def test_the_floor_bounds_a_samples_own_newton_step_and_leaves_the_rest_alone():
    loss, y = PseudoHuber(delta=0.1), torch.zeros(4, dtype=torch.float64)
    u = torch.tensor([[0.05, 1.0, 50.0, 2e3]], dtype=torch.float64)
    e, curvature = loss.gradient(u, y), loss.curvature(u, y)
    usable = usable_curvature(loss, u, y, e)
    assert torch.equal(usable[0, :2], curvature[0, :2])
    steps = (e / usable)[0]
    assert steps[3].item() == pytest.approx(longest_step(u.dtype) * loss.scale)
    assert (e / curvature)[0, 3] > 2 * steps[3], "it would have been longer"


def test_the_weights_fall_geometrically():
    weights = Weighted(condition=1e6).weights(torch.zeros(4, dtype=torch.float64))
    assert_close(weights, [1, 1e-2, 1e-4, 1e-6], rtol=1e-14, label="omega")
    assert Weighted(condition=1e6).weights(torch.zeros(1)).tolist() == [1.0]


@pytest.mark.parametrize("kind", LOSSES)
def test_the_knobs_reach_the_loss(kind):
    loss = Loss(kind=kind, delta=0.25, condition=77.0).choice
    assert loss.label == kind
    assert getattr(loss, "delta", 0.25) == 0.25
    assert getattr(loss, "condition", 77.0) == 77.0
    assert loss.flat == (kind == "squared")
