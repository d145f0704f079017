"""Two classes in the plane: where their curves run, held-out samples, noise that moves inputs alone."""

import math

import pytest
import torch
from checks import assert_close

from gnviz import Circles, Experiment, Moons, Spirals, run
from gnviz.problem.build import build

KINDS = ("moons", "spirals", "circles")

EXACT = 1e-14
"""A handful of float64 roundings, of numbers of about 1."""


def samples(kind, **knobs):
    values = {f"data.{k}": v for k, v in knobs.items()}
    return build(Experiment().replace({"data.kind": kind, "network.width": 16, **values})).samples


def off_the_curve(kind, x, y):
    """How far inputs are from where their class's curve runs, from its equation in Cartesian coordinates."""
    a, b = x.T
    if kind == "moons":
        outside = torch.hypot(a + y / 3, b + y / 6) - 2 / 3
        return outside.abs() + (-y * (b + y / 6)).clamp(min=0)  # and on the right side of its diameter
    if kind == "circles":
        return a.hypot(b) - torch.where(y > 0, 0.5, 1.0)
    r, turned = a.hypot(b), torch.atan2(y * b, y * a)
    off = turned - 3 * math.pi * r
    return torch.hypot(off.cos() - 1, off.sin()) * r + (0.15 - r).clamp(min=0) + (r - 1).clamp(min=0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [1, 2, 9, 40])
def test_samples_lie_on_the_curves_half_on_each(kind, n):
    s = samples(kind, n=n, test=31)
    assert s.x.shape == (n, 2)
    assert s.y.tolist() == [1.0] * ((n + 1) // 2) + [-1.0] * (n // 2)
    assert s.test_y.sum() == 1, "31 held out: 16 of one class, 15 of the other"
    assert len({tuple(x) for x in s.x.tolist()}) == n, "no sample twice"
    for x, y in ((s.x, s.y), (s.test_x, s.test_y)):
        assert_close(off_the_curve(kind, x, y), torch.zeros(len(y)), atol=4 * EXACT, label="off the curve")
        assert x.norm(dim=1).max() < 1.02
    assert len(s.grid) == 0
    assert s.draw is not None


def test_the_moons_reach_into_each_other_and_no_line_divides_them():
    s = samples("moons", n=40)
    upper, lower = s.x[s.y > 0], s.x[s.y < 0]
    assert_close(upper, -lower, atol=EXACT, label="one is the other, turned by half a turn")
    assert upper[:, 0].max() > lower[:, 0].min()
    ones = torch.ones(40, 1, dtype=torch.float64)
    line = torch.linalg.lstsq(torch.cat([s.x, ones], 1), s.y[:, None]).solution
    assert ((torch.cat([s.x, ones], 1) @ line)[:, 0].sign() != s.y).any()


def test_circles_are_closed():
    s = samples("circles", n=20)
    for ring in (s.x[:10], s.x[10:]):
        assert_close(ring.sum(0), torch.zeros(2), atol=10 * EXACT, label="evenly spaced all around")


@pytest.mark.parametrize("kind", KINDS)
def test_noise_moves_inputs_and_leaves_labels(kind):
    plain, noisy = samples(kind, n=1000), samples(kind, n=1000, noise=0.1, test=1000)
    assert torch.equal(noisy.y, plain.y)
    moved = noisy.x - plain.x
    # standard error of a standard deviation of 2000 draws: 1.6%; five of them
    assert moved.std().item() == pytest.approx(0.1, rel=0.08)
    assert set(noisy.test_y.tolist()) == {-1.0, 1.0}
    assert off_the_curve(kind, noisy.test_x, noisy.test_y).abs().median() > 0.02, (
        "held-out ones have noise too"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_seeds(kind):
    first, again = (samples(kind, n=12, noise=0.1, test=5, seed=3) for _ in range(2))
    assert torch.equal(first.x, again.x)
    assert torch.equal(first.test_x, again.test_x)
    assert torch.equal(samples(kind, n=12, noise=0.1, seed=3).x, first.x), (
        "test samples leave the others alone"
    )
    other = samples(kind, n=12, noise=0.1, test=5, seed=4)
    assert not torch.equal(first.x, other.x)
    assert not torch.equal(first.test_x, other.test_x)


@pytest.mark.parametrize("data", [Moons(n=6), Spirals(n=6), Circles(n=6)], ids=str)
@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_they_are_fitted(data, loss):
    ds = run(Experiment(data=data, loss=loss, methods=["adaptive(c=1)"]).replace(
        {"network.width": 60, "clock.horizon": 12.0, "clock.snapshots": 4, "engine": "torch"}
    ))  # fmt: skip
    assert (ds.prediction.values[0, -1] * ds.y.values > 0).all()
