"""Predictors over the plane of two inputs, on both engines, against the network written out."""

import numpy as np
import pytest
import torch
from checks import assert_close
from engines import both

from gnviz import Arrays, Circle, Experiment, Moons, Teacher, Xor, make_problem, run, simulate
from gnviz.dynamics.checkpoint import Checkpoint
from gnviz.dynamics.measure.plane import MOST_LOOKS, MOST_NUMBERS, stride
from gnviz.problem.build import build
from gnviz.problem.data.plane import MARGIN, SIDE
from gnviz.results import Recording, load, save

SINGLE = 2e-7
"""Rounding to single precision, in units of the largest number: eps is 1.2e-7."""

SMALL = {"network.width": 10, "clock.horizon": 3.0, "clock.snapshots": 7, "observe.weights": "all",
         "methods": ["gradient-flow", "adaptive(c=1)"]}  # fmt: skip


def small(data, **changes):
    return Experiment(data=data).replace(SMALL | {k.replace("__", "."): v for k, v in changes.items()})


def written_out(w, x, width, depth):
    """The network's output at one weight vector and one input: f = c . tanh(...) / sqrt(m)."""
    a, start, scale = x, 0, 1.0
    for _ in range(depth):
        k = len(a)
        weight = w[start : start + width * k].reshape(width, k)
        bias = w[start + width * k : start + width * (k + 1)]
        a, start = np.tanh(scale * weight @ a + bias), start + width * (k + 1)
        scale = width**-0.5
    return w[start:] @ a / width**0.5


@pytest.mark.parametrize("initialization", ["paired", "centred", "plain"])
@pytest.mark.parametrize("depth", [1, 2])
def test_the_plane_is_the_network_at_its_points_on_both_engines(initialization, depth):
    wanted = small(Moons(n=5), network__initialization=initialization, network__depth=depth)
    for ds in both(wanted):
        assert ds["plane"].dtype == np.float32
        assert dict(ds["plane"].sizes) == {"run": 2, "look": 7, "up": SIDE, "across": SIDE}
        np.testing.assert_array_equal(ds["look"], ds["time"])
        for r, k, i, j in ((0, 0, 3, 8), (0, 6, 31, 0), (1, 2, 16, 15), (1, 6, 0, 31)):
            x = np.array([ds["across"].values[j], ds["up"].values[i]])
            w, w0 = (ds["weights"].values[r, m] for m in (k, 0))
            f = written_out(w, x, 10, depth)
            start = written_out(w0, x, 10, depth) if initialization == "centred" else 0.0
            u = ds["alpha"].values[r] * (f - start)
            most = np.abs(ds["plane"].values).max()
            assert abs(ds["plane"].values[r, k, i, j] - u) <= SINGLE * most


def test_engines_agree_and_a_file_keeps_it(tmp_path):
    a, b = both(small(Xor(), data__test=1))
    assert_close(b["plane"], a["plane"], rtol=1e-6, label="plane")
    again = load(save(a, tmp_path / "a.nc"))
    assert again["plane"].dtype == np.float32
    assert again["plane"].identical(a["plane"].load())


def test_the_plane_encloses_all_samples_with_some_room():
    ds = run(small(Moons(n=6, noise=0.3, test=20)))
    s = build(small(Moons(n=6, noise=0.3, test=20))).samples
    x = torch.cat([s.x, s.test_x]).numpy()
    for k, name in enumerate(("across", "up")):
        low, high = x[:, k].min(), x[:, k].max()
        room = MARGIN * (high - low)
        assert_close(ds[name].values[[0, -1]], [low - room, high + room], rtol=1e-14, label=name)
        assert_close(np.diff(ds[name]), np.full(SIDE - 1, (high - low + 2 * room) / (SIDE - 1)), rtol=1e-12)


def test_an_input_that_does_not_vary_has_some_room():
    data = Arrays([[0.0, 2.0], [1.0, 2.0], [3.0, 2.0]], [1.0, 0.0, 1.0])
    plane = build(small(data)).samples.plane
    assert_close(plane.up[[0, -1]], [2 - MARGIN, 2 + MARGIN], rtol=1e-14, label="x2")


