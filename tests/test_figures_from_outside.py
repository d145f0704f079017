"""A figure from outside: found by name, drawn by every backend, on the page beside the others."""

import holoviews as hv
import numpy as np
import pytest
from made import made_dataset, made_recording

import gnviz
from gnviz.lab.figures.board import Board
from gnviz.lab.run.plans import plan_of
from gnviz.report import catalogue
from gnviz.views import FIGURES, VIEWS, View, draw
from gnviz.views.base import time_label
from gnviz.views.plot import Axis, Mark, Plot
from gnviz.views.runs import entries_of, run_labels, run_looks
from gnviz.views.values import linear_limits, positive, time_limits, times


class Slope(View):
    """The steepness of every run's loss."""

    label, title, caption, needs = "slope", "Slope of the loss", "How steeply the loss falls.", ("loss",)
    page = "theory"

    def tables(self, ds):
        time, keep = times(ds, "log")
        with np.errstate(invalid="ignore", divide="ignore"):
            falls = -np.gradient(np.log(positive(ds["loss"].values[:, keep])), np.log(time), axis=1)
        return {x: {"time": time, "slope": row} for x, row in zip(run_labels(ds), falls, strict=True)}

    def marks(self, ds, tables, *, time_range=None, **_):
        looks, entries = run_looks(ds), entries_of(ds)
        return Plot(
            self.title,
            Axis(time_label(ds), log=True),
            Axis("slope"),
            tuple(Mark(x, color=looks[x].color, entry=entries[x]) for x in tables),
            time_limits(tables[next(iter(tables))]["time"], time_range, True),
            linear_limits([table["slope"] for table in tables.values()]),
            entries=tuple(dict.fromkeys(entries.values())),
        )


@pytest.fixture(autouse=True)
def registered():
    gnviz.register(Slope)
    yield
    FIGURES.remove("slope")


def test_it_is_known_by_name_and_drawn_by_each_backend():
    ds = made_dataset(40)
    slope = VIEWS["slope"].tables(ds)["gradient-flow"]["slope"]
    drawn = {r.name: r for r in draw(ds, "slope", backend="bokeh").renderers}
    np.testing.assert_array_equal(drawn["gradient-flow"].data_source.data["slope"], slope)
    (curve, *_) = draw(ds, "slope")
    np.testing.assert_array_equal(curve.dimension_values("slope"), slope)
    assert hv.render(draw(ds, "slope") + draw(ds, "loss"), backend="bokeh") is not None
    assert "slope" in catalogue()


def test_it_stands_on_its_page_and_grows_there():
    assert "slope" in plan_of("theory").figures
    assert "slope" not in plan_of("training").figures
    board = Board(plan_of("theory"))
    recording = made_recording(40)
    board.begin(recording)
    drawn = board.figures["slope"].sources["adaptive(c=1)"].data["slope"]
    np.testing.assert_array_equal(drawn, VIEWS["slope"].tables(recording.dataset())["adaptive(c=1)"]["slope"])
