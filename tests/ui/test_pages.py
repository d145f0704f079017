"""The pages of theory, scaling and the manifold."""

import re

from ui.driver import NEURON, USUAL, Lab


def turn(lab: Lab, page: str, card: str) -> None:
    """Press a page's button, and wait for one of its cards and for its run."""
    lab.page.get_by_role("button", name=page, exact=True).click()
    lab.until(lambda: lab.page.locator("main").get_by_text(card, exact=True).count(), f"the page {page}")
    lab.wait_state("finished")


CAMERA = """(plots) => {
  const drawn = plots.find((plot) => plot.data?.some((trace) => trace.name == "M"))
  const {eye, center, up} = drawn._fullLayout.scene._scene.getCamera()
  return [eye, center, up].flatMap(({x, y, z}) => [x, y, z])
}"""
"""Where the surface is seen from, as WebGL draws it."""

NOW = """(plots) => {
  const drawn = plots.find((plot) => plot.data?.some((trace) => trace.name == "M"))
  const beside = drawn.data.filter((trace) => trace.type == "scatter3d")
  return beside.map((trace) => Array.from(trace.x).join()).join(";")
}"""
"""All that is drawn beside the surface, as one text."""


def camera(lab: Lab) -> list[float]:
    """Return eye, centre and upward direction of the surface's camera."""
    return lab.page.locator(".js-plotly-plot").evaluate_all(CAMERA)


def apart(one: list[float], other: list[float]) -> float:
    """Return the largest difference of two cameras, in units of the figure's size."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


STILL = 1e-6
"""Of a camera that was taken from WebGL, which keeps a matrix of it, and set again."""


def settled_picture(lab: Lab) -> str:
    """Return what is drawn in the surface's figure once it changes no more."""
    before = ""

    def at_rest() -> str:
        nonlocal before
        lab.page.wait_for_timeout(1500)
        then, before = before, lab.page.locator(".js-plotly-plot").evaluate_all(NOW)
        return before if before == then else ""

    return lab.until(at_rest, "a surface at rest")


def test_each_page_shows_its_figures(at):
    lab = at(USUAL)
    assert lab.page.evaluate("window.Plotly == null"), "a page of networks does not wait for Plotly"
    turn(lab, "Theory", "Rate of each mode")
    assert lab.figure("mode"), "nothing had to be run again"
    lab.until(lambda: "page=theory" in lab.page.url, "the page in the address")
    lab.page.reload()
    lab.wait_state("finished")
    assert lab.page.locator("main").get_by_text("Rate of each mode", exact=True).count()
    turn(lab, "Scaling", "Excess loss")
    lab.until(lambda: "falls as e⁻²ᵗ" in lab.headline(), "the law in words")
    assert "ensemble.alphas" in lab.page.url
    turn(lab, "Manifold", "The predictor manifold")
    lab.until(lambda: lab.surface() > 100, "a surface")
    assert "surface.model=neuron" in lab.page.url


def test_other_coordinates_move_gradient_flow_and_leave_gauss_newton(at):
    lab = at(NEURON)
    lab.choose("Coordinates", "w1 = sinh v1")
    line = lab.page.get_by_text("Largest distance on M")
    words = lab.until(lambda: line.count() and line.inner_text(), "distances")
    first, second = (
        float(re.search(rf"{run} ([\d.e+-]+)", words).group(1).rstrip(".")) for run in ("flow", "Newton")
    )
    assert first > 0.1
    assert second < 1e-3
    lab.choose("Coordinates", "w1 = v1")
    lab.until(lambda: not any(line.all_inner_texts()), "no distance")
    lab.wait_state("finished")


def test_the_dark_theme(at):
    lab = at(NEURON)
    light = background(lab)
    lab.page.get_by_role("button", name="Toggle theme").click()
    lab.until(lambda: background(lab) < light, "a darker page")
    lab.run_again()
    lab.wait_finished()
    lab.until(lambda: surface_margin(lab) == 0, "the surface filling its card, with no margin of the theme")
    lab.page.get_by_role("button", name="Toggle theme").click()
    lab.until(lambda: background(lab) == light, "the light page again")
    lab.page.wait_for_timeout(1000)  # the theme restyles the surface a little later
    lab.until(lambda: surface_margin(lab) == 0, "the surface filling its card again")


def surface_margin(lab) -> int:
    """Return the left margin, in pixels, that the surface was drawn with."""
    return lab.page.locator(".js-plotly-plot").evaluate("e => e._fullLayout.margin.l")


def background(lab) -> int:
    """Return the brightness of the page's ground, 0 to 255."""
    colour = lab.page.evaluate("getComputedStyle(document.body).backgroundColor")
    return int(colour.partition("(")[2].split(",")[0])


def test_a_click_in_the_parameter_plane_is_the_new_start(at):
    lab = at(NEURON)
    lab.until(lambda: lab.surface() > 100, "a surface")
    card = lab.page.get_by_text("Parameter plane", exact=True).bounding_box()
    lab.page.mouse.click(card["x"] + 180, card["y"] + 150)
    lab.until(lambda: "surface.start=" in lab.page.url, "the start in the address")
    lab.wait_state("finished")


START = """() => {
  for (const doc of Bokeh.documents) for (const model of doc._all_models.values())
    if (model.type == "Figure" && Bokeh.index.find_one_by_id(model.id)?.el.isConnected)
      for (const r of model.renderers) if (r.name == "start" && r.data_source.data.v1) {
        const view = Bokeh.index.find_one_by_id(model.id), box = view.canvas_view.el.getBoundingClientRect()
        const {v1: [a], v2: [b]} = r.data_source.data, {x_scale, y_scale} = view.frame
        return [a, b, box.x + x_scale.compute(a), box.y + y_scale.compute(b)]
      }
}"""
"""Where the start is in the parameter plane: its parameters, and pixels of the page."""


