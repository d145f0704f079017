"""Every slider, by the mouse and by the keyboard: none lets go of either. Other pages have no others."""

import pytest
from ui.driver import NEURON, Lab

SMALL = "network.width=40&clock.snapshots=12&clock.tol=1e-2"
PAGES = {
    "training": f"data.condition=1e5&{SMALL}",
    "all settings": f"data.kind=ring&data.n=6&{SMALL}",
    "manifold": f"page=manifold&{NEURON}",
}
"""Settings by page; "all settings" are the sliders of the sidebar."""

KNOBS = """() => {
  const found = []
  const look = (root) => { for (const e of root.querySelectorAll("*")) {
    const name = e.matches("input.range") && e.getClientRects().length && e.getAttribute("aria-label")
    if (name) found.push(name.split(":")[0])
    if (e.shadowRoot) look(e.shadowRoot)
  } }
  look(document)
  return found
}"""
"""Names of the sliders in sight."""

PLACE = """e => {
  const box = e.getBoundingClientRect(), across = box.width - 16, [low, high] = [Number(e.min), Number(e.max)]
  const share = (e.valueAsNumber - low) / (high - low)
  const [x, y] = [box.x + 8 + across * share, box.y + box.height / 2]
  return {x, y, across, share, step: e.step / (high - low)}
}"""
"""Where a slider's thumb is, and as a share of the way; how long the way is, and what a step is of it."""


def drag_and_press(lab: Lab, name: str) -> None:
    """Drag a slider by a quarter of its length, then press an arrow key three times."""
    slider = lab.slider(name)
    slider.scroll_into_view_if_needed()
    before = slider.evaluate(PLACE)
    far = (-1 if before["share"] > 0.5 else 1) * before["across"] / 4
    lab.page.mouse.move(before["x"], before["y"])
    lab.page.mouse.down()
    for step in range(1, 9):
        lab.page.mouse.move(before["x"] + far * step / 8, before["y"])
        lab.page.wait_for_timeout(60)
    wanted, near = before["share"] + far / before["across"], max(before["step"], 0.02)
    dragged = slider.evaluate(PLACE)["share"]
    assert dragged == pytest.approx(wanted, abs=near), f"{name}: dragged to {dragged:.3f}"
    lab.page.mouse.up()
    lab.until(lambda: slider.evaluate(PLACE)["share"] == pytest.approx(wanted, abs=near), f"{name} stays")
    slider.focus()
    there = slider.evaluate(PLACE)
    for _ in range(3):
        lab.page.keyboard.press("ArrowRight" if far < 0 else "ArrowLeft")
        lab.page.wait_for_timeout(60)
    least = min(1.5 * there["step"], 1 - there["share"] if far < 0 else there["share"]) - 1e-9
    moved = lambda: abs(slider.evaluate(PLACE)["share"] - there["share"]) >= least  # noqa: E731
    lab.until(moved, f"{name} by keys")
    assert slider.evaluate("e => e.getRootNode().activeElement == e"), f"{name} keeps the focus"


@pytest.mark.parametrize("page", PAGES)
def test_every_slider_follows_pointer_and_keys(visit, page):
    lab = visit(PAGES[page])
    lab.wait_state("finished")
    if page == "all settings":
        lab.settings()
    names = lab.until(lambda: lab.page.evaluate(KNOBS), "sliders")
    assert len(names) >= 2
    for name in names:
        drag_and_press(lab, name)
    lab.wait_state("finished")
    assert lab.alerts() == []
