"""From an experiment to a problem."""

import math

import pytest
import torch

from gnviz import Experiment, KnobError
from gnviz.problem.build import build


def problem(**knobs):
    return build(Experiment().replace({k.replace("__", "."): v for k, v in knobs.items()}))


def test_the_default_is_the_headline_problem():
    p = problem()
    assert (p.model.width, p.runs[0].alpha, len(p.samples.y), p.centred) == (400, 5.0, 10, False)
    assert p.condition == pytest.approx(1e7, rel=1e-6)
    assert p.w0.dtype == p.samples.x.dtype == torch.float64


@pytest.mark.parametrize("initialization", ["paired", "plain"])
def test_the_spread_is_a_factor_on_all_initial_weights(initialization):
    usual, small = (
        problem(network__initialization=initialization, network__spread=s, data__kind="xor", network__width=8)
        for s in (1.0, 0.25)
    )
    assert torch.equal(small.w0, 0.25 * usual.w0)
    assert torch.equal(small.starts[0], small.w0)


@pytest.mark.parametrize("initialization", ["centred", "plain"])
def test_width_one(initialization):
    p = problem(network__width=1, network__initialization=initialization, data__kind="line", data__n=3)
    assert p.w0.shape == (3,)
    assert p.condition > 1


def test_one_sample():
    p = problem(data__n=1, data__condition=None, network__width=8)
    assert p.condition == pytest.approx(1, rel=1e-12)


def test_duplicate_inputs_make_a_singular_kernel():
    p = problem(data__kind="csv", data__table="x,y\n0,1\n0,2\n1,3\n", network__width=8)
    assert p.condition == math.inf


def test_with_more_samples_than_parameters_the_condition_is_that_of_the_jacobian():
    p = problem(data__kind="line", data__n=30, network__width=2, network__initialization="centred")
    j = torch.func.jacrev(lambda w: p.model.outputs(w[None], p.samples.x)[0])(p.w0)
    s = torch.linalg.svdvals(j)
    # two sets of roundings, seen through kappa of the Jacobian, here about 100
    assert p.condition == pytest.approx((s[0] / s[-1]).item() ** 2, rel=1e-10)


def test_twin_neurons_are_one_too_many_for_more_samples_than_parameters():
    p = problem(data__kind="line", data__n=30, network__width=2)
    assert p.condition == math.inf


@pytest.mark.parametrize(("kind", "n", "width"), [("line", 5, 20), ("ring", 30, 4)])
def test_equal_modes_put_the_same_weight_on_every_mode(kind, n, width):
    p = problem(
        data__kind=kind,
        data__n=n,
        data__target="equal-modes",
        network__width=width,
        network__initialization="plain",
    )
    j = torch.func.jacrev(lambda w: p.model.outputs(w[None], p.samples.x)[0])(p.w0)
    left = torch.linalg.svd(j, full_matrices=False).U
    e = p.samples.y - p.runs[0].alpha * p.model.outputs(p.w0[None], p.samples.x)[0]
    # vectors of small singular values turn by eps sigma_1 / gap, here up to 1e-8
    assert (left.T @ e).abs().tolist() == pytest.approx([0.5**0.5] * min(n, 4 * width), rel=1e-6)
    assert e.norm().item() == pytest.approx((min(n, 4 * width) / 2) ** 0.5, rel=1e-12)


def test_equal_modes_are_those_of_the_alpha_that_is_run():
    p = problem(
        data__kind="line",
        data__n=5,
        data__target="equal-modes",
        network__width=20,
        network__initialization="plain",
        ensemble__alphas=["50"],
    )
    linear = p.model.linearize(p.w0[None], p.samples.x)
    modes = torch.linalg.eigh(linear.kernel()[0]).eigenvectors.T @ (50 * linear.outputs[0] - p.samples.y)
    assert modes.abs().tolist() == pytest.approx([0.5**0.5] * 5, rel=1e-10)


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"ensemble__seeds": 2}, r"ensemble.seeds = 2: .* allowed with it: ensemble.seeds = 1"),
        (
            {"ensemble__alphas": ["1", "50"], "network__initialization": "plain"},
            r"ensemble.alphas = 1;50: .* allowed with it: one alpha",
        ),
    ],
)
def test_equal_modes_of_several_starts_are_refused_with_a_way_out(knobs, words):
    with pytest.raises(KnobError, match=words) as refused:
        problem(data__target="equal-modes", network__width=20, **knobs)
    changed = Experiment().replace(
        {"data.target": "equal-modes", "network.width": 20}
        | {name.replace("__", "."): value for name, value in knobs.items()}
        | refused.value.remedy
    )
    assert build(changed).samples.y.isfinite().all()


def test_too_large_an_experiment_is_refused_with_its_size():
    with pytest.raises(KnobError, match=r"about \d+ GiB .*network.width = 4096.*allowed are 8 GiB"):
        problem(data__kind="teacher", data__n=10, network__width=4096, network__depth=8)


def test_the_memory_limit_lets_ordinary_experiments_pass(monkeypatch):
    monkeypatch.setenv("GNVIZ_MAX_GIB", "0.0625")
    assert problem().model.parameters == 1600


def test_a_kink_is_trained_in_discrete_steps_only():
    kinked = {"network.activation": "relu", "network.width": 8, "data.condition": None}
    with pytest.raises(KnobError, match=r"'relu' has a kink.*allowed with it: clock.kind = steps") as refused:
        build(Experiment().replace(kinked))
    build(Experiment().replace(kinked | refused.value.remedy))