@pytest.mark.parametrize("data", [Circle(n=4, condition=None), Teacher(n=4, d=3), Teacher(n=4, d=1)], ids=str)
def test_other_experiments_have_none(data):
    ds = run(small(data))
    assert not {"plane", "look", "across", "up"} & set(ds.variables)


def test_looks_are_few_and_the_last_moment_is_one():
    ds = run(small(Moons(n=4), clock__snapshots=100))
    every = stride(100, 2, SIDE**2)
    assert every == 3
    np.testing.assert_array_equal(ds["look"], ds["time"][::every])
    ds = run(small(Moons(n=4), clock__snapshots=99))
    assert ds["look"][-1] == ds["time"][-1]
    assert ds.sizes["look"] == 34


def test_room_for_looks_is_bounded():
    for moments, runs in ((160, 1), (160, 60), (10_000, 200), (2, 1)):
        looks = -(-moments // stride(moments, runs, SIDE**2)) + 1
        assert looks <= MOST_LOOKS + 1
        assert (looks - 1) * runs * SIDE**2 <= MOST_NUMBERS + runs * SIDE**2


def test_a_run_that_has_ended_is_absent():
    ds = run(
        small(Xor(), methods=["gradient-flow", "adaptive(c=1)"], clock__horizon=None, clock__snapshots=40)
    )
    gone = np.isnan(ds["loss"].sel(time=ds["look"]).values)
    assert gone[1].any(), "the second run is done before the first"
    np.testing.assert_array_equal(np.isnan(ds["plane"].values).all((2, 3)), gone)


def test_a_run_that_is_gone_on_with_has_the_same_looks(tmp_path):
    wanted = small(Moons(n=4), engine="torch")
    whole = list(simulate(wanted))
    simulation = simulate(wanted)
    first = [next(simulation) for _ in range(4)]
    saved = simulation.checkpoint(first).save(tmp_path / "half.npz")
    rest = Recording.of(simulate(wanted, resume=Checkpoint.load(saved))).dataset()
    expected = Recording.of(whole).dataset()
    np.testing.assert_array_equal(rest["plane"], expected["plane"])
    np.testing.assert_array_equal(rest["look"], expected["look"])


def test_accuracy_is_the_share_of_held_out_labels_on_both_engines():
    wanted = small(Moons(n=8, test=21), network__initialization="plain", observe__weights="all")
    x, y = (v.numpy() for v in (build(wanted).samples.test_x, build(wanted).samples.test_y))
    for ds in both(wanted):
        for r, k in ((0, 0), (0, 3), (1, 6)):
            f = np.array([written_out(ds["weights"].values[r, k], row, 10, 1) for row in x])
            right = [(value >= 0) == (label > 0) for value, label in zip(f, y, strict=True)]
            assert ds["test_accuracy"].values[r, k] == np.mean(right)
    assert np.isnan(run(small(Moons(n=4)))["test_accuracy"]).all(), "nothing is held out"
    assert np.isnan(run(small(Teacher(n=4, test=5)))["test_accuracy"]).all(), "targets are no labels"


def test_a_model_of_ones_own_of_two_inputs_has_a_plane():
    x = torch.tensor([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]], dtype=torch.float64)
    made = make_problem(lambda w, x: w[0] * x[:, 0] + w[1] * x[:, 1] ** 2, x, x.sum(1), [1.0, -1.0])
    ds = run(Experiment(methods=["gauss-newton"]).replace({"clock.snapshots": 5, "clock.horizon": 2.0}), made)
    w = ds["weights"].values[0, 3]
    expected = w[0] * ds["across"].values + w[1] * ds["up"].values[:, None] ** 2
    assert_close(ds["plane"].values[0, 3], expected, rtol=SINGLE, label="plane")
    fixed = make_problem(lambda w, x: x @ w + torch.arange(3), x, x.sum(1), [1.0, -1.0])
    assert "plane" not in run(Experiment(methods=["gauss-newton"]), fixed), "it takes three samples only"
