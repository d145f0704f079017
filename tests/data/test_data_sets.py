"""Made data and tables: shapes, formulas, seeds."""

import math

import pytest
import torch
from checks import assert_close

from gnviz import Circle, Experiment, KnobError, Line
from gnviz.data.targets import target_function
from gnviz.problem.build import build, with_noise

EXACT = 1e-14
"""A handful of float64 roundings."""


def samples(data="circle", **knobs):
    return build(Experiment(data=data).replace({k.replace("__", "."): v for k, v in knobs.items()})).samples


@pytest.mark.parametrize("n", [1, 2, 5, 10])
def test_circle_places_pairs(n):
    s = samples(data=Circle(n=n, condition=None, separation=0.01), network__width=4)
    half = (n + 1) // 2
    bases = torch.tensor([math.pi * i / half for i in range(half)], dtype=torch.float64)
    assert_close(s.coordinate, torch.cat([bases, bases + 0.01])[:n], rtol=EXACT, label="angles")
    assert_close(s.x.norm(dim=1), torch.ones(n), rtol=EXACT, label="radius")
    assert_close(torch.atan2(s.x[:, 1], s.x[:, 0]), s.coordinate, atol=EXACT, label="angle of x")
    assert_close(s.y, (3 * s.coordinate).sin() + 0.3 * (7 * s.coordinate).cos(), rtol=EXACT, label="y")


@pytest.mark.parametrize("n", [1, 2, 7])
def test_line_spans_its_interval(n):
    s = samples(data=Line(n=n, target="wave"), network__width=4)
    assert s.x.shape == (n, 1)
    if n > 1:
        assert_close(s.x[:, 0], torch.linspace(-1, 1, n), atol=1e-7, label="x")  # float32 linspace
    assert_close(s.y, (math.pi * s.x[:, 0]).sin(), atol=EXACT, label="y")


@pytest.mark.parametrize("target", ["two-tone", "wave", "step"])
def test_the_truth_along_the_grid_passes_through_the_data(target):
    s = samples(data=Line(n=9, target=target), network__width=4)
    f = target_function(target)
    assert_close(f(s.grid * math.pi / 2), s.grid_truth, rtol=EXACT, label="truth")
    assert s.grid.min() < s.x.min()
    assert s.grid.max() > s.x.max()


def test_teacher_inputs_lie_on_the_sphere():
    s = samples(data__kind="teacher", data__n=7, data__d=4)
    assert s.x.shape == (7, 4)
    assert_close(s.x.norm(dim=1), torch.ones(7), rtol=EXACT, label="radius")
    assert s.y.std() > 0.01, "labels vary"
    assert len(s.grid) == 0


def test_xor_is_what_no_straight_line_divides():
    s = samples(data__kind="xor", network__width=4)
    assert s.x.shape == (4, 2)
    assert_close(s.x.norm(dim=1), torch.ones(4), rtol=EXACT, label="radius")
    assert len({tuple(x) for x in s.x.tolist()}) == 4
    assert_close(s.y, -(2 * s.x[:, 0] * s.x[:, 1]), rtol=EXACT, label="y")
    assert_close(s.x.mT @ s.y, torch.zeros(2), atol=EXACT, label="what a linear function sees of it")
    assert s.y.sum() == 0
    assert len(s.grid) == 0
    assert samples(data__kind="xor", loss__kind="logistic", network__width=4).y.tolist() == s.y.tolist()
    assert samples(data__kind="xor", data__test=2, network__width=4).test_x.shape == (2, 2)


def test_same_seed_same_numbers_and_seeds_are_independent():
    def made(data, network):
        values = {"data.kind": "teacher", "data.noise": 0.1, "data.seed": data, "network.seed": network}
        return build(Experiment().replace({**values, "network.width": 8}))

    first, again = made(1, 2), made(1, 2)
    assert torch.equal(first.samples.x, again.samples.x)
    assert torch.equal(first.samples.y, again.samples.y)
    assert torch.equal(first.w0, again.w0)
    other_net, other_data = made(1, 3), made(4, 2)
    assert torch.equal(first.samples.y, other_net.samples.y)
    assert not torch.equal(first.w0, other_net.w0)
    assert torch.equal(first.w0[-8:], other_data.w0[-8:])
    assert not torch.equal(first.samples.y, other_data.samples.y)


def test_the_global_generator_is_left_alone():
    before = torch.get_rng_state()
    samples(data__kind="teacher", data__noise=0.3)
    assert torch.equal(before, torch.get_rng_state())


def test_noise_has_its_standard_deviation():
    zero = torch.zeros(1000, dtype=torch.float64)
    noise = with_noise(zero, 0.5, torch.Generator().manual_seed(0))
    # standard error of a standard deviation of 1000 draws: 2.2%; five of them
    assert noise.std().item() == pytest.approx(0.5, rel=0.11)
    assert abs(noise.mean().item()) < 5 * 0.5 / 1000**0.5


@pytest.mark.parametrize("kind", ["circle", "ring", "line", "teacher"])
def test_noise_is_added_to_made_targets(kind):
    knobs = {"data__kind": kind, "network__width": 30, "data__condition": None}
    assert 0.01 < (samples(**knobs, data__noise=0.5).y - samples(**knobs).y).std() < 2


@pytest.mark.parametrize("kind", ["circle", "ring", "line", "teacher"])
@pytest.mark.parametrize("initialization", ["paired", "centred", "plain"])
def test_equal_modes_gives_every_mode_the_same_weight(kind, initialization):
    values = {"data.kind": kind, "data.target": "equal-modes", "network.initialization": initialization}
    problem = build(Experiment().replace({**values, "network.width": 50, "data.n": 6}))
    kernel = problem.model.linearize(problem.w0[None], problem.samples.x).kernel()[0]
    f = problem.model.outputs(problem.w0[None], problem.samples.x)[0]
    u = torch.zeros_like(f) if initialization == "centred" else problem.runs[0].alpha * f
    weights = (torch.linalg.eigh(kernel).eigenvectors.T @ (u - problem.samples.y)).abs()
    assert_close(weights, torch.full_like(weights, 0.5**0.5), rtol=1e-12, label="|V^T e|")


@pytest.mark.parametrize(("kind", "n"), [("enso", 168), ("thurber", 37)])
def test_bundled_tables_are_standardised(kind, n):
    s = samples(data__kind=kind, network__width=4)
    assert s.y.shape == (n,)
    for column in (s.x[:, 0], s.y):
        assert column.mean().abs() < 1e-12
        assert column.square().mean().item() == pytest.approx(1, rel=1e-12)
    assert s.grid.min() < s.x.min() < s.x.max() < s.grid.max()


def test_a_table_with_two_inputs_has_no_curve():
    s = samples(data__kind="csv", data__table="a,b,y\n0,1,2\n1,3,1\n2,2,5\n", network__width=4)
    assert s.x.shape == (3, 2)
    assert s.grid.shape == (0,)
    assert s.grid_x.shape == (0, 2)
    assert (s.names, s.target) == (("a", "b"), "y")


def test_a_separation_onto_the_neighbours_is_refused():
    with pytest.raises(KnobError, match=r"data.separation = 1 .*allowed with data.n = 10: below 0.6283"):
        samples(data__condition=None, data__separation=1.0)
