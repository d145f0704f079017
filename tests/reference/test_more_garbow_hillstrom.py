"""Problems of Moré, Garbow and Hillstrom: the functions are the paper's, and its minima are reached."""

import numpy as np
import pytest
import torch
from checks import assert_close
from reference import twins
from torch.func import jacrev, vmap

import gnviz
from gnviz import Experiment
from gnviz.problem.published.more_garbow_hillstrom import PROBLEMS
from gnviz.verify.at_rest import run_to_rest
from gnviz.verify.minpack import minpack
from gnviz.verify.more_garbow_hillstrom import (
    NEITHER,
    OK,
    OTHER,
    WORSE,
    ZERO,
    Fit,
    cosine,
    fit,
    is_published,
    lines,
)

RECORDED = 1e-12  # sums of squares of order 1e3 in float64

ROUNDING = 1e-13  # two orders of summation, up to 65 terms, relative to the largest residual

SEVEN = 1e-6  # seven digits are printed, cut off or rounded

SIXTH = 1e-5  # a unit of the sixth digit, where the first digit is 1

SLOPE = 1e-8  # h^4 / 30 times fifth derivatives, of order 1e7 for Chebyquad

EPS = np.finfo(float).eps

AUTOGRAD = 1e-12  # forward and reverse mode sum in other orders

ROUNDED_COSINE = 1e-14  # of points in closed form, a few eps

ROOT = 1e-25  # f^T f where every residual is rounding, those of order 1e6 times eps among them

UNLISTED = 2.79505612e-5
"""The minimum of the trigonometric function, p = 10, near its start; the paper has its root only."""

WANDERING = ("chebyquad-8", "chebyquad-9", "chebyquad-10", "powell-badly-scaled", "beale")
"""From ten times their starts MINPACK has not arrived after 2,000 evaluations: nothing can be worse, and
as many steps take long. `python -m gnviz.verify.more_garbow_hillstrom` has them."""


def steps(method, count):
    values = {"methods": [method], "clock.kind": "steps", "clock.steps": count, "clock.step_size": 1.0}
    values |= {"clock.snapshots": count + 1, "clock.spacing": "linear", "observe.optimum": False}
    return Experiment().replace(values)


def torch_of(values):
    return torch.tensor(values, dtype=torch.float64)


def twin(name, w):
    """The residuals in NumPy, shape (n,)."""
    words = name.replace("-", "_")
    function = getattr(twins, words, None) or getattr(twins, words.rpartition("_")[0])
    return np.array(function([0.0, *map(float, w)]))


def around(problem):
    """The start and three points near it at random, shape (4, p)."""
    random = torch.Generator().manual_seed(problem.number)
    w = torch_of(problem.start)
    shifts = torch.rand(3, len(w), dtype=w.dtype, generator=random) - 0.5
    return torch.cat([w[None], w + 0.2 * shifts * w.abs().clamp(min=0.5)])


def differences(name, w, h):
    """The twin's Jacobian by differences of fourth order, shape (n, p)."""

    def between(e):
        return twin(name, w + e) - twin(name, w - e)

    return np.stack([(8 * between(e) - between(2 * e)) / (12 * e.sum()) for e in np.diag(h)], axis=1)


def test_there_are_all_35():
    assert sorted({p.number for p in PROBLEMS.values()}) == list(range(1, 36))
    assert all(name == p.name and p.parameters <= p.samples for name, p in PROBLEMS.items())


@pytest.mark.parametrize("name", PROBLEMS)
def test_residuals_are_those_of_the_paper(name):
    problem = PROBLEMS[name]
    for w in around(problem):
        assert_close(problem.residuals(w), twin(name, w), rtol=ROUNDING, label=f"{name} at {w}")
    assert problem.residuals(w).shape == (problem.samples,)


def test_helical_valley_turns_as_in_the_paper():
    valley = PROBLEMS["helical-valley"].residuals
    for w in (
        [1, 2, 0.5],
        [1, -2, 0.5],
        [-1, 2, 0.5],
        [-1, -2, 0.5],
        [0, 2, 0.5],
        [0, -2, 0.5],
        [-1, -0.0, 1],
    ):
        assert_close(valley(torch_of(w)), twin("helical-valley", w), rtol=ROUNDING, label=str(w))


@pytest.mark.parametrize("name", twins.AT_START)
def test_norms_at_the_start_are_those_that_minpack_prints(name):
    problem = PROBLEMS[name]
    norm = problem.sum_of_squares_at(problem.start) ** 0.5
    assert_close(norm, twins.AT_START[name], rtol=SEVEN, label=name)


@pytest.mark.parametrize("name", PROBLEMS)
def test_jacobians_are_those_of_differences(name):
    problem = PROBLEMS[name]
    points, own = around(problem), problem.problem()
    assert own.model.way == "forward"
    slopes = own.model.linearize(points, own.samples.x).jacobian()
    assert_close(vmap(jacrev(problem.residuals))(points), slopes, rtol=AUTOGRAD, label=f"{name} in reverse")
    for w, slope in zip(points.numpy(), slopes, strict=True):
        h = 2e-4 * np.maximum(np.abs(w), 0.1)
        rounding = 10 * EPS * np.abs(twin(name, w)).max() / h.min()
        assert_close(slope, differences(name, w, h), rtol=SLOPE, atol=rounding, label=name)


