"""The formula language against Python's own arithmetic, and against everything that is not in it."""

import contextlib
import re
import time

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import formulas

from gnviz.knobs.formulas import MAX_DEPTH, MAX_LENGTH, FormulaError, read
from gnviz.methods.schedules.formula import NAMES

ALLOWED = frozenset(NAMES)
VALUES = {
    "t": np.array([0.0, 1.5, 1e3]),
    "loss": np.array([1.0, 1e-9, 3e4]),
    "lambda_min": np.array([1e-7, 2.0, 0.0]),
    "lambda_max": np.array([3.0, 30.0, 1e5]),
    "grad_norm": np.array([0.1, 0.0, 50.0]),
}
IN_PYTHON = {
    **{f: getattr(np, f) for f in ("exp", "log", "log10", "sqrt", "abs", "sin", "cos", "tanh", "floor")},
    "min": lambda *a: np.minimum.reduce(np.broadcast_arrays(*a)),
    "max": lambda *a: np.maximum.reduce(np.broadcast_arrays(*a)),
    "clip": lambda a, low, high: np.minimum(np.maximum(a, low), high),
    "where": lambda c, a, b: np.where(np.asarray(c) != 0, a, b),
    "pi": np.pi,
    "N": lambda number: np.full(3, number),
}
NUMBER = re.compile(r"(?<![\w.])(\d+\.?\d*(?:e[+-]?\d+)?)")
AGREE = 1e-12
"""The same operations in the same order; torch's and NumPy's functions differ in the last digits."""


def evaluate(text, values=None):
    values = VALUES if values is None else values
    return read(text, ALLOWED)(values, values["t"])


def in_python(text):
    """The slow twin: Python reads the formula, numbers made arrays so that they are IEEE floats."""
    source = NUMBER.sub(r"N(float(\1))", text.replace("^", "**"))
    source = re.sub(r"\(([^()]*)\)([<>=!]=?)", r"(\1)\2", source)
    with np.errstate(all="ignore"):
        return eval(source, {"__builtins__": {}, "float": float, **IN_PYTHON, **VALUES})


@given(formulas().filter(lambda f: not re.search("[<>=]", f)))
@example("-2**2")
@example("2**-1**t")
@example("1-2-3/4/5")
@example("-t^2+exp(-t)*2")
def test_arithmetic_is_that_of_python(text):
    np.testing.assert_array_equal(evaluate(text), np.broadcast_to(in_python(text), 3))


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">=", "==", "!="])
def test_comparisons_are_one_or_zero(sign):
    found = evaluate(f"t*1 {sign} 1.5")
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, in_python(f"t*1 {sign} 1.5").astype(float))


@given(formulas())
def test_torch_and_numpy_agree(text):
    tensors = {name: torch.tensor(v) for name, v in VALUES.items()}
    ours, theirs = evaluate(text), evaluate(text, tensors)
    assert theirs.dtype == torch.float64
    assert ours.shape == (3,) == tuple(theirs.shape)
    smooth = not re.search(r"[<>=]|floor|where|sin|cos", text)  # else one bit may change everything
    if smooth and np.isfinite(ours).all() and (np.abs(ours) < 1e12).all() and "**" not in text:
        np.testing.assert_allclose(theirs.numpy(), ours, rtol=1e-6, atol=AGREE)


def test_single_precision_stays_single():
    t = torch.tensor([0.5, 2.0])
    assert read("where(t<1, 2*t, 1/3)", ALLOWED)({"t": t}, t).dtype == torch.float32


def test_names_are_those_used():
    assert read("min(t, lambda_min) + pi", ALLOWED).names == {"t", "lambda_min"}
    assert read("0.1", ALLOWED).names == frozenset()


@given(st.text(max_size=MAX_LENGTH + 10) | st.text("t019.eE+-*/^()<>=!, minxw_", max_size=80))
@example("__import__('os').system('true')")
@example("t.__class__")
@example("(lambda: 0)()")
@example("t if t else t")
@example("[t for t in t]")
@example("t;t")
@example("'a'*9")
def test_any_text_is_a_formula_or_a_mistake(text):
    with contextlib.suppress(FormulaError):
        found = evaluate(text)
        assert found.shape == (3,)
        assert found.dtype == np.float64


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9**9",
        "9" * MAX_LENGTH,
        "1e99999",
        "exp(exp(exp(t)))",
        "9^" * 40 + "9",
        "(" * 99 + "t" + ")" * 99,
    ],
)
def test_towers_are_infinite_at_once(text):
    start = time.thread_time()  # which does not pass while others compute
    evaluate(text)
    assert time.thread_time() - start < 0.5  # a hang is what this is about: 1 ms is usual


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is empty; allowed: a formula such as"),
        ("0.5*(t+", "it ends too early, after '0.5*(t+'"),
        ("0.5*(t", "it ends too early"),
        ("2 t", "'t' is not understood at position 3 after '2 '"),
        ("t+*2", "'*' is not understood at position 3 after 't+'"),
        ("t.real", "'.' is not understood at position 2"),
        ("1<t<2", "'<' is not understood at position 4"),
        ("tt", "unknown name 'tt'; did you mean 't'"),
        ("lamda_min", "did you mean 'lambda_min'"),
        ("exp", "exp is a function: write exp(...)"),
        ("eval(t)", "unknown function 'eval'"),
        ("clip(t)", "clip takes 3 arguments, got 1"),
        ("exp(t, t)", "exp takes 1 argument, got 2"),
        ("min(t)", "min takes 2 to 8 arguments, got 1"),
        ("-" * (MAX_DEPTH + 1) + "t", f"nested more than {MAX_DEPTH} deep"),
        ("t" * (MAX_LENGTH + 1), f"it has {MAX_LENGTH + 1} characters; allowed are {MAX_LENGTH}"),
    ],
)
def test_mistakes_say_where(text, message):
    with pytest.raises(FormulaError) as error:
        read(text, ALLOWED)
    assert message in str(error.value)
