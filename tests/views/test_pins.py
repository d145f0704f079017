"""Pinned results beside those of a figure."""

import numpy as np
import pytest
from made import made_dataset

from gnviz.views import VIEWS, draw
from gnviz.views.pins import DASHES, MOST_PINS, Pin, is_pinned
from gnviz.views.runs import run_looks

NOW, BEFORE = made_dataset(20), made_dataset(30, n=8)
PINS = (Pin("eight samples", BEFORE), Pin("two runs", made_dataset(10, runs=2)))


@pytest.mark.parametrize(("figure", "column"), [("loss", "loss"), ("learned", "time")])
def test_pinned_curves_are_those_of_their_own_figure(figure, column):
    view = VIEWS[figure]
    tables, alone = view.tables(NOW, pins=PINS), view.tables(NOW)
    assert {label: table for label, table in tables.items() if not is_pinned(label)}.keys() == alone.keys()
    for number, pin in enumerate(PINS, 1):
        own = view.tables(pin.dataset)
        for run in map(str, pin.dataset["run"].values):
            np.testing.assert_array_equal(tables[f"{run} · pin {number}"][column], own[run][column])


@pytest.mark.parametrize("figure", ["loss", "learned"])
def test_the_colour_is_the_methods_and_the_dash_the_pins(figure):
    view = VIEWS[figure]
    plot = view.marks(NOW, view.tables(NOW, pins=PINS), pins=PINS)
    looks = run_looks(NOW)
    drawn = {mark.table: mark for mark in plot.marks}
    assert drawn.keys() == view.tables(NOW, pins=PINS).keys()
    for number in (1, 2):
        mark = drawn[f"gradient-flow · pin {number}"]
        assert (mark.color, mark.dash) == (looks["gradient-flow"].color, DASHES[number - 1])
    assert [key.words for key in plot.key][:2] == ["pinned: eight samples", "pinned: two runs"]
    assert len(set(DASHES)) == MOST_PINS


@pytest.mark.parametrize("backend", ["bokeh", "holoviews"])
@pytest.mark.parametrize("figure", ["loss", "learned"])
def test_every_backend_draws_them(figure, backend):
    assert draw(NOW, figure, backend=backend, pins=PINS) is not None
