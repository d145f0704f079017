"""What a machine's owner allows: from the environment or a file, refused before anything is made."""

import pytest

from gnviz import KnobError, make_problem
from gnviz.experiment import Experiment
from gnviz.experiment.limits import Limits, limits, needed_bytes
from gnviz.problem import build as room
from gnviz.problem.models.mlp import MLP

torch = pytest.importorskip("torch")


def test_the_usual_limits_and_those_of_a_file_and_of_variables(tmp_path):
    assert limits({}) == Limits()
    file = tmp_path / "limits.toml"
    file.write_text("width = 500\ngib = 0.5\n")
    assert limits({"GNVIZ_LIMITS": str(file)}) == Limits(width=500, gib=0.5)
    both = {
        "GNVIZ_LIMITS": str(file),
        "GNVIZ_MAX_WIDTH": "40",
        "GNVIZ_MAX_SECONDS": "1.5",
        "GNVIZ_MAX_RUNS": " ",
    }
    assert limits(both) == Limits(width=40, gib=0.5, seconds=1.5)


@pytest.mark.parametrize(
    ("environment", "text", "words"),
    [
        (
            {"GNVIZ_MAX_WIDTH": "wide"},
            "",
            "GNVIZ_MAX_WIDTH = 'wide' is not allowed: an integer of at least 1",
        ),
        ({"GNVIZ_MAX_GIB": "0"}, "", "GNVIZ_MAX_GIB"),
        ({"GNVIZ_MAX_RUNS": "none"}, "", "GNVIZ_MAX_RUNS"),
        ({}, "widht = 3", "did you mean 'width'"),
        ({}, "width", "cannot be used"),
        ({"GNVIZ_LIMITS": "/missing/limits.toml"}, None, "No such file"),
    ],
)
def test_what_is_no_limit_is_said(tmp_path, environment, text, words):
    file = tmp_path / "limits.toml"
    file.write_text(text or "")
    with pytest.raises(KnobError, match=words):
        limits(({"GNVIZ_LIMITS": str(file)} if text else {}) | environment)


@pytest.mark.parametrize(
    ("variable", "value", "knobs", "remedy"),
    [
        ("GNVIZ_MAX_WIDTH", "30", {"network.width": 32}, {"network.width": 30}),
        ("GNVIZ_MAX_SAMPLES", "8", {"data.n": 10}, {"data.n": 8}),
        ("GNVIZ_MAX_RUNS", "5", {"ensemble.seeds": 2}, {}),
        ("GNVIZ_MAX_GIB", "0.1", {"network.width": 4000, "data.n": 1500}, {}),
    ],
)
def test_an_experiment_beyond_a_limit_is_refused_before_anything_is_drawn(
    monkeypatch, variable, value, knobs, remedy
):
    experiment = Experiment().replace({"network.width": 20} | knobs)
    monkeypatch.setattr(room, "samples_of", lambda *_: pytest.fail("data were drawn"))
    monkeypatch.setenv(variable, value)
    with pytest.raises(KnobError, match=variable) as refused:
        room.build(experiment)
    assert refused.value.remedy == remedy


def test_tables_surfaces_and_own_problems_have_the_same_limits(monkeypatch):
    monkeypatch.setenv("GNVIZ_MAX_SAMPLES", "3")
    with pytest.raises(KnobError, match=r"data.rows = 4 .*GNVIZ_MAX_SAMPLES"):
        room.build(Experiment().replace({"data.kind": "csv", "data.table": "a,y\n1,2\n2,3\n4,9\n5,1\n"}))
    own = make_problem(lambda w: w.sin(), y=torch.zeros(4), w0=torch.ones(4))
    with pytest.raises(KnobError, match="GNVIZ_MAX_SAMPLES"):
        own.problem(Experiment())
    monkeypatch.setenv("GNVIZ_MAX_RUNS", "2")
    with pytest.raises(KnobError, match="GNVIZ_MAX_RUNS"):
        room.build(Experiment().replace({"surface.model": "neuron"}))


def test_the_estimate_counts_the_parameters_that_the_network_has():
    wide = Experiment().replace({"network.width": 50, "network.depth": 3, "ensemble.seeds": 4})
    more = wide.replace({"observe.weights": "all"})
    runs, p = len(wide.runs), MLP(5, 50, 3, "tanh").parameters
    added = needed_bytes(more, 7, 5) - needed_bytes(wide, 7, 5)
    assert added == 8 * runs * wide.clock.snapshots * p
