"""Data as users have it: containers and types of numbers, several outputs, integers."""

import numpy as np
import pandas as pd
import pytest
import torch
from checks import assert_close
from torch import nn

import gnviz
from gnviz import Experiment, make_problem

N = 12
X = np.linspace(0, 2, N)
Y = 2 * np.exp(-1.3 * X)


def decay(w, x):
    return w[0] * torch.exp(-w[1] * x)


def fitted(problem, **knobs):
    base = {"methods": ["gauss-newton"], "clock.snapshots": 3, "clock.horizon": 5.0, "device": "cpu"}
    base |= {"observe.optimum": False}
    return gnviz.run(
        Experiment().replace(base | {k.replace("__", "."): v for k, v in knobs.items()}), problem
    )


def stepped(problem, **knobs):
    return fitted(problem, methods=["gradient-flow"], clock__kind="steps", clock__steps=3, **knobs)


def read_only(values):
    values = values.copy()
    values.flags.writeable = False
    return values


CONTAINERS = {
    "NumPy": X,
    "read-only": read_only(X),
    "not contiguous": np.repeat(X, 3)[::3],
    "backwards": X[::-1].copy()[::-1],
    "big-endian": X.astype(">f8"),
    "long double": X.astype(np.longdouble),
    "list": X.tolist(),
    "tuple": tuple(X.tolist()),
    "list of tensors": [torch.tensor(v, requires_grad=True) for v in X],
    "pandas": pd.Series(X, index=np.arange(N) + 5),
    "pandas with objects": pd.Series(X, dtype=object),
    "pandas nullable": pd.Series(X, dtype="Float64"),
    "torch": torch.tensor(X, requires_grad=True),
    "torch, not contiguous": torch.tensor(np.repeat(X, 2))[::2],
}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_numbers_of_any_container_are_the_same(kind):
    problem = make_problem(decay, CONTAINERS[kind], Y, [1.0, 0.5])
    assert_close(problem.samples.x[:, 0], X)
    assert_close(make_problem(decay, X, Y[::1] if kind == "torch" else Y, [1.0, 0.5]).samples.y, Y)


def test_a_data_frame_is_a_table_of_inputs():
    frame = pd.DataFrame({"a": X, "b": np.arange(N)})
    problem = make_problem(lambda w, x: x @ w, frame, frame["a"], [1.0, 0.5])
    assert_close(problem.samples.x, frame.to_numpy())


NOT_NUMBERS = {
    "x must be numbers": lambda: make_problem(decay, ["a"] * N, Y, [1.0, 1]),
    "x must be numbers: these are datetime64": lambda: make_problem(
        decay, np.arange(N).astype("datetime64[D]"), Y, [1.0, 1]
    ),
    "y holds numbers that are not finite": lambda: make_problem(
        decay, X, np.ma.array(Y, mask=X > 1), [1.0, 1]
    ),
    "x is complex.*two outputs": lambda: make_problem(decay, X + 0j, Y, [1.0, 1]),
    "y is complex.*view_as_real": lambda: make_problem(decay, X, torch.tensor(Y) + 1j, [1.0, 1]),
    "w0 is complex": lambda: make_problem(decay, X, Y, [1.0, 1j]),
    "y is complex": lambda: make_problem(decay, X, pd.Series(Y.astype(complex), dtype=object), [1.0, 1]),
    "weight is complex": lambda: make_problem(nn.Linear(1, 1).to(torch.complex64), X, Y),
    "outputs are complex.*two outputs": lambda: make_problem(lambda w, x: decay(w, x) + 0j, X, Y, [1.0, 1]),
}  # fmt: skip


@pytest.mark.parametrize("message", NOT_NUMBERS)
@pytest.mark.filterwarnings("ignore:Complex modules")
def test_what_is_no_real_number_is_refused(message):
    with pytest.raises(ValueError, match=message):
        NOT_NUMBERS[message]()


def pair(w, x):
    return torch.stack([decay(w, x), w[0] * torch.cos(w[1] * x)], 1)


def test_several_outputs_are_fitted_together():
    y = pair(torch.tensor([2, 1.3]), torch.tensor(X)).numpy()
    problem = make_problem(pair, X, y, [1.5, 1.0])
    ds = fitted(problem)
    assert ds.sizes["sample"] == 2 * N
    assert_close(ds.y, y.ravel())
    assert_close(ds.x[:, 0], np.repeat(X, 2))
    assert_close(ds.weights[0, -1], [2, 1.3], atol=0.03, label="e^-5 of the way is left")
    assert_close(ds.prediction[0, 0], pair(torch.tensor([1.5, 1.0]), torch.tensor(X)).ravel(), rtol=1e-14)
    assert "entry i of `sample` is output i % 2 of sample i // 2" in ds.attrs["notes"]
    assert ds.sizes["grid"] == 0


def test_several_outputs_are_the_same_as_one_long_output():
    y = pair(torch.tensor([2, 1.3]), torch.tensor(X)) + 0.01
    a = stepped(make_problem(pair, X, y, [1.5, 1.0]))
    flat = make_problem(lambda w: pair(w, torch.tensor(X)).reshape(-1), y=y.reshape(-1), w0=[1.5, 1.0])
    assert_close(a.loss, stepped(flat).loss, rtol=1e-9)


