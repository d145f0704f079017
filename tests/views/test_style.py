"""Colours: a hue for each kind of method, whatever else is shown; shades and dashes within one."""

import pytest
from made import made_dataset

from gnviz.methods import METHODS
from gnviz.views.runs import run_looks
from gnviz.views.style import DASHES, HUES, LIGHTNESS, looks_of, luminance, shades_of


def test_every_kind_of_method_has_a_hue_of_its_own():
    assert HUES.keys() == METHODS.keys()
    assert len(set(HUES.values())) == len(HUES)


@pytest.mark.parametrize("kept", [[0], [1], [2], [0, 2], [2, 0, 1]], ids=str)
def test_a_methods_colour_stays_when_others_are_switched_off(kept):
    whole = made_dataset(2)
    some = whole.isel(run=kept)
    for label, look in run_looks(some).items():
        assert look.color == run_looks(whole)[label].color


@pytest.mark.parametrize("hue", HUES.values())
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
