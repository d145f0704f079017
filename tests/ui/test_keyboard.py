"""Pictures by the keyboard alone: legends, cameras and the map's cells."""

import pytest
from ui.driver import NEURON, USUAL
from ui.test_map import SMALL, drawn

HIDDEN = """(name) => Bokeh.documents.flatMap((doc) => [...doc._all_models.values()])
  .filter((m) => m.type == "GlyphRenderer" && m.name == name && m.data_source.data.loss)
  .map((m) => m.visible)"""

CAMERA = """() => Bokeh.documents.flatMap((doc) => [...doc._all_models.values()])
  .filter((m) => m.name == "camera").map((m) => m.data.azimuth[0] + m.data.elevation[0])"""

EYE = """(plot) => { const {x, y, z} = plot._fullLayout.scene._scene.getCamera().eye; return [x, y, z] }"""


def said(lab):
    """Return what a screen reader is told."""
    return " ".join(lab.page.get_by_role("status").all_inner_texts())


def picture(lab, title):
    """Return a picture as the Tab key finds it."""
    return lab.page.get_by_role("group", name=title)


def test_the_tab_key_reaches_every_picture_and_digits_hide_curves(at):
    lab = at(USUAL)
    loss = picture(lab, "Loss over time")
    lab.until(loss.count, "a picture that can be reached")
    picture(lab, "Time to learn").focus()
    lab.page.keyboard.press("Shift+Tab")
    lab.until(lambda: loss.evaluate("e => e.getRootNode().activeElement == e"), "Tab leads to the loss")
    assert "digits hide and show" in loss.get_attribute("aria-label")
    assert set(lab.page.evaluate(HIDDEN, "gradient-flow")) == {True}
    lab.page.keyboard.press("1")
    lab.until(lambda: False in lab.page.evaluate(HIDDEN, "gradient-flow"), "no gradient flow")
    lab.until(lambda: "gradient flow hidden" in said(lab), "that it is hidden")
    lab.page.keyboard.press("1")
    lab.until(lambda: "gradient flow shown" in said(lab), "that it is back")
    assert set(lab.page.evaluate(HIDDEN, "gradient-flow")) == {True}


def test_arrows_turn_the_path_in_function_space(at):
    lab = at(USUAL)
    path = picture(lab, "Path in function space")
    lab.until(path.count, "the path")
    path.scroll_into_view_if_needed()
    lab.until(lambda: lab.path() > 2, "it drawn")
    path.focus()
    before = lab.page.evaluate(CAMERA)
    for key in ("ArrowRight", "ArrowUp"):
        lab.page.keyboard.press(key)
        lab.until(lambda before=before: lab.page.evaluate(CAMERA) != before, f"a camera turned by {key}")
        before = lab.page.evaluate(CAMERA)


def test_arrows_turn_the_surface_and_digits_hide_its_paths(at):
    lab = at(NEURON)
    lab.until(lambda: lab.surface() > 100, "a surface")
    surface, plot = picture(lab, "The predictor manifold"), lab.page.locator(".js-plotly-plot").first
    lab.until(surface.count, "a surface that can be reached")
    surface.focus()
    before = plot.evaluate(EYE)
    lab.page.keyboard.press("ArrowRight")
    lab.until(lambda: plot.evaluate(EYE) != before, "another view")
    after = plot.evaluate(EYE)
    assert sum(x * x for x in after) == pytest.approx(sum(x * x for x in before)), "from the same distance"
    lab.page.keyboard.press("1")
    lab.until(lambda: "gradient flow hidden" in said(lab), "that its path is hidden")
    hidden = "(plot) => plot._fullData.filter((t) => t.visible == 'legendonly').map((t) => t.legendgroup)"
    assert "gradient-flow" in plot.evaluate(hidden)


def test_arrows_go_from_cell_to_cell_and_enter_opens_one(visit):
    lab = visit(SMALL)
    run = lab.button("Run map")
    run.wait_for()
    lab.until(lambda: drawn(lab)["id"], "an empty map")
    run.click()
    lab.until(lambda: drawn(lab)["shown"] == 9, "a map")
    cells = picture(lab, "Regime map")
    lab.until(cells.count, "cells that can be reached")
    cells.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp"):  # the first leads to the lower left corner
        lab.page.keyboard.press(key)
    lab.until(lambda: "1e+06, 0.001, " in said(lab), "which cell it is")
    lab.page.keyboard.press("Enter")
    lab.until(lambda: "page=map" not in lab.page.url, "the cell's experiment")
    assert "data.condition=1000000.0" in lab.page.url
    assert "constant(rho=0.001)" in lab.page.url


def test_space_plays_also_from_a_picture(at):
    lab = at(USUAL)
    lab.wait_finished()
    loss = picture(lab, "Loss over time")
    lab.until(loss.count, "a picture that can be reached")
    loss.focus()
    lab.page.keyboard.press("Space")
    lab.until(lambda: lab.page.locator("button.play").inner_text() != "\u25b6", "a replay")