def test_a_module_with_several_outputs():
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 3))
    one_hot = nn.functional.one_hot(torch.arange(N) % 3).double()
    ds = stepped(make_problem(module, np.stack([X, X**2], 1), one_hot))
    assert ds.sizes["sample"] == 3 * N
    assert float(ds.loss[0, -1]) < float(ds.loss[0, 0])
    assert_close(
        ds.prediction[0, 0],
        module.double()(torch.tensor(np.stack([X, X**2], 1))).ravel().detach(),
        rtol=1e-12,
    )


def test_more_outputs_than_targets_say_how():
    labels = np.arange(N) % 3
    with pytest.raises(ValueError, match=r"give y of shape \(12, 3\).*loss.kind = logistic.*no softmax"):
        make_problem(nn.Linear(1, 3), X, labels)
    with pytest.raises(ValueError, match=r"returns shape \(12, 1\), but y has shape \(12, 3\)"):
        make_problem(nn.Linear(1, 1), X, np.zeros((N, 3)))
    with pytest.raises(ValueError, match=r"1 to 2000 numbers in all"):
        make_problem(nn.Linear(1, 3), np.zeros(1000), np.zeros((1000, 3)))


WORDS = np.arange(N) % 5


def embedding(kind=nn.Flatten):
    torch.manual_seed(0)
    return nn.Sequential(nn.Embedding(5, 3), kind(), nn.Linear(3, 1))


@pytest.mark.parametrize(
    "x",
    [
        WORDS,
        WORDS.tolist(),
        WORDS.astype(np.uint8),
        pd.Series(WORDS),
        torch.tensor(WORDS).int(),
        WORDS[:, None],
    ],
    ids=["int64", "list", "uint8", "pandas", "int32", "column"],
)
def test_an_embedding_gets_integers(x):
    ds = stepped(make_problem(embedding(), x, Y))
    assert_close(ds.prediction[0, 0], embedding().double()(torch.tensor(WORDS)).detach()[:, 0], rtol=1e-14)
    assert float(ds.loss[0, -1]) < float(ds.loss[0, 0])
    assert ds.sizes["grid"] == 0
    assert_close(ds.x[:, 0], WORDS)


def test_an_embedding_without_flattening_gets_what_was_given():
    make_problem(embedding(nn.Identity), WORDS, Y)


def test_masks_and_indices_reach_a_function_as_they_are():
    mask = X > 1
    ds = fitted(make_problem(lambda w, x: torch.where(x, w[0], w[1]), mask, mask + 1.0, [0.0, 0.5]))
    assert_close(ds.weights[0, -1], [2, 1], atol=0.03, label="e^-5 of the way is left")
    ds = fitted(make_problem(lambda w, x: w[x], WORDS, WORDS + 0.5, torch.ones(5)))
    assert_close(ds.weights[0, -1], np.arange(5) + 0.5, atol=0.03, label="e^-5 of the way is left")
    stepped(make_problem(lambda w, x: w[x], WORDS, WORDS + 0.5, torch.ones(5)), dtype="float32")


def test_integers_do_not_cost_precision_where_numbers_are_meant():
    years = np.arange(N)
    f = make_problem(decay, years, Y, [1.0, 0.3])
    assert_close(f.model.outputs(f.starts, f.samples.x)[0], np.exp(-0.3 * years), rtol=1e-15)
    make_problem(nn.Linear(1, 1), years, Y)
    f = make_problem(lambda w, x: w[0] * torch.sin(x), years, Y, [1.0])
    assert_close(f.model.outputs(f.starts, f.samples.x)[0], np.sin(years), rtol=1e-15)


def test_integers_too_large_to_be_exact_are_refused():
    def last_digit(w, x):
        return w[x % 2]

    with pytest.raises(ValueError, match=r"integer 9007199254740993, and float64 is exact up to 2\^53"):
        make_problem(last_digit, np.array([2**53 + 1]), [1.0], [1.0, 1])
    problem = make_problem(last_digit, np.array([2**24 + 1, 2]), [1.0, 2], [1.0, 1])
    stepped(problem)
    with pytest.raises(
        ValueError, match=r"integer 16777217, and float32 is exact up to 2\^24.*dtype = float64"
    ):
        stepped(problem, dtype="float32")


def test_an_integer_model_that_fails_says_so_for_both_types():
    with pytest.raises(ValueError, match=r"fails at w0 with x as torch.int64: .*; as float64: "):
        make_problem(lambda w, x: w[7] * x, WORDS, Y, [1.0])


def test_the_module_and_the_problem_do_not_change_each_other():
    module = nn.Sequential(nn.Linear(1, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
    before = {k: v.clone() for k, v in module.state_dict().items()}
    problem = make_problem(module, X, Y)
    start = problem.model.outputs(problem.starts, problem.samples.x)
    stepped(problem)
    assert all(
        torch.equal(v, before[k]) and v.dtype == before[k].dtype for k, v in module.state_dict().items()
    )
    with torch.no_grad():
        module[1].running_mean += 5
        module[1].eval()
    assert torch.equal(problem.model.outputs(problem.starts, problem.samples.x), start)
