"""A figure seen in three dimensions, in a browser: where things are drawn, and what turns it."""

import numpy as np
import pytest
from bokeh.embed import file_html
from bokeh.resources import INLINE
from made import made_dataset

from gnviz.views import VIEWS, draw
from gnviz.views.backends.bokeh.camera import CAMERA
from gnviz.views.room import ASIDE, BOX, DOWN, MARKS, UP

PATH = VIEWS["function_space"]

SEEN = """() => {
  const [doc] = window.Bokeh.documents, fig = doc.roots()[0], view = window.Bokeh.index.find_one_by_id(fig.id)
  const points = {}
  for (const renderer of view.renderer_views.values())
    if (renderer.model.name) {
      const {sx, sy} = renderer.glyph
      points[renderer.model.name] = [Array.from(sx), Array.from(sy)]
    }
  const {left, top, width, height} = view.frame.bbox
  const named = [...doc._all_models.values()].find((model) => model.name == "camera")
  return {points, left, top, width, height, camera: Object.fromEntries(
    Object.entries(named.data).map(([name, [value]]) => [name, value]))}
}"""
"""Pixels of all points of each named glyph, the figure's inside, and the camera."""


@pytest.fixture(scope="module")
def ds():
    return made_dataset(40)


@pytest.fixture
def opened(browser, tmp_path, ds):
    """Open the figure in a page of its own, and return that."""
    contexts, complaints = [], []

    def opened(width=400, height=265):
        fig = draw(ds, PATH.label, backend="bokeh", title=False, width=width, height=height)
        (tmp_path / "figure.html").write_text(file_html(fig, INLINE))
        contexts.append(browser.new_context(viewport={"width": 900, "height": 500}))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto((tmp_path / "figure.html").as_uri())
        page.wait_for_function("() => window.Bokeh?.documents[0]?.is_idle")
        page.wait_for_timeout(300)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def expected(seen, tables, label):
    """Return the pixels where the points of a table belong: an orthographic projection, made by hand."""
    a, e = seen["camera"]["azimuth"], seen["camera"]["elevation"]
    box = tables[BOX]
    low, high = (np.array([reduce(box[name]) for name in "xyz"]) for reduce in (np.nanmin, np.nanmax))
    points = np.stack([tables[label][name] for name in "xyz"], axis=1)
    cube = 2 * (points - low) / (high - low) - 1
    turn = np.array([[np.cos(a), np.sin(a), 0], [-np.sin(a), np.cos(a), 0], [0, 0, 1]])
    nod = np.array([[np.cos(e), 0, np.sin(e)], [0, 1, 0], [-np.sin(e), 0, np.cos(e)]])
    _, across, upward = nod @ turn @ cube.T  # towards the eye, to the right, up
    pixels = min(seen["width"], seen["height"]) / (UP - DOWN)  # the same both ways: the box stays a cube
    down = UP * seen["height"] / (UP - DOWN) - upward * pixels
    middle = -ASIDE[0] / (ASIDE[1] - ASIDE[0]) * seen["width"]
    return seen["left"] + middle + across * pixels, seen["top"] + down


def drag(page, across, down):
    """Drag the figure by some pixels."""
    seen = page.evaluate(SEEN)
    x, y = seen["left"] + seen["width"] / 2, seen["top"] + seen["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + across, y + down, steps=5)
    page.mouse.up()
    page.wait_for_timeout(300)


@pytest.mark.parametrize("size", [(400, 265), (800, 265), (300, 460)], ids=str)
def test_points_are_where_a_camera_sees_them(opened, ds, size):
    page, tables = opened(*size), PATH.tables(ds)
    for turn in ((0, 0), (130, -40), (-400, 60)):
        drag(page, *turn)
        seen = page.evaluate(SEEN)
        for label in ("gradient-flow", "target", "start", "adaptive(c=1) · now"):
            across, down = expected(seen, tables, label)
            np.testing.assert_allclose(seen["points"][label][0], across, atol=1.0, err_msg=label)
            np.testing.assert_allclose(seen["points"][label][1], down, atol=1.0, err_msg=label)


def test_only_far_faces_are_seen_and_each_axis_is_named_once(opened, ds):
    page, tables = opened(), PATH.tables(ds)
    for turn in ((0, 0), (160, 0), (160, 0), (160, -120)):
        drag(page, *turn)
        seen = page.evaluate(SEEN)
        a, e = seen["camera"]["azimuth"], seen["camera"]["elevation"]
        eye = np.array([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)])
        box, marks = tables[BOX], tables[MARKS]
        drawn = np.isfinite(seen["points"][BOX][0])
        far = eye[box["axis"]] * box["side"] < 0
        np.testing.assert_array_equal(drawn, far & np.isfinite(seen["points"][BOX][1]))
        words = marks["text"][np.isfinite(seen["points"][MARKS][0])]
        assert sorted(w[:6] for w in words if w.startswith("mode")) == ["mode 1", "mode 2", "mode 3"]


