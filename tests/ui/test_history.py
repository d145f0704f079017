"""The browser's Back and Forward bring settings, page and run together."""

import re

from playwright.sync_api import expect

SMALL = "data.condition=1e5&network.width=50&clock.snapshots=60"


def settings(lab):
    """Return what the page says of its settings, wherever the address leads."""
    page = lab.page
    said = [slider.get_attribute("aria-label") for slider in page.get_by_role("slider").all()]
    pressed = page.locator("header button[aria-pressed=true]").inner_text()
    on = page.get_by_role("switch", name="Pure Gauss-Newton").is_checked()
    return pressed, on, [label for label in said if label and "κ" in label]


def changed(lab, before):
    """Wait until the address has changed and return it."""
    lab.until(lambda: lab.page.url != before, "another address")
    return lab.page.url


def test_back_and_forward_restore_settings_page_and_run(visit):
    lab = visit(SMALL)
    lab.wait_growing()
    lab.settings()
    kappa = lab.slider("Conditioning")
    kappa.wait_for()  # a slider has its name once it is drawn
    changes = [
        lambda: kappa.press("ArrowRight"),
        lambda: lab.page.get_by_role("switch", name="Pure Gauss-Newton").click(),
        lambda: lab.page.get_by_role("button", name="Theory").click(),
        lambda: lab.type("Width", 60),
    ]
    places = [(lab.page.url, settings(lab))]
    for change in changes:
        change()
        changed(lab, places[-1][0])
        lab.page.wait_for_timeout(1500)
        places.append((lab.page.url, settings(lab)))
    assert len({url for url, _ in places}) == len(places)
    for (url, said), move in [*((p, lab.page.go_back) for p in reversed(places[:-1])),
                              *((p, lab.page.go_forward) for p in places[1:])]:  # fmt: skip
        move(wait_until="commit")
        expect(lab.page).to_have_url(re.compile(re.escape(url) + "$"))
        lab.until(lambda said=said: settings(lab) == said, f"the settings {said}")
    lab.wait_state("running", "finished")
    lab.until(lambda: "Gauss-Newton" in " ".join(lab.runs()), "the run of the last settings")


def test_a_drag_is_one_entry(visit):
    lab = visit("page=manifold")
    lab.wait_state("running", "finished")
    slider = lab.slider("w1")
    slider.scroll_into_view_if_needed()
    first, entries = lab.page.url, lab.page.evaluate("history.length")
    box = slider.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    lab.page.mouse.move(x, y)
    lab.page.mouse.down()
    for step in range(1, 9):
        lab.page.mouse.move(x + 8 * step, y)
        lab.page.wait_for_timeout(100)
    lab.page.mouse.up()
    changed(lab, first)
    lab.page.wait_for_timeout(2000)
    assert lab.page.evaluate("history.length") == entries + 1
    lab.page.go_back(wait_until="commit")
    lab.until(lambda: lab.page.url == first, "the address before the drag")
