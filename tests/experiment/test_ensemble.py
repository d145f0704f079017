"""Which runs an experiment has, and how they are told apart."""

import numpy as np
import pytest
from checks import assert_close

from gnviz import Experiment, KnobError, run
from gnviz.experiment.ensemble import MAX_RUNS
from gnviz.results import PER_MODE, PER_RUN, load, save


def experiment(**knobs):
    return Experiment().replace({k.replace("__", "."): v for k, v in knobs.items()})


def test_one_alpha_and_seed_leave_the_method_as_label():
    for knobs in ({}, {"ensemble__alphas": "7"}, {"network__seed": 3}):
        assert [r.label for r in experiment(**knobs).runs] == Experiment().methods
    assert {r.alpha for r in experiment(ensemble__alphas="7").runs} == {7.0}
    assert {(r.alpha, r.seed) for r in experiment(network__seed=3).runs} == {(5.0, 3)}


def test_labels_add_what_differs():
    runs = experiment(methods="adaptive", ensemble__alphas="1; 1e1", ensemble__seeds=2, network__seed=3).runs
    assert [r.label for r in runs] == [
        "adaptive(c=1), alpha=1, seed 3",
        "adaptive(c=1), alpha=1, seed 4",
        "adaptive(c=1), alpha=10, seed 3",
        "adaptive(c=1), alpha=10, seed 4",
    ]
    assert [r.label for r in experiment(methods="adaptive", ensemble__seeds=2).runs] == [
        "adaptive(c=1), seed 0",
        "adaptive(c=1), seed 1",
    ]


def test_close_alphas_keep_different_labels():
    labels = [r.label for r in experiment(ensemble__alphas=["1.0000001", "1.0000002"]).runs]
    assert len(set(labels)) == 6


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"ensemble__alphas": "1;x"}, r"ensemble.alphas = 'x' is not allowed: a number from 0.001 to 1e\+06"),
        ({"ensemble__alphas": "1;1e7"}, r"ensemble.alphas = '1e7' is not allowed"),
        ({"ensemble__alphas": "1;1.0"}, "ensemble.alphas: 1 is given twice"),
        ({"ensemble__seeds": MAX_RUNS + 1}, "ensemble.seeds = 1001 is not allowed"),
        (
            {"ensemble__seeds": 500, "ensemble__alphas": "1;2"},
            "ensemble.seeds = 500 with 2 in ensemble.alphas and 3 in methods makes 3000 runs; allowed are 10",
        ),
    ],
)
def test_what_is_refused(knobs, message):
    with pytest.raises(KnobError, match=message):
        experiment(**knobs)


SMALL = {
    "data.kind": "line",
    "data.n": 4,
    "network.width": 12,
    "data.condition": None,
    "network.initialization": "centred",
    "clock.horizon": 4.0,
    "clock.snapshots": 8,
    "methods": ["gradient-flow", "adaptive(c=1)"],
}


@pytest.mark.parametrize("clock", ["flow", "steps"])
def test_an_ensemble_is_its_runs_one_by_one(clock, tmp_path):
    values = SMALL | {"clock.kind": clock, "clock.steps": 30, "network.seed": 5, "data.test": 6}
    values |= {"data.target": "step"}  # labels: there is a test accuracy
    ds = run(Experiment().replace(values | {"ensemble.alphas": "1;20", "ensemble.seeds": 2}))
    assert ds.sizes["run"] == 8 == len(set(ds.run.values))
    for i in range(8):
        knobs = {"methods": [str(ds.method.values[i])], "network.alpha": float(ds.alpha[i])}
        alone = run(Experiment().replace(values | knobs | {"network.seed": int(ds.seed[i])}))
        if clock == "steps" or alone.sizes["time"] == ds.sizes["time"]:
            for name in (*PER_RUN, *PER_MODE, "prediction", "curve"):
                if name in ("bound", "apriori") and clock == "steps":
                    continue  # certificates speak of the flow
                # batched and single products round differently, and so do the flow's adaptive steps
                assert_close(ds[name].values[i], alone[name].values[0], rtol=1e-7, label=f"{name} of {i}")
    again = load(save(ds, tmp_path / "ensemble.nc"))
    assert list(again.run.values) == list(ds.run.values)
    assert np.unique(ds.seed.values).tolist() == [5, 6]


def test_the_first_seed_sets_the_conditioning_dial():
    values = {"data.condition": 1e6, "network.width": 30, "clock.snapshots": 2, "clock.horizon": 0.1}
    one, two = (run(Experiment().replace(values | {"ensemble.seeds": n})) for n in (1, 2))
    np.testing.assert_array_equal(one.x, two.x)
    kappas = two.eigenvalues.values[:, 0, 0] / two.eigenvalues.values[:, 0, -1]
    assert kappas[0] == pytest.approx(1e6, rel=1e-5)
    assert abs(kappas[1] / 1e6 - 1) > 0.01, "another seed has another kernel"
