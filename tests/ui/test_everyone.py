"""No page shuts anyone out: axe-core finds nothing wrong in any, light or dark, but for the frame's own."""

from pathlib import Path

import axe_playwright_python
import pytest
from ui.conftest import ALL_ROWS
from ui.driver import NEURON, USUAL

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()

FRAME = {
    "aria-progressbar-name",
    "empty-heading",
    "heading-order",
}
"""What panel-material-ui's Page brings and lets nobody change: a nameless bar, and empty headings that make
room for its head. The test fails once these are gone, too."""

SIDEBAR = FRAME | {"aria-prohibited-attr"}
"""With its sidebar open, also the label of the edge that resizes it."""

PAGES = {
    "training": USUAL,
    "theory": f"page=theory&{USUAL}",
    "scaling": "page=scaling",
    "manifold": NEURON,
    "lesson": "lesson=damping&step=2",
    "decision": "data.kind=moons&data.n=20&network.width=20&clock.snapshots=30",
}
"""The pages of a run; `test_map` asks the same of the map."""


def violations(page):
    """Return what axe finds, by rule: where; the layer that Material opens for help is nobody's."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    own = {rule["id"]: [n for n in rule["nodes"] if "data-pmui-layer" not in n["html"]] for rule in found}
    return {
        rule: [(str(n["target"])[-90:], n["html"][:120]) for n in nodes]
        for rule, nodes in own.items()
        if nodes
    }


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_violation_of_its_own(visit, name):
    lab = visit(PAGES[name], height=ALL_ROWS)
    lab.wait_state("finished")
    lab.until(lab.all_drawn, "pictures")
    for scheme in ("light", "dark"):
        found = violations(lab.page)
        if found.keys() != FRAME:
            lab.page.wait_for_timeout(3000)  # colours may still be fading
            found = violations(lab.page)
        assert {rule: nodes for rule, nodes in found.items() if rule not in FRAME} == {}, scheme
        assert found.keys() == FRAME
        lab.page.get_by_role("button", name="Toggle theme").click()
        lab.page.wait_for_timeout(500)  # colours fade


def test_the_settings_have_none_either(visit):
    lab = visit(USUAL)
    lab.wait_finished()
    lab.settings()
    lab.page.get_by_role("slider", name="Samples").wait_for()
    found = violations(lab.page)
    assert {rule: nodes for rule, nodes in found.items() if rule not in SIDEBAR} == {}
    assert len(found["aria-prohibited-attr"]) == 1
