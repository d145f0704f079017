"""The knobs of a surface: round trips, places, and what is refused."""

import math

import pytest

from gnviz import Experiment, KnobError, preset
from gnviz.experiment.surface import CHARTS, MODELS, PLACES, Surface, expressions

FULL = {
    "surface.model": "formula",
    "surface.formula": "sin(w1); cos(w2)*x; w1^2",
    "surface.inputs": [-1.0, 0.1, 1 / 3],
    "surface.start": [0.5, -0.25],
    "surface.target": [1.0, 2.0, -1e-3],
    "surface.span": [-1.0, 1.0, 0.0, math.pi],
    "surface.chart": "twisted",
}


def test_round_trips_are_exact():
    experiment = Experiment().replace(FULL)
    assert Experiment.from_dict(experiment.to_dict()) == experiment
    assert Experiment.from_json(experiment.to_json()) == experiment
    assert Experiment.from_query(experiment.to_query()) == experiment
    assert experiment.surface.place.inputs == FULL["surface.inputs"]


def test_a_link_is_readable():
    query = Experiment().replace({"surface.model": "sphere", "surface.start": [0.5, 1]}).to_query()
    assert query == "surface.model=sphere&surface.start=0.5;1.0"


@pytest.mark.parametrize("text", ["1;2;-3.5", "1, 2, -3.5", "[1, 2, -3.5]", [1, 2, -3.5], (1, "2", -3.5)])
def test_numbers_are_read_from_lists_and_texts(text):
    assert Experiment().replace({"surface.inputs": text}).surface.inputs == [1.0, 2.0, -3.5]


@pytest.mark.parametrize("text", [None, "none", ""])
def test_none_is_the_models_own_place(text):
    surface = Experiment().replace({"surface.inputs": text, "surface.model": "neuron"}).surface
    assert surface.inputs is None
    assert surface.place == PLACES["neuron"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"surface.model": "neurons"}, "surface.model = 'neurons' is not allowed: one of 'none', 'neuron'"),
        (
            {"surface.inputs": "1;2"},
            "surface.inputs = '1;2' is not allowed: 3 numbers from -100 to 100 or none",
        ),
        ({"surface.inputs": [1, 2, math.nan]}, "surface.inputs"),
        ({"surface.start": [1, 1e3]}, "2 numbers from -100 to 100"),
        ({"surface.target": 3}, "3 numbers from -1000 to 1000"),
        ({"surface.span": "1;-1;0;1"}, "surface.span = 1.0;-1.0;0.0;1.0 is empty; allowed: w1 from;to"),
        ({"surface.formula": "w1 +", "surface.model": "formula"}, "surface.formula = 'w1 +' cannot be used"),
        (
            {"surface.formula": "w3*x", "surface.model": "formula"},
            "unknown name 'w3'; did you mean 'w2' or 'w1'",
        ),
        (
            {"surface.formula": "w1; w2", "surface.model": "formula"},
            "it has 2 expressions; allowed: one, or three",
        ),
        ({"surface.formula": "x^2", "surface.model": "formula"}, "does not depend on w1 or w2"),
        ({"surface.formula": "__import__('os')", "surface.model": "formula"}, "cannot be used"),
        ({"surface.chart": "round"}, "surface.chart = 'round' is not allowed"),
    ],
)
def test_mistakes_name_the_knob_and_what_is_allowed(values, message):
    with pytest.raises(KnobError) as error:
        Experiment().replace(values)
    assert message in str(error.value)


def test_every_model_has_a_place_with_the_start_in_its_window():
    assert set(PLACES) == set(MODELS) - {"none"}
    for place in PLACES.values():
        low1, high1, low2, high2 = place.span
        assert low1 < place.start[0] < high1
        assert low2 < place.start[1] < high2
    with pytest.raises(KnobError, match="has no place"):
        assert Surface().place


def test_words():
    assert preset("figure1").surface.words == "tanh(w1 x + w2)"
    assert Surface(model="formula", formula="w1*x").words == "w1*x"
    assert set(Surface.param["chart"].objects) == set(CHARTS)


def test_expressions_say_what_they_use():
    assert [e.names for e in expressions("w1*x; w2; 1")] == [{"w1", "x"}, {"w2"}, frozenset()]
