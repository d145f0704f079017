"""Keeping, sharing and saving what is shown, pins, and light or dark: as a teacher prepares a lecture."""

import re
import time
import xml.etree.ElementTree as ET

import pytest
from ui.driver import USUAL, Lab
from ui.test_everyone import FRAME, violations
from ui.test_pages import background

import gnviz

KEPT = "data.condition=1e6&network.width=40&clock.snapshots=40"


def tool(lab: Lab, label: str):
    """Open a dialog of the transport bar, and return it."""
    lab.page.get_by_role("button", name=label, exact=True).click()
    return lab.page.get_by_role("dialog")


def saved(lab: Lab, dialog, button: str, folder):
    """Press a button that brings a file, and return its path."""
    with lab.page.expect_download() as waiting:
        dialog.get_by_role("button", name=button).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def own_violations(lab: Lab) -> dict:
    return {rule: nodes for rule, nodes in violations(lab.page).items() if rule not in FRAME}


def pinned(lab: Lab) -> int:
    """Return how many curves of pinned runs the figures have."""
    return lab.page.evaluate("""() => Bokeh.documents.flatMap((doc) => [...doc._all_models.values()])
      .filter((m) => m.type == "GlyphRenderer" && m.name?.includes(" · pin ") &&
        Bokeh.index.find_one_by_id(m.id)?.parent?.el.getClientRects().length).length""")


def test_a_run_is_kept_found_after_a_reload_opened_deleted_and_brought_back(visit, tmp_path):
    lab = visit(KEPT)
    lab.wait_finished()
    headline = lab.headline()
    dialog = tool(lab, "Library")
    name = dialog.get_by_role("textbox", name="Name of this run")
    lab.until(name.is_enabled, "a run to keep")
    name.fill("for lecture 3")
    dialog.get_by_role("textbox", name="Note").fill("<i>narrow</i>")
    dialog.get_by_role("button", name="Keep this run").click()
    rows = dialog.get_by_role("list", name="Kept runs").get_by_role("listitem")
    lab.until(lambda: "Kept as" in dialog.inner_text(), "that it is kept")
    assert rows.count() == 1
    assert "<i>narrow</i>" in rows.inner_text(), "no markup"
    assert rows.locator("img").evaluate("(image) => image.naturalWidth") > 0, "a picture"
    assert own_violations(lab) == {}
    lab.page.keyboard.press("Escape")
    assert not dialog.is_visible()

    lab.page.goto(f"{lab.page.url.partition('?')[0]}?{USUAL}")
    lab.wait_finished()
    assert lab.headline() != headline
    dialog = tool(lab, "Library")
    search = dialog.get_by_role("searchbox")
    search.fill("nothing of the kind")
    lab.until(lambda: "No run is named" in dialog.inner_text(), "no run")
    search.fill("LECTURE")
    lab.until(lambda: rows.count() == 1, "the run that was kept")
    dialog.get_by_role("button", name="Delete for lecture 3").click()
    lab.until(lambda: rows.count() == 0, "none")
    dialog.get_by_role("button", name="Undo").click()
    lab.until(lambda: rows.count() == 1, "the run again")
    before = time.monotonic()
    dialog.get_by_role("button", name="Open for lecture 3").click()
    lab.until(lambda: lab.headline() == headline, "the run as it was kept")
    assert "network.width=40" in lab.page.url
    lab.wait_finished()
    assert time.monotonic() - before < 60

    damaged = tmp_path / "cut.nc"
    damaged.write_bytes(b"cut short")
    dialog = tool(lab, "Library")
    lab.page.locator("main input[type=file]").set_input_files(damaged)
    lab.until(lambda: "not a NetCDF file" in dialog.inner_text(), "a refusal in words")
    ds = gnviz.run(gnviz.preset("figure2").replace({"network.width": 20, "clock.snapshots": 5}))
    other = gnviz.save(ds, tmp_path / "colleague.nc")
    lab.page.locator("main input[type=file]").set_input_files(other)
    lab.until(lambda: rows.count() == 2, "a colleague's run")
    lab.page.keyboard.press("Escape")


