"""Figures that a slider moves: what is computed ahead is what the figure shows at each moment."""

import numpy as np
import pytest
from bokeh.models import GlyphRenderer
from made import ended, made_dataset, usual_figures
from made_surfaces import SPHERE, made_surface

from gnviz.views import VIEWS, View
from gnviz.views.backends.bokeh.drawing import read
from gnviz.views.backends.bokeh.recorded import SLIDER, Recorded, embed
from gnviz.views.base import takes
from gnviz.views.plot import Axis, Mark, Plot

MOMENTS = [0, 3, 10, 19]

MOVING = ("fit", "function_space", "learned", "rates")
"""Figures in which something moves, of a run whose kernel stays."""


def shown_at(recorded: Recorded, k: int) -> dict[str, dict[str, np.ndarray]]:
    """What each glyph's source holds once the slider is at position k, as the browser makes it."""
    moved = {source.id: frames[k] for source, frames in recorded.frames}
    renderers = [r for r in recorded.figure.renderers if isinstance(r, GlyphRenderer) and r.name]
    return {r.name: dict(r.data_source.data) | moved.get(r.data_source.id, {}) for r in renderers}


def check(view: View, ds, moments: list[int]) -> Recorded:
    recorded = Recorded(view, ds, moments, True, {})
    for k, moment in enumerate(moments):
        now = {"moment": moment} if takes(type(view), "moment") else {}
        tables, plot = read(view, ds, **now)
        shown = shown_at(recorded, k)
        flat = [mark.table for mark in plot.marks if mark.kind != "contours"]
        assert flat
        for label in flat:
            assert shown[label].keys() == tables[label].keys()
            for name, column in tables[label].items():
                np.testing.assert_array_equal(np.asarray(shown[label][name]), column, err_msg=label)
        for axis, span in ((recorded.figure.x_range, plot.across), (recorded.figure.y_range, plot.upright)):
            assert axis.start <= span[0]
            assert axis.end >= span[1]
    return recorded


@pytest.mark.parametrize("name", usual_figures())
def test_frames_are_what_a_figure_shows_at_each_moment(name):
    view = VIEWS[name]
    recorded = check(view, ended(made_dataset(20), 2, 3.0), MOMENTS)
    assert bool(recorded.frames) == (name in MOVING)
    assert (recorded.cursor is not None) == takes(type(view), "time_scale")


@pytest.mark.parametrize("name", ["parameter_plane", "curvature"])
def test_frames_of_a_surface_experiment(name):
    ds = made_surface(SPHERE)
    check(VIEWS[name], ds, list(range(ds.sizes["time"])))


def test_a_logarithmic_axis_has_no_place_for_the_first_moment():
    recorded = Recorded(VIEWS["loss"], ds := made_dataset(20), MOMENTS, False, {"time_scale": "log"})
    assert recorded.places == [None, *ds["time"].values[MOMENTS[1:]]]
    assert recorded.cursor.location == ds["time"].values[19]
    linear = Recorded(VIEWS["loss"], ds, MOMENTS, False, {"time_scale": "linear"})
    assert linear.places == list(ds["time"].values[MOMENTS])


def test_nothing_is_painted_outside_the_frame():
    recorded = Recorded(VIEWS["fit"], made_dataset(20), MOMENTS, False, {})
    assert {r.level for r in recorded.figure.renderers} == {"glyph"}


class Growing(View):
    """Draws what depends on the moment: how many points, and a line that is there or not."""

    label, title, caption, needs = "growing", "Growing", "", ("loss",)
    strange = False

    def tables(self, ds, *, moment: int = -1):
        count = moment % ds.sizes["time"] + 1
        out = {"path": {"x": np.arange(count), "y": np.arange(count) / 10, "word": np.array(["a"] * count)}}
        return out | ({"late": {"x": np.zeros(1), "y": np.zeros(1)}} if self.strange and count > 5 else {})

    def marks(self, ds, tables, **_):
        marks = tuple(Mark(label) for label in tables)
        return Plot("", Axis("x"), Axis("y"), marks, (0.0, 20.0), (0.0, 2.0))


def test_tables_may_grow():
    check(Growing(), made_dataset(20), MOMENTS)


def test_a_figure_that_draws_other_things_at_other_moments_is_refused():
    class Strange(Growing):
        strange = True

    with pytest.raises(ValueError, match="'growing' draws other things at some moments"):
        Recorded(Strange(), made_dataset(20), MOMENTS, False, {})


def test_parts_of_a_page():
    ds, views = made_dataset(20), [VIEWS["loss"], VIEWS["fit"]]
    parts = embed(views, ds, MOMENTS, legends=["fit"])
    assert list(parts.parts) == ["loss", "fit", SLIDER]
    assert "bokeh-widgets" in parts.library.lower()
    assert all(f'id="drawn-{label}"' in element for label, element in parts.parts.items())
    assert all(f'"drawn-{label}"' in parts.script for label in parts.parts)
    assert list(embed(views, ds, [19]).parts) == ["loss", "fit"], "one moment has no slider"
