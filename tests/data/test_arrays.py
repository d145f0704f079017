"""Arrays of one's own: whatever library they are from, in their own units, in a worker and in a file."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr
from checks import assert_close

import gnviz
from gnviz import Arrays, Experiment, KnobError
from gnviz.data import MAX_SAMPLES
from gnviz.jobs import JobStatus, stream
from gnviz.lab.controls.controls import Controls
from gnviz.problem.build import build
from gnviz.results import Recording

X = np.random.default_rng(0).normal(30, 5, (12, 2))
Y = np.sin(X[:, 0]) + 1e-17 + 0.1 * X[:, 1]
SMALL = {"network.width": 8, "clock.horizon": 1.0, "clock.snapshots": 4, "device": "cpu"}
SMALL |= {"methods": ["gradient-flow"]}
TABLE = "a,b,y\n1,2,3\n2,4,1\n3,1,2\n"


@pytest.mark.parametrize(
    ("x", "y", "names"),
    [
        (X, Y, ("x1", "x2", "y")),
        (X.tolist(), Y.tolist(), ("x1", "x2", "y")),
        (torch.tensor(X, requires_grad=True), torch.tensor(Y)[:, None], ("x1", "x2", "y")),
        (pd.DataFrame(X, columns=["a, b", "c"]), pd.Series(Y, name="d"), ("a, b", "c", "d")),
        (pd.DataFrame(X, columns=["a", "b"]), pd.DataFrame({"d": Y}), ("a", "b", "d")),
        (xr.DataArray(X, dims=("i", "j")), xr.DataArray(Y, dims="i", name="d"), ("x1", "x2", "d")),
    ],
    ids=["numpy", "lists", "torch", "pandas", "frames", "xarray"],
)
def test_arrays_are_kept_to_the_last_bit(x, y, names):
    samples = build(Experiment(data=Arrays(x, y)).replace(SMALL)).samples
    assert torch.equal(samples.x, torch.tensor(X))
    assert torch.equal(samples.y, torch.tensor(Y))
    assert (*samples.names, samples.target) == names


def test_one_input_has_a_curve_in_its_own_units():
    data = Arrays(pd.Series(X[:, 0], name="age"), Y)
    ds = gnviz.run(Experiment(data=data).replace(SMALL))
    assert_close(ds.coordinate, X[:, 0], rtol=0)
    assert ds.grid.min() < X[:, 0].min() < X[:, 0].max() < ds.grid.max()
    assert ds.feature.values.tolist() == ["age"]
    assert ds.attrs["standardized"] == "false"
    assert (ds.attrs["x_offset"], ds.attrs["x_scale"]) == (0, 1)


@pytest.mark.parametrize("data", [Arrays(X, Y, standardize=True), gnviz.Csv(table=TABLE)])
def test_what_is_standardised_says_so_and_the_way_back(data):
    ds = gnviz.run(Experiment(data=data).replace(SMALL))
    assert ds.attrs["standardized"] == "true"
    own = data.copy()
    own.standardize = False
    raw = build(Experiment(data=own).replace(SMALL)).samples
    x = ds.attrs["x_offset"] + ds.attrs["x_scale"] * ds.x.values
    assert_close(x, raw.x, rtol=1e-12, label="x")
    assert_close(ds.attrs["y_offset"] + ds.attrs["y_scale"] * ds.y.values, raw.y, rtol=1e-12, label="y")
    assert_close(ds.y.values.mean(), 0.0, atol=1e-12)


def test_a_worker_and_a_file_have_them_too(tmp_path, worker):
    experiment = Experiment(data=Arrays(X / 30, Y), loss="log-cosh").replace(SMALL)
    here = gnviz.run(experiment)
    job = worker.submit(experiment)
    there = Recording.of(stream(job)).dataset()
    assert (job.status, job.error) == (JobStatus.FINISHED, None)
    assert_close(there.loss, here.loss, rtol=1e-9)
    gnviz.save(here, tmp_path / "run.nc")
    again = Experiment.from_json(gnviz.load(tmp_path / "run.nc").attrs["experiment"])
    assert again == experiment
    assert_close(gnviz.run(again).loss, here.loss, rtol=0)


def test_the_kernel_is_the_structured_one():
    problem = build(Experiment(data=Arrays(X / 30, Y)).replace(SMALL))
    linear = problem.model.linearize(problem.w0[None], problem.samples.x)
    dense = torch.func.jacrev(lambda w: problem.model.outputs(w[None], problem.samples.x)[0])(problem.w0)
    # two orders of summation over some dozen terms
    assert_close(linear.kernel()[0], dense @ dense.mT, rtol=1e-11, label="K")


def test_rows_can_be_held_out_and_classes_told_apart():
    data = Arrays(X / 30, np.median(Y) < Y, test=3)
    samples = build(Experiment(data=data, loss="logistic").replace(SMALL)).samples
    assert (len(samples.y), len(samples.test_y)) == (9, 3)
    assert set(samples.y.tolist()) == {-1.0, 1.0}


def test_the_largest_arrays_are_bounded():
    rng = np.random.default_rng(0)
    full = Arrays(rng.normal(size=(MAX_SAMPLES, 40)), rng.normal(size=MAX_SAMPLES))
    assert len(json.dumps(Experiment(data=full).to_dict())) < 2.1e6
    with pytest.raises(KnobError, match=r"Arrays\(x, y\) take .* MB as text; allowed: up to 2 MB"):
        Arrays(rng.normal(size=(MAX_SAMPLES, 80)), rng.normal(size=MAX_SAMPLES))


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (X, Y[:-1], r"Arrays\(x\) has shape \(12, 2\), but y has 11 targets; allowed: \(11,\) or \(11, d\)"),
        (X[:, :, None], Y, r"Arrays\(x\) has shape \(12, 2, 1\)"),
        (X, np.c_[Y, Y], r"Arrays\(y\) has shape \(12, 2\); allowed: \(n,\)"),
        (X, None, r"Arrays\(y\) is missing"),
        ([], [], r"Arrays\(y\) has shape \(0,\)"),
        (np.zeros(MAX_SAMPLES + 1), np.zeros(MAX_SAMPLES + 1), "hold 2001 samples; allowed: 1 to 2000"),
        (np.where(X < 25, np.nan, X), Y, r"sample \d, column 'x\d' is nan; allowed: finite numbers"),
        (X * 1j, Y, r"Arrays\(x\) is no array of numbers: it is complex"),
        (["a", "b"], [1, 2], r"Arrays\(x\) is no array of numbers: it holds str"),
        (pd.DataFrame({"a": [1, 2], "name": ["u", "v"]}), [1, 2], "column 'name' does not hold numbers"),
    ],
)
def test_what_cannot_be_used_is_told(x, y, words):
    with pytest.raises(KnobError, match=words):
        Arrays(x, y)


@pytest.mark.parametrize("table", ["a,y\n1,b\n", "a,y\n1\n", "a,y\n1,nan\n", "a,y\n"])
def test_a_text_that_holds_no_arrays_is_refused(table):
    with pytest.raises(KnobError, match=r"arrays|finite|samples"):
        build(Experiment().replace({"data.kind": "arrays", "data.table": table, **SMALL}))


def test_without_arrays_it_says_where_they_come_from():
    with pytest.raises(KnobError, match=r"has no arrays; allowed: gnviz.Arrays\(x, y\), in Python"):
        build(Experiment(data="arrays").replace(SMALL))


def test_the_page_shows_them_but_does_not_offer_them():
    controls = Controls(Experiment(data=Arrays(X, Y)).replace(SMALL))
    assert controls.widgets["data.kind"].value == "arrays"
    assert "arrays" not in Controls().widgets["data.kind"].options.values()
    assert repr(Arrays(X, Y)) == "Arrays(x of shape (12, 2), y of shape (12,))"