@pytest.mark.parametrize("name", twins.ROOTS)
def test_roots_in_closed_form(name):
    problem = PROBLEMS[name]
    assert 0.0 in problem.minima
    for root in twins.ROOTS[name]:
        assert problem.sum_of_squares_at(root) < ROOT


@pytest.mark.parametrize("name", twins.MINIMA)
def test_minima_in_closed_form(name):
    problem, w = PROBLEMS[name], torch_of(twins.MINIMA[name])
    assert_close(problem.sum_of_squares_at(tuple(w)), problem.minima[-1], rtol=ROUNDING, label=name)
    assert cosine(problem, w.numpy()) < ROUNDED_COSINE


@pytest.mark.parametrize("name", PROBLEMS)
def test_minima_are_printed_so(name):
    printed = np.atleast_1d(twins.PRINTED.get(name, []))
    others = sorted(least for least in PROBLEMS[name].minima if least)
    for least, paper in zip(others, printed, strict=True):
        assert_close(least, paper, rtol=SIXTH, label=name)


@pytest.mark.parametrize("name", PROBLEMS)
def test_minpack_reaches_the_minimum_from_the_start(name):
    problem = PROBLEMS[name]
    end = minpack(problem.residuals, problem.start, 500)
    print(f"{name}: {end.sum_of_squares:.12g} in {end.evaluations}")
    if name == "trigonometric":
        assert_close(end.sum_of_squares, UNLISTED, rtol=SIXTH)
    else:
        assert is_published(problem, end.sum_of_squares)
    if end.sum_of_squares > ZERO:
        assert cosine(problem, end.weights) < 1e-5, "the gradient vanishes"


def test_minima_to_which_the_start_does_not_lead():
    biggs, bard, kowalik = PROBLEMS["biggs"], PROBLEMS["bard"], PROBLEMS["kowalik-osborne"]
    assert is_published(biggs, minpack(biggs.residuals, (4, 2, 4, 0, 2, 5), 500).sum_of_squares)
    for problem in (bard, kowalik):
        end = minpack(problem.residuals, problem.start_times(10), 500)
        assert_close(end.sum_of_squares, problem.minima[-1], rtol=1e-9, label=problem.name)
        assert np.abs(end.weights).max() > 1e6, "it is at infinity"


def test_ten_times_a_start_at_0_is_10_everywhere():
    assert PROBLEMS["watson-6"].start_times(10) == (10.0,) * 6
    assert PROBLEMS["watson-6"].start_times(1) == (0.0,) * 6
    assert PROBLEMS["box"].start_times(10) == (0.0, 100.0, 200.0)


def test_rosenbrock_in_two_gauss_newton_steps():
    ds = gnviz.run(steps("gauss-newton", 2), PROBLEMS["rosenbrock"].problem())
    assert_close(2 * ds.loss[0], [24.2, 2342.56, 0], rtol=RECORDED)
    assert_close(ds.weights[0], [[-1.2, 1], [1, -3.84], [1, 1]], rtol=RECORDED)


def test_runs_end_where_nothing_moves():
    problem = PROBLEMS["freudenstein-roth"]
    end = run_to_rest(problem.problem((0.5, -2.0), (5.0, 4.0)), "trust-region", 200)
    assert_close(2 * end.loss, [problem.sum_of_squares, 0], rtol=1e-9)
    assert end.steps[0] < 200
    assert end.steps[1] == 0
    assert end.status[1] == "converged"
    assert run_to_rest(problem.problem(), "gradient-flow", 20).status == ("finished",)


def test_verdicts_and_table():
    trigonometric, beale = PROBLEMS["trigonometric"], PROBLEMS["beale"]
    near, far = minpack(trigonometric.residuals, (0.1,) * 10, 500).weights, np.full(10, 0.1)
    fits = [Fit(beale, 1, np.ones(2), total, 20, "at rest") for total in (0.0, 1e-18, np.nan)]
    fits += [Fit(trigonometric, 1, near, total, 20, "at rest") for total in (UNLISTED, 2 * UNLISTED)]
    fits += [Fit(trigonometric, 1, far, 2 * UNLISTED, 20, "moving")]
    assert [f.verdict for f in fits] == [OK, WORSE, WORSE, NEITHER, OTHER, WORSE]
    text = list(lines(fits))
    print("\n".join(text))
    assert text[-1] == "6 fits: 1 ok, 3 worse than MINPACK, 1 MINPACK fails too, 1 another minimum"
    assert text[0].index("verdict") == text[2].index("worse") == text[4].index("MINPACK fails")


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_trust_region_reaches_what_minpack_reaches(name):
    for reached in fit(PROBLEMS[name], factors=(1,) if name in WANDERING else (1, 10)):
        words = f"{name} from {reached.factor} x0: {reached.sum_of_squares:.10g} "
        words += f"({reached.status}, {reached.steps} steps)"
        print(words)
        assert reached.verdict != WORSE, f"{words}; MINPACK {reached.minpack.sum_of_squares:.10g}"