def test_a_drag_turns_the_camera_and_reset_turns_it_back(opened):
    page = opened()
    drag(page, 100, 30)
    camera = page.evaluate(SEEN)["camera"]
    assert camera["azimuth"] == pytest.approx(CAMERA["azimuth"] - 1.0, abs=0.06), "a radian for 100 pixels"
    assert camera["elevation"] == pytest.approx(CAMERA["elevation"] + 0.3, abs=0.06)
    drag(page, 0, 400)
    assert page.evaluate(SEEN)["camera"]["elevation"] == pytest.approx(np.pi / 2), "as far as straight down"
    page.evaluate("() => window.Bokeh.index.find_one_by_id(window.Bokeh.documents[0].roots()[0].id).reset()")
    page.wait_for_timeout(300)
    camera = page.evaluate(SEEN)["camera"]
    assert {name: camera[name] for name in ("azimuth", "elevation")} == {
        name: CAMERA[name] for name in ("azimuth", "elevation")
    }


HIDE = """() => {
  const fig = window.Bokeh.documents[0].roots()[0]
  fig.renderers.find((renderer) => renderer.name == "gradient-flow").visible = false  // as the legend does
}"""

SHOWN = """() => {
  const fig = window.Bokeh.documents[0].roots()[0]
  const path = fig.renderers.find((renderer) => renderer.name == "gradient-flow")
  const same = fig.renderers.filter((renderer) => renderer.data_source == path.data_source)
  return same.map((renderer) => renderer.visible)
}"""
"""Whether the path and its shadow are shown."""


def test_a_path_hidden_by_the_legend_casts_no_shadow(opened):
    page = opened()
    assert page.evaluate(SHOWN) == [True, True]
    page.evaluate(HIDE)
    page.wait_for_timeout(300)
    assert page.evaluate(SHOWN) == [False, False]


WORDS = """() => {
  const [doc] = window.Bokeh.documents, view = window.Bokeh.index.find_one_by_id(doc.roots()[0].id)
  const marks = [...view.renderer_views.values()].find((r) => r.model.name == "marks").glyph
  const pen = document.createElement("canvas").getContext("2d")
  const {left, right} = view.frame.bbox, share = {left: 0, center: 0.5, right: 1}
  const found = []
  marks.sx.forEach((x, i) => {
    if (!isFinite(x)) return
    pen.font = marks.visuals.text.font_value(i)
    const text = marks.text.get ? marks.text.get(i) : marks.text[i], long = pen.measureText(text).width
    const start = x - share[marks.text_align.get(i)] * long
    found.push([text, start - left, right - (start + long)])
  })
  return found
}"""
"""Each word that is seen, and the pixels between it and the figure's left and right end."""


@pytest.mark.parametrize("turn", [(0, 0), (160, 0), (-90, 30)], ids=str)
def test_no_word_is_cut_off_in_a_narrow_figure(opened, turn):
    page = opened(300, 265)
    drag(page, *turn)
    words = page.evaluate(WORDS)
    assert sum(text.startswith("mode") for text, *_ in words) == 3
    for text, left, right in words:
        assert min(left, right) > -1, text