def test_the_start_is_dragged_in_the_parameter_plane_and_the_run_follows(at):
    lab = at(NEURON, free=("surface.start",))
    lab.until(lambda: lab.surface() > 100, "a surface")
    lab.wait_state("finished")
    first, _, x, y = lab.page.evaluate(START)
    addresses = set()
    lab.page.mouse.move(x, y)
    lab.page.mouse.down()
    for step in range(1, 6):
        lab.page.mouse.move(x + 8 * step, y - 6 * step)
        lab.until(lambda: lab.page.evaluate(START)[0] > first, "the start under the pointer")
        addresses.add(lab.page.url)
        lab.page.wait_for_timeout(250)
    lab.page.mouse.up()
    lab.until(lambda: len(addresses | {lab.page.url}) > 2, "runs on the way")
    lab.wait_state("finished")
    lab.until(lambda: abs(lab.page.evaluate(START)[2] - x - 40) < 2, "the run from where it was let go")
    assert abs(lab.page.evaluate(START)[3] - y + 30) < 2


def test_the_camera_stays_where_it_was_turned(at):
    lab = at(NEURON, free=("surface.start",))
    lab.until(lambda: lab.surface() > 100, "a surface")
    settled_picture(lab)
    address = lab.page.url
    first, place = camera(lab), lab.page.locator(".js-plotly-plot").first.bounding_box()
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    lab.page.mouse.move(x, y)
    lab.page.mouse.down()
    lab.page.mouse.move(x + 90, y + 40, steps=8)
    lab.page.mouse.up()
    turned = lab.until(lambda: apart(camera(lab), first) > 0.1 and camera(lab), "a surface turned")
    before = settled_picture(lab)
    assert apart(camera(lab), turned) < STILL, "drawn again after the pointer has left it"
    assert lab.page.url == address, "a turn is no click"
    lab.slider("y1").press("ArrowRight")
    lab.until(lambda: lab.page.url != address, "another target")
    lab.wait_state("finished")
    after = settled_picture(lab)
    assert after != before, "another run"
    assert apart(camera(lab), turned) < STILL, "after a run"
    lab.page.get_by_role("combobox", name="Speed of playing").select_option("slow")
    lab.page.get_by_role("button", name="Play the recording").click()
    seen = set()

    def live() -> bool:
        seen.add(lab.page.locator(".js-plotly-plot").evaluate_all(NOW))
        assert apart(camera(lab), turned) < STILL, "while the recording plays"
        return len(seen) > 3

    lab.until(live, "moving pictures")
    lab.page.keyboard.press("End")
    after = settled_picture(lab)
    lab.page.get_by_role("slider", name="Time shown").press("Home")
    lab.until(lambda: lab.page.locator(".js-plotly-plot").evaluate_all(NOW) != after, "the start")
    assert settled_picture(lab) != after
    assert apart(camera(lab), turned) < STILL, "after a scrub"


def test_a_surface_that_cannot_be_is_refused_in_words(visit):
    lab = visit("surface.model=formula&surface.formula=w1*z&methods=gauss-newton")
    assert "surface.formula" in lab.wait_alert("could not be used")
    lab.wait_finished()


LEGENDS = """() => Bokeh.documents.flatMap((doc) => [...doc._all_models.values()])
  .filter((m) => m.type == "Legend" && m.visible && m.items.some((item) => item.visible))
  .map((m) => Bokeh.index.find_one_by_id(m.id)).filter((view) => view?.parent?.el?.getClientRects().length)
  .map((view) => [view.bbox.right, view.parent.bbox.width])"""


def test_a_legend_has_as_many_columns_as_there_is_room_for(visit):
    lab = visit("methods=hybrid(by=time,floor=1e-6);exponential(rate=0.01);gradient-flow;gauss-newton")
    lab.wait_finished()
    for width in (1440, 390, 900):
        lab.page.set_viewport_size({"width": width, "height": 900})
        lab.page.wait_for_timeout(500)
        lab.until(lambda: lab.page.evaluate(LEGENDS), "legends")
        lab.until(lambda: all(right <= room + 1 for right, room in lab.page.evaluate(LEGENDS)), "none cut")


SAMPLES = """() => Bokeh.documents.flatMap((doc) => [...doc._all_models.values()])
  .filter((m) => m.type == "Legend" && m.visible).map((m) => Bokeh.index.find_one_by_id(m.id))
  .filter((view) => view?.parent?.el?.getClientRects().length).flatMap((view) => view.entries)
  .filter(({item}) => item.visible).map(({glyph: {canvas}}) => canvas.width > 0
    && canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((x) => x > 0))"""


def test_a_legends_samples_stay_while_time_and_theme_change(visit):
    lab = visit("data.condition=1e5&network.width=50&clock.snapshots=60")
    lab.wait_finished()
    lab.until(lambda: lab.page.evaluate(SAMPLES) and all(lab.page.evaluate(SAMPLES)), "all samples")
    for _ in range(3):
        lab.page.keyboard.press("ArrowLeft")
        lab.page.wait_for_timeout(300)
    lab.page.set_viewport_size({"width": 700, "height": 900})
    lab.page.wait_for_timeout(500)
    assert all(lab.page.evaluate(SAMPLES)), "at another time, in a narrower window"
    lab.page.get_by_role("button", name="Toggle theme").click()
    lab.page.wait_for_timeout(1500)
    lab.until(lambda: all(lab.page.evaluate(SAMPLES)), "all samples in the dark")
