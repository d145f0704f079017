"""Figures by HoloViews: elements that hold the tables, compose, and can be restyled."""

import holoviews as hv
import numpy as np
import pytest
from bokeh.models import Line
from made import HUES, fits, made_dataset, made_plane, usual_figures
from made_surfaces import PATCH, SPHERE, made_surface
from plotly.graph_objects import Figure

from gnviz.views import OVERVIEW, VIEWS, draw, overview
from gnviz.views.base import BOUND
from gnviz.views.figures.manifold.scene import GEODESIC
from gnviz.views.room import BOX, MARKS, NOTE

RUNS = ["gradient-flow", "constant(rho=0.01)", "adaptive(c=1)"]
FLAT = [name for name, view in VIEWS.items() if not view.solid]


@pytest.fixture(scope="module")
def ds():
    return made_dataset(40)


def dataset_for(name):
    return next(ds for ds in (made_dataset(40), made_surface(SPHERE), made_plane()) if fits(ds, VIEWS[name]))


@pytest.mark.parametrize("name", FLAT)
def test_each_element_holds_its_table(name):
    data = dataset_for(name)
    tables, drawing = VIEWS[name].tables(data), draw(data, name)
    assert isinstance(drawing, hv.Overlay)
    elements = list(drawing)
    marks = [m for m in VIEWS[name].marks(data, tables).marks if m.table not in (MARKS, NOTE)]
    assert len(elements) == len(marks)
    for mark, element in zip(marks, elements, strict=True):
        if mark.kind == "contours":
            height = element.dimension_values("height")
            assert np.isfinite(height).sum() == np.isfinite(list(tables[mark.table].values())[2]).sum()
            continue
        kinds = {"line": hv.Curve, "points": hv.Scatter, "text": hv.Labels, "cells": hv.Rectangles}
        assert isinstance(element, kinds[mark.kind])
        for column, values in tables[mark.table].items():
            if mark.table != BOX and element.get_dimension(column) is not None:
                np.testing.assert_array_equal(element.dimension_values(column), values)
    assert hv.render(drawing, backend="bokeh").renderers


def test_the_legend_names_each_run_once_by_its_own_curve(ds):
    fig = hv.render(draw(ds, "loss"), backend="bokeh")
    named = {item.label["value"]: item.renderers[0].glyph for item in fig.legend[0].items}
    assert list(named) == ["gradient flow", "constant ρ=0.01", "adaptive c=1"]
    assert [glyph.line_color for glyph in named.values()] == [
        HUES[x] for x in ("gradient-flow", "constant", "adaptive")
    ]
    assert {glyph.line_width for glyph in named.values()} == {2.2}, "the curve, not its bound"


def test_figures_compose_side_by_side_over_one_another_and_over_a_parameter(ds):
    loss, spectrum = draw(ds, "loss"), draw(ds, "spectrum")
    assert len(loss + spectrum) == 2
    hv.render(loss + spectrum, backend="bokeh")
    both = hv.render(loss * draw(made_dataset(20), "loss"), backend="bokeh")
    assert type(both.x_scale).__name__ == type(both.y_scale).__name__ == "LogScale"
    assert both.xaxis[0].axis_label == "flow time t"
    slider = hv.HoloMap({alpha: draw(ds, "loss") for alpha in (1.0, 10.0)}, kdims="alpha")
    assert hv.renderer("bokeh").get_widget(slider, "individual") is not None


def test_a_reader_can_restyle_a_curve(ds):
    hv.extension("bokeh")  # as a notebook does
    drawing = draw(ds, "loss").opts(hv.opts.Curve(line_width=7, backend="bokeh"))
    drawing = drawing.opts(width=333, backend="bokeh")
    fig = hv.render(drawing, backend="bokeh")
    assert fig.width == 333
    assert {r.glyph.line_width for r in fig.renderers if isinstance(r.glyph, Line)} == {7}


def test_the_bounds_keep_their_runs_colours(ds):
    marks = {m.table: m for m in VIEWS["loss"].marks(ds, VIEWS["loss"].tables(ds)).marks}
    assert marks[RUNS[1] + BOUND].color == marks[RUNS[1]].color == HUES["constant"]


@pytest.mark.parametrize("surface", [SPHERE, PATCH], ids=["sphere", "patch"])
def test_a_surface_is_drawn_by_plotly(surface):
    data = made_surface(surface)
    drawing = draw(data, "manifold")
    state = hv.renderer("plotly").get_plot(drawing).state
    fig = Figure(state)  # with every property checked
    kinds = {trace.type for trace in fig.data}
    assert kinds == {"mesh3d", "scatter3d"}
    geodesic = next(trace for trace in fig.data if trace.name == GEODESIC)
    assert geodesic.mode == "lines"
    assert len(geodesic.x) == 2 * len(data.geodesic) + 1, "above the surface and below"
    shape = fig.layout.scene.aspectratio
    spans = np.array([np.diff(fig.layout.scene[f"{axis}axis"].range)[0] for axis in "xyz"])
    np.testing.assert_allclose([shape.x, shape.y, shape.z], spans / spans.max(), rtol=1e-9)
    assert isinstance(draw(data, "manifold", backend="plotly"), Figure)


@pytest.mark.parametrize("name", VIEWS)
def test_overview_works_for_every_figure(name):
    layout = overview(dataset_for(name), [name])
    assert len(layout) == 1
    hv.renderer("plotly" if VIEWS[name].solid else "bokeh").get_plot(layout)


def test_overview_holds_the_main_figures_and_keeps_surfaces_apart(ds):
    assert len(overview(ds)) == len(OVERVIEW)
    hv.render(overview(ds), backend="bokeh")
    with pytest.raises(ValueError, match="give each a layout of its own"):
        overview(made_surface(SPHERE), ["manifold", "curvature"])


def test_unknown_figures_and_backends_are_told(ds):
    with pytest.raises(ValueError, match=r"'los'.*'loss'"):
        draw(ds, "los")
    with pytest.raises(ValueError, match="unknown backend 'matplotlib'"):
        draw(ds, "loss", backend="matplotlib")
    with pytest.raises(ValueError, match="'loss' is flat"):
        draw(ds, "loss", backend="plotly")
    with pytest.raises(ValueError, match="'manifold' is a surface"):
        draw(made_surface(SPHERE), "manifold", backend="bokeh")


def test_usual_figures_are_all_but_those_of_surfaces_and_planes():
    assert set(VIEWS) - set(usual_figures()) == {"manifold", "parameter_plane", "curvature", "decision"}
