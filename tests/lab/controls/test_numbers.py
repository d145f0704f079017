import pytest

from gnviz.experiment import Experiment
from gnviz.lab.controls.controls import Controls
from gnviz.lab.controls.numbers import NumberSliders


@pytest.fixture
def sliders():
    return NumberSliders(["y1", "y2", "y3"], -3, 3, value=[0.5, -1.0, 7.0])


def test_each_number_has_its_slider_and_one_beyond_is_kept(sliders):
    assert [s.value for s in sliders.sliders] == [0.5, -1.0, 7.0]
    assert [s.label for s in sliders.sliders] == ["y1", "y2", "y3"]
    sliders.sliders[0].value = 1.25
    assert sliders.value == [1.25, -1.0, 7.0]


def test_dragging_is_followed(sliders):
    seen = []
    sliders.param.watch(lambda event: seen.append(event.new[0]), "value")
    for value in (0.1, 0.2, 0.3):
        sliders.sliders[0].value = value
    assert seen == [0.1, 0.2, 0.3]


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
    controls.widgets["surface.target"].sliders[1].value = 0.25
    assert controls.experiment.surface.target == [own.target[0], 0.25, own.target[2]]
    controls.change({"surface.start": [0.5, 0.75]})
    assert controls.widgets["surface.start"].value == [0.5, 0.75]
    controls.widgets["surface.model"].value = "sphere"
    assert controls.experiment.surface.target is None
    assert controls.widgets["surface.target"].value == controls.experiment.surface.place.target


def test_a_change_leaves_the_sliders_where_they_are():
    """A widget that is put into the page anew ends the drag that changes it."""
    controls = Controls(Experiment().replace({"surface.model": "neuron"}))
    surface = controls._sections["Surface"]
    before = list(surface.objects)
    controls.widgets["surface.target"].sliders[1].value = 0.25
    controls.widgets["surface.start"].sliders[0].value = 0.5
    assert all(a is b for a, b in zip(surface.objects, before, strict=True))
    assert controls.widgets["surface.target"].box in before
