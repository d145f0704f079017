"""The page of the map in a browser, one that stays open: run, watch, click on a cell, Back, Stop, save."""

import re
import xml.etree.ElementTree as ET

from ui.test_everyone import FRAME, violations
from ui.test_keep import saved, tool

import gnviz

SMALL = (
    "page=map&map.x=data.condition=1e5:1e7:3&map.y=constant(rho)=1e-6:1:3"
    "&network.width=40&clock.snapshots=20&engine=torch"
)

MAP = """() => {
  for (const doc of Bokeh.documents) for (const model of doc._all_models.values()) {
    const cells = model.type == "Figure" && model.renderers.find((one) => one.name == "cells")
    const view = cells && Bokeh.index.find_one_by_id(model.id)
    if (!view?.el?.getClientRects().length) continue
    const {left, top} = view.el.getBoundingClientRect(), {x0, y0, x1, y1} = view.frame.bbox
    const shown = Array.from(cells.data_source.data.shown).reduce((a, b) => a + b, 0)
    return {id: model.id, shown, frame: [left + x0, top + y0, left + x1, top + y1]}
  }
}"""
"""The map that is in sight: its model, how many cells are drawn, and where on the screen they lie."""


def drawn(lab) -> dict:
    return lab.page.evaluate(MAP) or {"id": "", "shown": 0}


def filled(lab) -> str:
    """Return how the map stands, in the page's words."""
    words = lab.page.locator("main .filled")
    return words.inner_text() if words.count() and words.is_visible() else ""


def pressed(lab) -> str:
    """Return which page is open."""
    return lab.page.locator("header button[aria-pressed=true]").inner_text().lower()


def click_cell(lab, column: int, row: int, *, of: int) -> None:
    """Click on a cell of a square map, counted from its lower left corner."""
    left, top, right, bottom = drawn(lab)["frame"]
    x = left + (column + 0.5) / of * (right - left)
    lab.page.mouse.click(x, bottom - (row + 0.5) / of * (bottom - top))


def faint(lab) -> bool:
    note = lab.page.get_by_text("These are cells of other settings")
    return note.count() > 0 and note.is_visible()


def test_a_map_is_run_watched_opened_at_a_cell_come_back_to_stopped_and_saved(visit, tmp_path):
    lab = visit(SMALL)
    run = lab.button("Run map")
    run.wait_for()
    lab.until(lambda: drawn(lab)["id"], "an empty map")
    assert drawn(lab)["shown"] == 0
    assert pressed(lab) == "map"
    address, figure = lab.page.url, drawn(lab)["id"]
    run.click()
    lab.until(lambda: "finished" in filled(lab), "a map that is filled")
    lab.until(lambda: drawn(lab)["shown"] == 9, "all cells")
    assert drawn(lab)["id"] == figure, "filled in place"
    words = lab.page.locator("main .headline:visible").inner_text()
    assert re.search(r"time to a loss of 1e-10 .* at ρ = 1", words)
    for _ in ("light", "dark"):
        assert {rule: nodes for rule, nodes in violations(lab.page).items() if rule not in FRAME} == {}
        lab.page.get_by_role("button", name="Toggle theme").click()
        lab.page.wait_for_timeout(1500)  # colours fade

    click_cell(lab, 2, 0, of=3)
    lab.until(
        lambda: "constant(rho=1e-06)" in lab.page.url and "page=map" not in lab.page.url,
        "the cell in the address",
    )
    assert "data.condition" not in lab.page.url, "it is the usual one there"
    lab.wait_state("finished")
    assert pressed(lab) == "training"
    assert "constant ρ=1e-06" in lab.runs()
    lab.page.go_back(wait_until="commit")
    lab.until(lambda: lab.page.url == address and pressed(lab) == "map", "the map again")
    lab.until(lambda: drawn(lab)["shown"] == 9, "its cells")
    assert not faint(lab)

    dialog = tool(lab, "Save")
    assert gnviz.load(saved(lab, dialog, "Data (NetCDF)", tmp_path)).sizes["constant(rho)"] == 3
    svg = ET.parse(saved(lab, dialog, "Regime map as SVG", tmp_path))
    texts = {text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")}
    assert {"Regime map · constant", "Conditioning κ(K₀)", "flow time until the loss is 1e-10"} <= texts
    lab.page.keyboard.press("Escape")

    lab.slider("Initial weights").press("End")
    lab.until(lambda: faint(lab), "that the cells are of other settings")
    assert "map.seeds=10" in lab.page.url
    lab.button("Run map").click()
    lab.until(lambda: "filling" in filled(lab) and "left" in filled(lab), "progress, with the time left")
    lab.button("Stop").click()
    lab.until(lambda: "stopped" in filled(lab), "a map that is stopped")
    there = filled(lab)
    lab.page.wait_for_timeout(1500)
    assert filled(lab) == there
    lab.page.set_viewport_size({"width": 390, "height": 844})
    lab.page.wait_for_timeout(1000)
    assert lab.page.evaluate("document.documentElement.scrollWidth") <= 390
    lab.button("Go on").click(trial=True)
