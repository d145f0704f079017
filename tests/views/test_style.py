"""Colours: a hue for each kind of method, whatever else is shown; shades and dashes within one."""

import pytest
from bokeh.models import Legend
from made import made_dataset

import gnviz
from gnviz.methods import METHODS
from gnviz.methods.schedules.constant import Constant
from gnviz.views import VIEWS
from gnviz.views.backends.bokeh import draw
from gnviz.views.runs import run_looks
from gnviz.views.style import DASHES, LIGHTNESS, SPARES, hues_of, looks_of, luminance, shades_of

HUES = hues_of(METHODS)


def test_every_kind_of_method_has_a_hue_of_its_own():
    stated = [method.color for method in METHODS.values()]
    assert all(stated)
    assert list(HUES.values()) == stated
    assert len({*stated, *SPARES}) == len(stated) + len(SPARES)


@pytest.mark.parametrize("kept", [[0], [1], [2], [0, 2], [2, 0, 1]], ids=str)
def test_a_methods_colour_stays_when_others_are_switched_off(kept):
    whole = made_dataset(2)
    some = whole.isel(run=kept)
    for label, look in run_looks(some).items():
        assert look.color == run_looks(whole)[label].color


@pytest.mark.parametrize("hue", [*HUES.values(), *SPARES])
def test_shades_have_the_lightness_they_are_to_have(hue):
    own, *others = map(luminance, shades_of(hue))
    nearest = min(LIGHTNESS, key=lambda level: abs(level - own))
    assert sorted([nearest, *others]) == pytest.approx(sorted(LIGHTNESS), abs=0.004), "eight bits a channel"


def test_runs_of_one_kind_differ_in_shade_then_in_dashes():
    looks = looks_of(["constant(rho=0.1)"] * 7 + ["gradient-flow"])
    assert len({(look.color, look.dash) for look in looks}) == 8
    assert [look.dash for look in looks[:7]] == [DASHES[0]] * 3 + [DASHES[1]] * 3 + [DASHES[2]]
    assert looks[7].color == HUES["gradient-flow"]


def test_kinds_from_outside_have_colours_that_no_other_has():
    looks = looks_of(["mine", "gradient-flow", "yours(k=3)", "gauss-newton"])
    assert len({look.color for look in looks}) == 4
    assert looks[1].color == HUES["gradient-flow"]


def test_a_registered_method_keeps_its_colour_whatever_else_is_there():
    class Mine(Constant):
        label = "mine-in-colour"
        color = ""

    class Painted(Constant):
        label = "painted"
        color = "#9a3fd0"

    try:
        gnviz.register(Mine)
        gnviz.register(Painted)
        alone = looks_of(["mine-in-colour"])
        among = looks_of(["yours", "gradient-flow", "mine-in-colour", "painted"])
        assert alone[0].color == among[2].color == SPARES[0]
        assert among[3].color == "#9a3fd0"
        assert len({look.color for look in among}) == 4
    finally:
        for label in ("mine-in-colour", "painted"):
            METHODS.remove(label)


def test_a_legend_names_a_method_once_and_then_what_differs():
    ds = gnviz.run(gnviz.preset("figure3").replace({"clock.snapshots": 4, "ensemble.alphas": [10, 100]}))
    figure = draw(VIEWS["excess"], ds)
    (legend,) = [part for part in figure.above if isinstance(part, Legend)]
    words = [item.label.value for item in legend.items[:4]]
    assert words == ["gradient flow α=10", "α=100", "Gauss-Newton α=10", "α=100"]
    assert [item.name for item in legend.items[:4]] == [str(run) for run in ds["run"].values]
