"""A script repeats its run, to the last bit."""

import os
import subprocess
import sys

import pytest
from export.runs import EXPERIMENTS, TABLE
from hypothesis import given, settings
from strategies import experiments

import gnviz
from gnviz import Experiment, KnobError, load, save
from gnviz.export import script
from gnviz.export.scripts import define, quoted_table

ALL = """
import os, runpy, sys
for folder in sys.argv[1:]:
    os.chdir(folder)
    runpy.run_path("script.py", run_name="__main__")
"""
"""Runs the script in each of some folders, there."""


@pytest.fixture(scope="module")
def repeated(made, tmp_path_factory):
    """The folders of all runs, each with its script and what that has saved, from one fresh process."""
    folders = {name: tmp_path_factory.mktemp("script") for name in made}
    for name, ds in made.items():
        (folders[name] / "script.py").write_text(script(ds), encoding="utf-8")
    command = [sys.executable, "-W", "error", "-c", ALL, *map(str, folders.values())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, env=os.environ)
    assert done.returncode == 0, done.stderr
    return folders, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_script_gives_every_variable_bit_for_bit(made, repeated, tmp_path, name):
    found = load(repeated[0][name] / "run.nc")
    expected = load(save(made[name], tmp_path / "made.nc"))
    again = Experiment.from_json(found.attrs["experiment"])
    assert again.replace({"engine": "auto", "device": "auto"}) == EXPERIMENTS[name]
    for ds in (found, expected):  # what may differ: knobs that do not act, and how long it took
        del ds.attrs["experiment"], ds.attrs["wall_seconds"]
    assert found.identical(expected)


@pytest.mark.slow
def test_a_script_prints_the_last_losses(made, repeated):
    loss = float(made["a table"]["loss"].sel(run="adaptive(c=1), seed 1")[-1])
    assert f"adaptive(c=1), seed 1: loss {loss:.3g} (finished)" in repeated[1]


def test_a_script_is_short_and_as_a_researcher_writes_it(made):
    text = script(made["figure3"])
    assert text.count("\n") < 30
    assert max(map(len, text.splitlines())) <= 100
    for line in (
        "from gnviz import Clock, Ensemble, Experiment, GaussNewton, GradientFlow, Network, Ring",
        '    data=Ring(target="wave", n=8),',
        "    methods=[GradientFlow(), GaussNewton()],",
        "    ensemble=Ensemble(alphas=[100, 333.3333333333333]),",
    ):
        assert line in text.splitlines()
    assert "condition" not in text, "knobs of data that are not chosen"


def test_methods_name_all_their_knobs_since_they_are_what_is_compared():
    assert "methods=[GradientFlow(), Constant(rho=0.01), Adaptive(c=1.0)]" in script(Experiment())


def test_the_engine_is_that_of_the_run_and_an_experiment_leaves_it_open(made):
    ds = made["figure2"]
    assert f'engine="{ds.attrs["engine"]}"' in script(ds)
    assert f"gnviz chose engine={ds.attrs['engine']} and device=cpu" in script(ds)
    assert "engine" not in script(EXPERIMENTS["figure2"])
    chosen = Experiment().replace({"engine": "torch", "device": "cpu"})
    assert "gnviz chose" not in script(chosen)


def test_the_version_that_made_the_run_is_named_where_it_is_another(made):
    other = made["figure2"].assign_attrs(version="0.0.1")
    assert "after a run by gnviz 0.0.1;" in script(other)
    assert "after a run" not in script(made["figure2"])


@settings(deadline=None, max_examples=20)
@given(experiments())
def test_any_experiment_comes_back_from_its_python(experiment):
    assert evaluated(define(experiment))["experiment"] == experiment
    compile(script(experiment), "script", "exec")


def evaluated(python: str) -> dict:
    names: dict = {}
    exec(python, names)
    return names


@pytest.mark.parametrize(
    "table", [TABLE, 'name,"a, b"\nx,1\n', "a\tb\r\n1\t2\r\n", "a;b\n1,5;2\\n", "ä\u2028,y\n", "1"]
)
def test_a_table_comes_back_from_its_python(table):
    assert evaluated(f"t = {quoted_table(table)}")["t"] == table
    assert evaluated(define(Experiment(data=gnviz.Csv(table=table))))["experiment"].data.table == table


def test_a_table_in_a_file_stays_there_and_the_script_says_so():
    text = script(Experiment(data=gnviz.Csv(path='my """ta\\ble.csv')))
    assert "reads my" in evaluated(f"doc = {text[: text.index('import gnviz')]}")["doc"]
    held = Experiment(data=gnviz.Csv(path="own.csv", table=TABLE))
    assert "It reads" not in script(held)


def test_a_kind_of_this_process_alone_is_refused():
    class Warm(gnviz.Schedule):
        label, formula, meaning = "warm", "ρ = 1/(1 + t)", "first order first"

    class Bent(gnviz.Activation):
        label, meaning = "bent", "z"

    gnviz.register(Warm)
    gnviz.register(Bent)
    try:
        with pytest.raises(KnobError, match=r"method 'warm' is known to this process.*register\(Warm\)"):
            script(Experiment(methods=[Warm()]))
        with pytest.raises(KnobError, match="activation 'bent' is known to this process alone"):
            script(Experiment(network=gnviz.Network(activation="bent")))
    finally:
        gnviz.methods.METHODS.remove("warm")
        gnviz.activations.ACTIVATIONS.remove("bent")


def test_a_problem_of_ones_own_is_refused():
    problem = gnviz.make_problem(lambda w, x: w[0] * x + w[1], [0.0, 1.0, 2.0], [1.0, 2.0, 2.0], [0.0, 0.0])
    steps = Experiment(methods=["gauss-newton"]).replace({"clock.kind": "steps", "clock.steps": 2})
    with pytest.raises(KnobError, match="is a problem of your own"):
        script(gnviz.run(steps, problem))
