"""Formulas as instructions mean what they mean to torch: value and derivatives, also where these are none."""

import numba
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from strategies import formulas

from gnviz.dynamics.compiled.code.model.surface import base, surface_outputs, surface_slopes
from gnviz.dynamics.compiled.models import compiled_model
from gnviz.experiment.surface import FORMULAS, expressions
from gnviz.problem.models.charts import chart
from gnviz.problem.models.surface import SurfaceModel

X = np.array([[-1.0], [0.0], [2.5]])
POINTS = [(0.7, -0.4), (-1.3, 2.0), (0.0, 1.0), (1.0, 1.0)]


@numba.njit
def _slopes(code, program, v, x, stack, J, f):
    surface_slopes(code, program, v, x, stack, J, f)


@numba.njit
def _outputs(code, program, v, x, stack, f):
    surface_outputs(code, program, v, x, stack, f)


@numba.njit
def _base(code, a, b):
    return base(code, a, b)


def compiled(surface, v):
    """Return f (3,) and J (3, 2) of machine code."""
    own, J, f = compiled_model(surface), np.zeros((3, 2)), np.zeros(3)
    _slopes(own.code, own.program, np.array(v), X, np.full(own.scratch, 7.0), J, f)
    return f, J


def by_torch(surface, v):
    """Return f (3,) and J (3, 2)."""
    linear = surface.linearize(torch.tensor([v], dtype=torch.float64), torch.tensor(X))
    return linear.outputs[0].numpy(), linear.jacobian()[0].numpy()


def assert_alike(text, points=POINTS, name="plain"):
    surface = SurfaceModel(expressions(text), chart(name))
    for v in points:
        for ours, torchs in zip(compiled(surface, v), by_torch(surface, v), strict=True):
            np.testing.assert_allclose(ours, torchs, rtol=1e-12, atol=1e-300, err_msg=f"{text} at {v}")


@pytest.mark.parametrize("name", ["plain", "bent", "stretched", "twisted"])
@pytest.mark.parametrize("model", FORMULAS)
def test_surfaces_of_our_own_in_every_chart(model, name):
    surface = SurfaceModel(expressions(FORMULAS[model]), chart(name))
    for v in POINTS:
        for ours, torchs in zip(compiled(surface, v), by_torch(surface, v), strict=True):
            np.testing.assert_allclose(ours, torchs, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize(
    "text",
    [
        "w1 + w2 - x", "w1*x/w2", "w1^3 + (-w2)**2", "w2^x + w1", "abs(w1)^w2", "w1^w2", "0^w1", "-w1",
        "exp(w1)*log(w2) + log10(w1*w2)", "sqrt(w1) + abs(w2)", "sin(w1)*cos(w2)*tanh(x*w1)",
        "floor(w1*3) + w2", "min(w1, w2, x)", "max(w1, w2)", "clip(w1, -0.5, w2)",
        "where(w1 > 0, sqrt(w1), w2)", "where(w1, w2, x)", "(w1 < w2) + (w1 <= w2)*w1",
        "(w1 > w2) + (w1 >= 0)*w2", "(w1 == w2)*w1 + (x != w1)*w2", "sqrt(x) + w1", "log(x)*w1",
        "1e300*w1*1e300 + w2", "w1/(w2 - w2)", "w1; w2*x; w1*w2", "0/clip(0, 0, w1) + w1",
        "0/where(w1 > 9, w1, 0) + w2", "floor(exp(44)) + w1", "floor(exp(800)*w1)*w2",
        "min(w1, 0/0) + w2", "0/floor(w1*0.1) + w2", "abs(log(w1)) + w2",
        "0/(w1^0 - 1) + w2", "0/0^(w1*w1) + w2",
        "max(sqrt(-1 - w1^2), w2, w1)",
        "pi*w1 + 9**9**9*w2",
    ],
)  # fmt: skip
def test_every_operation_has_torchs_value_and_derivatives(text):
    """Also at a zero, on a tie, beyond the range of numbers, and where a branch not taken has none."""
    assert_alike(text)


@settings(deadline=None, derandomize=True, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(formulas(("w1", "w2", "x")))
def test_formulas_at_random(text):
    """To what rounding does to torch's own numbers; not finite in the same places."""
    surface = SurfaceModel(expressions(f"w1 + w2*0 + ({text})"), chart("plain"))
    for v in POINTS[:2]:
        near = by_torch(surface, tuple(np.array(v) * (1 + 1e-14)))
        for ours, torchs, shaken in zip(compiled(surface, v), by_torch(surface, v), near, strict=True):
            np.testing.assert_array_equal(np.isfinite(ours), np.isfinite(torchs), err_msg=f"{text} at {v}")
            known = np.isfinite(torchs) & np.isfinite(shaken)
            off = np.abs(ours[known] - torchs[known])
            most = 1e-9 * (1 + np.abs(torchs[known])) + 100 * np.abs(shaken[known] - torchs[known])
            assert (off <= most).all(), f"{text} at {v}: {off}"


def test_outputs_elsewhere_are_those_of_the_formula():
    surface = SurfaceModel(expressions("tanh(w1*x + w2)"), chart("twisted"))
    own, f, v = compiled_model(surface), np.zeros(5), np.array([0.3, -1.0])
    x = np.linspace(-2, 2, 5)[:, None]
    _outputs(own.code, own.program, v, x, np.zeros(own.scratch), f)
    expected = surface.outputs(torch.tensor(v)[None], torch.tensor(x))[0].numpy()
    np.testing.assert_allclose(f, expected, rtol=1e-14)


@pytest.mark.parametrize("name", ["plain", "bent", "stretched", "twisted"])
def test_charts_have_their_slopes(name):
    code = compiled_model(SurfaceModel(expressions("w1"), chart(name))).code
    point, h = (0.4, -1.1), 1e-6
    value = np.array(_base(code, *point))
    np.testing.assert_allclose(value[:2], chart(name).base(*point), rtol=1e-15)
    for k, step in enumerate(np.eye(2) * h):
        ahead, behind = (np.array(chart(name).base(*(point + s * step))) for s in (1, -1))
        np.testing.assert_allclose(value[2 + k :: 2], (ahead - behind) / (2 * h), rtol=1e-8, atol=1e-9)


def test_the_stack_is_as_high_as_it_must_be():
    surface = SurfaceModel(expressions("w1 + (w2 + (x + (w1 + (w2 + 1))))"), chart("plain"))
    own = compiled_model(surface)
    assert own.scratch == (6, 5)
    guarded = np.full((8, 5), 7.0)
    _slopes(own.code, own.program, np.array([1.0, 2.0]), X, guarded[:6], np.zeros((3, 2)), np.zeros(3))
    assert (guarded[:6] != 7.0).any(1).all()
    assert (guarded[6:] == 7.0).all()
