import param
import pytest

from gnviz.experiment import Experiment
from gnviz.lab.controls.controls import Controls
from gnviz.lab.controls.numbers import APART, NumberSliders


@pytest.fixture
def sliders():
    return NumberSliders(["y1", "y2", "y3"], -3, 3, value=[0.5, -1.0, 7.0])


def let_go(slider, value):
    slider.value = value
    with param.edit_constant(slider):
        slider.value_throttled = value


def test_each_number_has_its_slider_and_one_beyond_is_kept(sliders):
    assert [s.value for s in sliders.sliders] == [0.5, -1.0, 3.0]
    assert [s.label for s in sliders.sliders] == ["y1: 0.5", "y2: -1", "y3: 7"]
    let_go(sliders.sliders[0], 1.25)
    assert sliders.value == [1.25, -1.0, 7.0]


def test_dragging_is_followed_but_not_at_every_pixel(sliders, monkeypatch):
    seen, now = [], 100.0
    monkeypatch.setattr("gnviz.lab.controls.numbers.monotonic", lambda: now)
    sliders.param.watch(lambda event: seen.append(event.new[0]), "value")
    for value in (0.1, 0.2, 0.3):
        now += 0.6 * APART
        sliders.sliders[0].value = value
    let_go(sliders.sliders[0], 0.35)
    assert seen == [0.1, 0.3, 0.35]


def test_showing_other_numbers_is_no_drag(sliders):
    seen = []
    sliders.param.watch(lambda event: seen.append(event.new), "value")
    sliders.value = [1.0, 2.0, 3.0]
    assert seen == [[1.0, 2.0, 3.0]]
    assert [s.value for s in sliders.sliders] == [1.0, 2.0, 3.0]


def test_a_surface_shows_its_own_place_until_another_is_set():
    controls = Controls(Experiment().replace({"surface.model": "neuron"}))
    own = controls.experiment.surface.place
    assert controls.widgets["surface.target"].value == own.target
    assert controls.experiment.surface.target is None
    let_go(controls.widgets["surface.target"].sliders[1], 0.25)
    assert controls.experiment.surface.target == [own.target[0], 0.25, own.target[2]]
    controls.change({"surface.start": [0.5, 0.75]})
    assert controls.widgets["surface.start"].value == [0.5, 0.75]
    controls.widgets["surface.model"].value = "sphere"
    assert controls.experiment.surface.target is None
    assert controls.widgets["surface.target"].value == controls.experiment.surface.place.target
