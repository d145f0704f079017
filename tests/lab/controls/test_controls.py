import pytest

from gnviz.experiment import Experiment
from gnviz.experiment.presets import PRESETS, preset
from gnviz.lab.controls.controls import Controls
from gnviz.lab.controls.methods import IN_SIGHT, MethodRow
from gnviz.lab.controls.sections import sections
from gnviz.lab.controls.widgets import make
from gnviz.methods import METHODS, parse_method


def test_every_widget_is_a_knob_and_shows_its_value():
    controls = Controls()
    knobs = Experiment.knobs()
    assert set(controls.widgets) <= set(knobs)
    assert controls.widgets["network.width"].value == 400
    assert controls.widgets["data.condition"].value == 1e7


@pytest.mark.parametrize(
    ("knob", "value"),
    [
        ("network.width", 100), ("network.depth", 2), ("network.activation", "erf"), ("network.seed", 3),
        ("data.kind", "line"), ("clock.kind", "steps"), ("device", "cpu"), ("dtype", "float32"),
    ],
)  # fmt: skip
def test_a_widget_changes_its_knob(knob, value):
    controls = Controls()
    widget = controls.widgets[knob]
    widget.value = value
    assert controls.experiment == Experiment().replace({knob: value})


def test_a_typed_value_that_is_not_allowed_is_refused_in_words():
    controls = Controls()
    controls.widgets["clock.horizon"].value = "-3"
    assert controls.problem.startswith("clock.horizon = '-3' is not allowed")
    assert controls.experiment == Experiment()
    controls.widgets["clock.horizon"].value = "1e5"
    assert controls.problem == ""
    assert controls.experiment.clock.horizon == 1e5


@pytest.mark.parametrize("name", PRESETS)
def test_loading_shows_the_experiment_and_changes_nothing(name):
    controls = Controls()
    controls.load(preset(name))
    assert controls.experiment == preset(name)
    assert controls.methods.methods == preset(name).methods


def test_a_preset_is_one_change():
    controls, seen = Controls(), []
    controls.param.watch(lambda event: seen.append(event.new), "experiment")
    controls.start_from.value = "thurber"
    assert seen == [preset("thurber")]


def test_the_same_schedule_twice_gets_two_rows():
    methods = ["constant(rho=0.1)", "constant(rho=0.001)"]
    controls = Controls(Experiment(methods=methods))
    assert controls.methods.methods == methods


def test_switching_all_methods_off_is_refused_in_words():
    controls = Controls()
    for label in ("gradient-flow", "constant", "adaptive"):
        controls.methods.row(label).switch.value = False
    assert "methods: 0 given" in controls.problem
    assert controls.experiment.methods == ["adaptive(c=1)"]


def in_sight(controls):
    """Return the widgets under the leading pictures."""
    return [place.objects[0] for place in controls.front.objects]


def test_one_output_scaling_is_offered_where_several_are_not_compared():
    controls = Controls()
    one, several = controls.widgets["network.alpha"], controls.widgets["ensemble.alphas"]
    assert several in controls._relevant("Network")
    assert one in in_sight(controls)
    controls.change({"ensemble.alphas": ["1", "10"]})
    assert one not in in_sight(controls)
    controls.change({"surface.model": "neuron"})
    assert several in controls._relevant("Network"), "to be taken back: a surface has one alpha"


def test_only_what_matters_is_shown():
    controls = Controls()
    assert controls.widgets["data.condition"] in in_sight(controls)
    controls.widgets["data.kind"].value = "enso"
    shown = {id(o) for o in controls._relevant("Data")}
    assert controls.widgets["data.condition"] not in in_sight(controls)
    assert id(controls.widgets["data.n"]) not in shown
    assert id(controls.widgets["data.target"]) not in shown, "these data have their own"
    controls.widgets["data.target"].value = "equal-modes"
    assert id(controls.widgets["data.target"]) in {id(o) for o in controls._relevant("Data")}


def test_every_section_of_the_layout_is_a_set_of_public_knobs():
    names = [name for section in sections().values() for name in section]
    assert len(names) == len(set(names))
    assert set(names) <= set(Experiment.knobs())


def test_a_slider_ends_where_its_knob_can_go():
    controls = Controls()
    controls.reach({"data.condition": (71600.0, 1e12)}, 1e5)
    slider = controls.widgets["data.condition"]
    assert (slider.start, slider.end) == (71600.0, 1e12)
    assert slider.value == controls.experiment.data.condition == 1e7
    controls.change({"data.condition": 1e5})
    controls.reach({"data.condition": (1e6, 1e12)}, 1e7)
    assert controls.experiment.data.condition == 1e5, "a number out of reach is not changed behind one's back"
    assert slider.value == 1e5


def test_help_texts_come_from_the_knob():
    knob = Experiment.knobs()["network.width"]
    assert knob.doc in make("Width", knob, 10).help


def test_less_common_methods_are_folded_away_until_wanted():
    controls = Controls()
    chooser = controls.methods
    assert chooser.more.collapsed
    assert not chooser.unfolded.objects
    controls.load(Experiment(methods=["gradient-flow", "hybrid(by=time)"]))
    assert not chooser.more.collapsed
    assert len(chooser.unfolded) == len(METHODS) - IN_SIGHT
    assert chooser.row("hybrid").knobs["by"].value == "time"


def test_a_formula_is_typed_and_a_wrong_one_refused_in_words():
    controls = Controls()
    row = controls.methods.row("formula")
    row.switch.value = True
    assert controls.experiment.methods[-1] == 'formula(rho="max(0.001, exp(-t))")'
    row.knobs["rho"].value = "0.5*epx(-t)"
    assert "unknown function 'epx'; did you mean 'exp'" in controls.problem
    row.knobs["rho"].value = "min(1,  2*loss)"
    assert controls.problem == ""
    assert controls.experiment.methods[-1] == 'formula(rho="min(1, 2*loss)")'


@pytest.mark.parametrize("name", METHODS)
def test_every_method_has_a_name_and_a_row_that_reads_back(name):
    row = MethodRow(METHODS[name](), on=True)
    assert row.switch.label == METHODS[name].title != ""
    assert parse_method(row.method) == METHODS[name]()


def test_methods_that_do_not_go_with_the_clock_are_switched_off_and_cannot_be_turned_on():
    controls = Controls()
    adam = controls.methods.row("adam").switch
    assert adam.disabled
    controls.widgets["clock.kind"].value = "steps"
    assert not adam.disabled
    adam.value = True
    controls.methods.row("trust-region").switch.value = True
    assert [m.split("(")[0] for m in controls.experiment.methods][-2:] == ["adam", "trust-region"]
    controls.widgets["clock.step_rule"].value = "line-search"
    left = {m.split("(")[0] for m in controls.methods.methods}
    assert "trust-region" in left
    assert "adam" not in left
    assert controls.problem == ""
    controls.widgets["clock.kind"].value = "flow"
    assert controls.problem == ""
    assert controls.experiment.methods == Experiment().methods == controls.methods.methods
    assert adam.disabled
    assert not adam.value


def test_gradient_descent_is_left_when_no_method_goes_with_the_clock():
    controls = Controls(Experiment().replace({"clock.kind": "steps", "methods": ["adam"]}))
    controls.widgets["clock.kind"].value = "flow"
    assert controls.experiment.methods == ["gradient-flow"]
    assert controls.methods.row("gradient-flow").switch.value
