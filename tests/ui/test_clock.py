"""One clock for all pictures, and one mode singled out in all of them."""

import math

from ui.driver import USUAL, Lab

PLACE = """(mode) => {
  for (const doc of Bokeh.documents) for (const model of doc._all_models.values()) {
    const view = model.type == "Figure" && Bokeh.index.find_one_by_id(model.id)
    if (!view?.el?.isConnected) continue
    for (const {data_source: source} of model.renderers) {
      if (Object.keys(source?.data ?? {})[0] != "mode") continue  // by another axis
      const x = source?.data.mode?.[mode - 1], y = source?.data.eigenvalue?.[mode - 1]
      if (!isFinite(x) || !isFinite(y)) continue
      const corner = view.canvas_view.el.getBoundingClientRect(), {x_scale, y_scale} = view.frame
      return [corner.x + x_scale.compute(x), corner.y + y_scale.compute(y)]
    }
  }
}"""
"""Where on the page the first run's eigenvalue number `mode` stands in the spectrum."""

CURSORS = """() => {
  const found = []
  for (const doc of Bokeh.documents) for (const model of doc._all_models.values())
    if (model.type == "Figure" && Bokeh.index.find_one_by_id(model.id)?.el.isConnected)
      found.push(...model.center.filter((c) => c.type == "Span" && c.visible).map((c) => c.location))
  return found
}"""
"""Times of the cursors in sight."""

LATER = """() => {
  const found = []
  for (const doc of Bokeh.documents) for (const model of doc._all_models.values())
    if (model.type == "Figure" && Bokeh.index.find_one_by_id(model.id)?.el.isConnected)
      found.push(...model.center.filter((c) => c.type == "BoxAnnotation" && c.visible)
        .map((c) => [c.left, c.fill_color]))
  return found
}"""
"""From when on figures over time are covered, and in which colour."""

STRENGTHS = """() => {
  const found = {}
  for (const doc of Bokeh.documents) for (const model of doc._all_models.values())
    if (model.type == "Figure" && Bokeh.index.find_one_by_id(model.id)?.el.isConnected)
      for (const r of model.renderers) if (/^mode \\d+$/.test(r.name ?? ""))
        (found[r.name] ??= []).push(r.glyph.line_alpha.value ?? r.glyph.line_alpha)
  return found
}"""
"""Opacity of each mode's curves, by its label."""

FIT = """() => {
  for (const doc of Bokeh.documents) for (const model of doc._all_models.values())
    if (model.type == "Figure" && Bokeh.index.find_one_by_id(model.id)?.el.isConnected) {
      const curve = model.renderers.find((r) => r.name == "gradient-flow" && r.data_source.data.coordinate)
      if (curve) return Array.from(curve.data_source.data.value)
    }
}"""
"""Gradient flow's fitted curve."""


def scrubbed(lab: Lab) -> str:
    """Return what the scrubber's clock says."""
    return lab.page.get_by_role("slider", name="Time shown").get_attribute("aria-valuetext")


def settled_fit(lab: Lab) -> list[float]:
    """Return the fitted curve once it moves no more: figures take turns, and it may lag behind the loss."""
    before: list[list[float]] = [[]]

    def at_rest() -> list[float]:
        lab.page.wait_for_timeout(2000)
        then, before[0] = before[0], lab.page.evaluate(FIT)
        return before[0] if before[0] == then else []

    return lab.until(at_rest, "a fit at rest")


def test_the_scrubber_moves_every_plot_during_and_after_a_run(at):
    lab = at(USUAL)
    last, end = settled_fit(lab), scrubbed(lab)
    slider = lab.page.get_by_role("slider", name="Time shown")
    slider.focus()
    for _ in range(40):
        slider.press("ArrowLeft")
    lab.until(lambda: len(lab.page.evaluate(CURSORS)) == 3, "a cursor in each figure over time")
    lab.until(lambda: len(set(lab.page.evaluate(CURSORS))) == 1, "all at one time")
    lab.until(lambda: lab.page.evaluate(FIT) != last, "the fit as it was then")
    assert scrubbed(lab) != end

    def under_paper() -> list[str]:
        """Return the colours of what covers the curves from the cursors on."""
        covered, cursors = lab.page.evaluate(LATER), lab.page.evaluate(CURSORS)
        return [colour for _, colour in covered] if [left for left, _ in covered] == cursors else []

    covered = lab.until(under_paper, "what comes later is faint")
    paper = "getComputedStyle(document.documentElement).getPropertyValue('--mui-palette-background-paper')"
    assert set(covered) == {lab.page.evaluate(paper)}
    then = scrubbed(lab)
    lab.page.get_by_role("button", name="One moment on").click()
    lab.until(lambda: scrubbed(lab) != then, "one moment on")
    lab.page.keyboard.press("ArrowLeft")
    lab.until(lambda: scrubbed(lab) == then, "a step by key: the button clicked on leaves the keys alone")
    lab.page.get_by_role("button", name="Play the recording").click()
    lab.until(lambda: not lab.page.evaluate(CURSORS), "the recording played to its end")
    assert scrubbed(lab) == end
    assert not lab.page.evaluate(LATER)
    lab.until(lambda: lab.page.evaluate(FIT) == last, "the fit as it is")
    lab.begin(moments=8)
    slider.press("Home")
    lab.until(lambda: len(lab.page.evaluate(CURSORS)) == 3, "cursors while the run goes on")
    held, before = settled_fit(lab), lab.moments()
    lab.press("Go on")
    lab.wait_growing(beyond=before + 3)
    assert lab.page.evaluate(FIT) == held, "the moment gone to stays"
    lab.wait_finished()
    assert lab.page.evaluate(FIT) == held, "to the end"
    lab.run_again()
    lab.wait_finished()
    lab.until(lambda: not lab.page.evaluate(CURSORS), "a new run followed")


def test_a_click_on_an_eigenvalue_is_answered_in_every_linked_plot(at):
    lab = at(USUAL)
    lab.page.get_by_text("Spectrum of the kernel", exact=True).scroll_into_view_if_needed()
    lab.page.mouse.wheel(0, 600)
    lab.page.wait_for_timeout(500)
    lab.page.mouse.click(*lab.page.evaluate(PLACE, 3))
    lab.until(lambda: lab.page.get_by_text("Mode 3: λ =").count(), "what is known of the mode")
    strengths = lab.until(
        lambda: (found := lab.page.evaluate(STRENGTHS))["mode 1"] == [0.2, 0.2] and found, "faint modes"
    )
    assert strengths["mode 3"] == [1, 1], "in the modes and in the eigenvalues over time"
    lab.until(lambda: lab.figure("value"), "the fit")
    shapes = lab.page.evaluate(FIT.replace("gradient-flow", "shape of the mode"))
    assert all(math.isfinite(height) for height in shapes)