def test_what_is_shown_is_shared_and_saved(visit, tmp_path):
    lab = visit(USUAL, width=390, height=844)
    lab.wait_finished()
    dialog = tool(lab, "Share")
    link = dialog.get_by_role("textbox", name="Link").input_value()
    assert link == lab.page.url
    assert (
        f'src="{link.replace("&", "&amp;")}"' in dialog.get_by_role("textbox", name="To embed").input_value()
    )
    code = dialog.get_by_role("img", name="The link as a QR code")
    lab.until(lambda: code.is_visible() and code.evaluate("(image) => image.naturalWidth"), "a QR code")
    assert own_violations(lab) == {}
    assert lab.page.evaluate("document.documentElement.scrollWidth") <= 390
    lab.page.keyboard.press("Escape")

    dialog = tool(lab, "Save")
    drawing = ET.parse(saved(lab, dialog, "Time to learn each part of the error as SVG", tmp_path))
    words = [text.text for text in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Time to learn each part of the error", "gradient flow", "adaptive c=1"} <= set(words)
    places = [path.get("d") for path in drawing.iter("{http://www.w3.org/2000/svg}path")]
    heights = [float(y) for d in places for y in re.findall(r"[ML] [\d.]+ (-?[\d.]+)", d or "")]
    assert sum(0 < y < 600 for y in heights) > 0.9 * len(heights), "all is within the picture"
    png = saved(lab, dialog, "Loss over time as PNG", tmp_path).read_bytes()
    assert (png[:4], int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (b"\x89PNG", 1800, 1200)
    assert saved(lab, dialog, "Page (HTML)", tmp_path).read_text(encoding="utf-8").count("<figure") > 4
    assert gnviz.load(saved(lab, dialog, "Data (NetCDF)", tmp_path)).sizes["run"] == 3
    assert own_violations(lab) == {}
    lab.page.keyboard.press("Escape")


def test_pinned_curves_stay_while_settings_change(visit):
    lab = visit(USUAL)
    lab.wait_finished()
    assert pinned(lab) == 0
    lab.press("Pin")
    lab.until(lambda: pinned(lab) > 3, "pinned curves")
    with lab.another_run():
        lab.slider("Width").press("ArrowRight")
    lab.wait_finished()
    assert pinned(lab) > 3, "two sets of curves"
    lab.page.locator("main").get_by_role("button", name="Width 50").click()
    lab.until(lambda: pinned(lab) == 0, "one set of curves")


@pytest.fixture
def dark_system(visit, browser):
    """A page in a system that is dark and wants little motion."""
    lab = visit(USUAL)
    lab.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    lab.page.reload()
    return lab


def test_the_theme_follows_the_system_until_one_is_chosen_which_is_remembered(dark_system):
    lab = dark_system
    lab.wait_finished()
    lab.until(lambda: background(lab) < 100, "dark as the system")
    run = lab.button("Run")
    assert run.evaluate("(button) => getComputedStyle(button).transitionDuration") == "0s"
    lab.page.get_by_role("button", name="Toggle theme").click()
    lab.until(lambda: background(lab) > 200, "light as chosen")
    lab.until(lambda: lab.page.evaluate("localStorage.getItem('gnviz-theme')") == "light", "a choice kept")
    lab.page.reload()
    lab.wait_finished()
    lab.page.wait_for_timeout(1000)
    assert background(lab) > 200, "light after a reload"


TYPE = """() => Bokeh.documents.flatMap((doc) => [...doc._all_models.values()])
  .filter((m) => m.type == "Figure" && Bokeh.index.find_one_by_id(m.id)?.el.getClientRects().length)
  .map((m) => parseFloat(m.below[0].axis_label_text_font_size)).sort()"""
"""The size of type beside the horizontal axis of each figure in sight, in its unit."""


def test_presenting_leaves_two_large_pictures_and_gives_the_page_back(at):
    lab = at(USUAL)
    usual, bar = lab.page.evaluate(TYPE), lab.page.locator("header.MuiAppBar-root")
    assert len(usual) == 7
    assert bar.is_visible()
    lab.page.keyboard.press("p")
    lab.until(lambda: len(lab.page.evaluate(TYPE)) == 2, "the leading pictures alone")
    lab.until(lambda: min(lab.page.evaluate(TYPE)) > 1.4 * max(usual), "type for the last row")
    assert not bar.is_visible()
    leave, present = (lab.page.get_by_role("button", name=name) for name in ("Leave (Esc)", "Present"))
    assert leave.is_visible(), "who has no keyboard finds the way back"
    for key in ("ArrowRight", "ArrowLeft"):
        address = lab.page.url
        lab.slider("Conditioning").press(key)
        lab.until(lambda address=address: lab.page.url != address, "another setting")
        lab.wait_state("finished")
        assert min(lab.page.evaluate(TYPE)) > 1.4 * max(usual), "new runs in the same type"
    lab.page.keyboard.press("Escape")
    lab.until(lambda: lab.page.evaluate(TYPE) == usual, "the page as it was")
    assert bar.is_visible()
    present.click()
    leave.click()
    lab.until(lambda: lab.page.evaluate(TYPE) == usual, "the page again")


def test_a_link_brings_its_pins_and_back_brings_one_that_was_taken_away(visit):
    lab = visit(f"{KEPT}&pin=data.condition%3D1e5%26network.width%3D40%26clock.snapshots%3D40")
    lab.until(lambda: pinned(lab) == 6, "three runs in two figures")
    lab.wait_finished()
    chip = lab.page.get_by_role("button", name=re.compile("10⁵"))
    chip.click()
    lab.until(lambda: pinned(lab) == 0, "no pin")
    lab.until(lambda: "pin=" not in lab.page.url, "an address without it")
    lab.page.go_back(wait_until="commit")
    lab.until(lambda: pinned(lab) == 6, "the pin again")
    lab.button("Pin").click()
    lab.until(lambda: pinned(lab) == 12, "another")
    lab.until(lambda: lab.page.url.count("pin=") == 2, "both in the address")
