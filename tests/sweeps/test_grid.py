"""Grids: what may be swept, and how it is labelled."""

import numpy as np
import param
import pytest
from sweeps.here import tiny

import gnviz
from gnviz.data import DATA_SETS
from gnviz.knobs import KnobError
from gnviz.sweeps import Grid
from gnviz.sweeps.grid import MOST_CELLS
from gnviz.sweeps.order import coarse_first


def test_cells_are_all_combinations_the_last_knob_fastest():
    grid = Grid(tiny(), {"network.alpha": [1, "10"], "network.seed": range(3)})
    assert (grid.shape, len(grid)) == ((2, 3), 6)
    assert list(grid) == [(i, j) for i in range(2) for j in range(3)]
    assert grid.at((1, 2)) == tiny(**{"network.alpha": 10.0, "network.seed": 2})


def test_coordinates_are_the_values_that_experiments_hold():
    over = {
        "network.alpha": np.array([1, 10]),
        "network.width": [4, 8.0],
        "network.activation": ["tanh", "sin"],
        "clock.horizon": [1.0, None],
    }
    coords = Grid(tiny(), over).coordinates()
    found = {name: coords[name][1].tolist() for name in over}
    assert found == {
        "network.alpha": [1.0, 10.0],
        "network.width": [4, 8],
        "network.activation": ["tanh", "sin"],
        "clock.horizon": ["1.0", "none"],
    }
    assert "Output scaling" in coords["network.alpha"][2]["long_name"]


def test_methods_are_runs_that_all_cells_compare():
    grid = Grid(tiny(), {"methods": ["adaptive(c=1)", "gauss-newton"], "network.seed": [0, 1]})
    assert grid.shape == (2,)
    assert grid.coordinates()["run"].tolist() == ["adaptive(c=1)", "gauss-newton"]
    assert grid.at((1,)).methods == ["adaptive(c=1)", "gauss-newton"]


def test_runs_of_an_ensemble_say_their_alpha():
    grid = Grid(tiny(**{"ensemble.alphas": ["1", "10"]}), {"network.seed": [0, 1]})
    assert grid.coordinates()["alpha"][1].tolist() == [1.0, 10.0, 1.0, 10.0]


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ({"data.conditon": [1e4]}, "unknown knob 'data.conditon'; did you mean 'data.condition'"),
        ({"network.alpha": []}, "network.alpha cannot be swept over an empty list"),
        ({"network.alpha": "1,10"}, "network.alpha cannot be swept over '1,10': give a list"),
        ({"network.alpha": 3.0}, "give a list"),
        ({"network.alpha": [1.0, "1"]}, "network.alpha: 1.0 is given twice"),
        ({"network.alpha": [1.0, -1.0]}, "network.alpha = -1.0 is not allowed: a number from 0.001 to 1e"),
        ({"methods": []}, "methods cannot be swept over an empty list"),
        ({"methods": ["adaptve"]}, "adaptve"),
        ({"ensemble.seeds": [1, 2]}, "sweep network.alpha or network.seed"),
        ({"network.seed": range(400), "network.alpha": [k + 1 for k in range(400)]}, str(MOST_CELLS)),
        ([1, 2], "values by knob"),
    ],
)
def test_a_bad_grid_is_refused_in_words(over, message):
    with pytest.raises(KnobError) as refusal:
        Grid(tiny(), over)
    assert message in str(refusal.value)


def test_a_value_that_only_some_cells_allow_is_no_bad_grid(monkeypatch):
    class Five(gnviz.DataSet):
        label, meaning = "five", "at least five samples"
        n = param.Integer(5, bounds=(5, 9))

    monkeypatch.setitem(DATA_SETS._added, "five", Five)
    grid = Grid(tiny(), {"data.kind": ["five", "ring"], "data.n": [3, 6]})
    assert grid.axes["data.n"] == [3, 6]
    with pytest.raises(KnobError, match=r"data\.n = 3 is not allowed: an integer from 5 to 9"):
        grid.at((0, 0))
    assert grid.at((1, 0)).data.n == 3


@pytest.mark.parametrize(
    ("knob", "fixed"),
    [("network.alpha", {"ensemble.alphas": [1, 2]}), ("network.seed", {"ensemble.seeds": 3})],
)
def test_what_varies_within_cells_does_not_vary_between_them(knob, fixed):
    with pytest.raises(KnobError, match=f"{knob} cannot be swept while ensemble") as refusal:
        Grid(tiny(**fixed), {knob: [1, 2]})
    assert list(refusal.value.remedy) == list(fixed)


def test_a_method_has_knobs_that_are_swept_like_others():
    base = tiny(methods=["gradient-flow", "constant(rho=0.5)"])
    grid = Grid(base, {"constant(rho)": [1e-8, 1.0], "network.alpha": [1.0, 2.0]})
    assert grid.axes["constant(rho)"] == [1e-8, 1.0]
    assert grid.at((0, 1)) == tiny(**{"methods": ["gradient-flow", "constant(1e-8)"], "network.alpha": 2.0})
    coords = grid.coordinates()
    assert coords["run"].tolist() == ["gradient-flow", "constant"], "runs of all cells have one name"
    assert coords["constant(rho)"][1].tolist() == [1e-8, 1.0]
    assert "blend" in coords["constant(rho)"][2]["long_name"]
    beside = tiny(methods=["adaptive(c=1)", "constant(0.1)"])
    assert grid.at((0, 0), beside).methods == ["adaptive(c=1)", "constant(rho=1e-08)"]
    several = Grid(tiny(methods=["hybrid(floor=0.01)"]), {"hybrid(floor)": [0.1, 0.2]})
    (run,) = several.coordinates()["run"]
    assert run.startswith("hybrid(")
    assert "floor" not in run


@pytest.mark.parametrize(
    ("methods", "over", "message"),
    [
        (["gradient-flow"], {"constant(rho)": [0.1]}, "there is no method constant"),
        (["constant(0.1)", "constant(0.2)"], {"constant(rho)": [0.3]}, "there is 2 methods constant"),
        (["constant(0.1)"], {"constant(roh)": [0.3]}, r"unknown knob 'constant\(roh\)'; did you mean"),
        (["constant(0.1)"], {"constnt(rho)": [0.3]}, "unknown method 'constnt'; did you mean 'constant'"),
        (["constant(0.1)"], {"constant(rho)": [2.0]}, r"constant\(rho\) = 2.0 is not allowed"),
        (["constant(0.1)"], {"constant(rho)": [0.3, "0.3"]}, "given twice"),
    ],
)
def test_a_knob_that_is_not_one_methods_is_refused(methods, over, message):
    with pytest.raises(KnobError, match=message):
        Grid(tiny(methods=methods), over)


def test_cells_come_coarse_first_and_repetitions_last():
    grid = Grid(tiny(), {"network.seed": [0, 1], "network.alpha": range(1, 6), "network.width": [4, 6, 8]})
    order = coarse_first(grid)
    assert sorted(order) == list(grid)
    assert [index[0] for index in order] == [0] * 15 + [1] * 15
    corners = [(0, i, j) for i in (0, 4) for j in (0, 2)]
    assert order[:4] == corners
    assert set(order[4:9]) == {(0, i, j) for i in (0, 2, 4) for j in (0, 1, 2)} - set(corners)
