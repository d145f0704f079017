"""Sliders while they move: the pictures follow, and the drag and the focus stay."""

import pytest
from ui.driver import NEURON, USUAL

from gnviz.lab.server.address import read

FROZEN = """() => {
  for (const doc of Bokeh.documents) for (const model of doc._all_models.values())
    if (model.type == "Figure" && Bokeh.index.find_one_by_id(model.id)?.el.isConnected)
      for (const r of model.renderers) if (r.name == "gradient-flow · frozen kernel")
        return Array.from(r.data_source.data.loss).join()
}"""
"""The loss that gradient flow would have if the kernel stayed."""


def thumb(slider):
    """Return where on the page a slider's thumb is, and how long the slider is, in pixels."""
    box = slider.evaluate(
        """e => { const box = e.getBoundingClientRect(), across = box.width - 16  // its thumb is 16 wide
          const share = (e.valueAsNumber - e.min) / (e.max - e.min)
          return [box.x + 8 + across * share, box.y + box.height / 2, across] }"""
    )
    return tuple(box)


def test_pictures_follow_a_slider_while_it_is_dragged(at):
    lab = at(USUAL, free=("data.condition",))
    slider = lab.slider("Conditioning")
    slider.scroll_into_view_if_needed()
    x, y, _ = thumb(slider)
    seen, addresses = {lab.page.evaluate(FROZEN)}, set()

    def another() -> bool:
        """Return whether there is a picture that was not seen before."""
        picture = lab.page.evaluate(FROZEN)
        new = picture not in seen
        seen.add(picture)
        addresses.add(lab.page.url)
        return new

    lab.page.mouse.move(x, y)
    lab.page.mouse.down()
    for step in range(1, 7):
        lab.page.mouse.move(x + 8 * step, y)
        lab.until(another, "the prediction for where the slider is, with the button still down")
    lab.page.mouse.up()
    assert len(addresses) > 2
    lab.wait_finished()
    condition = float(slider.get_attribute("aria-label").split()[-1])
    assert condition > 1e5
    lab.until(lambda: abs(lab.reached() / condition - 1) < 0.01, "the run of the last place")


def test_ten_presses_of_an_arrow_move_ten_steps_and_keep_the_focus(at):
    lab = at(NEURON, free=("surface.",))
    slider = lab.slider("y3")
    slider.focus()
    first = float(slider.input_value())
    for _ in range(10):
        lab.page.keyboard.press("ArrowRight" if first < 1 else "ArrowLeft")
        lab.page.wait_for_timeout(120)
    lab.until(lambda: abs(abs(float(slider.input_value()) - first) - 0.3) < 1e-6, "ten steps of 0.03")
    assert slider.evaluate("e => e.getRootNode().activeElement == e")
    lab.wait_state("finished")


SPOT = """(name) => {
  const view = [...Bokeh.index.query((v) => v.model.type.includes("Plotly"))][0], plot = view.container
  const scene = plot._fullLayout.scene._scene, trace = plot.data.find((t) => t.name == name)
  const {projection, view: turn, model} = scene.glplot.cameraParams
  const parts = [projection, turn, model].map((m) => new DOMMatrix(Array.from(m)))
  const all = parts.reduce((a, b) => a.multiply(b)).scale(...scene.dataScale)
  const at = all.transformPoint(new DOMPoint(trace.x[0], trace.y[0], trace.z[0]))
  const room = scene.glplot.canvas.getBoundingClientRect()
  const x = room.left + (1 + at.x / at.w) / 2 * room.width, y = room.top + (1 - at.y / at.w) / 2 * room.height
  const place = [trace.x[0], trace.y[0], trace.z[0]]
  const eye = Object.values(scene.getCamera().eye).map((v) => v.toFixed(6)).join()
  const empty = [room.left + 0.1 * room.width, room.top + 0.9 * room.height]
  return {x, y, place, eye, empty}
}"""
"""Where a point of the surface's picture is in the window and in space, where the camera stands, and a place
in the window where nothing is drawn."""


def settings(lab):
    """Return where the start and the target are, by the address."""
    surface = read(lab.page.url.partition("?")[2]).experiment.surface
    return surface.place.start, surface.place.target


@pytest.mark.parametrize("name", ["target y", "start"])
def test_a_point_in_space_is_dragged_and_the_paths_follow_while_the_button_is_down(at, name):
    lab = at(NEURON, free=("surface.",))
    before, where = lab.page.evaluate(SPOT, name), settings(lab)
    lab.page.mouse.move(before["x"], before["y"])
    lab.page.mouse.down()
    for k in range(1, 9):
        lab.page.mouse.move(before["x"] - 4 * k, before["y"] + 4 * k)
        lab.page.wait_for_timeout(50)
    lab.until(lambda: settings(lab) != where, "a run of where it is, with the button still down")
    lab.until(lambda: lab.state() == "finished" and not lab.faint(), "its picture")
    held = lab.page.evaluate(SPOT, name)
    assert held["eye"] == before["eye"], "the camera stands still"
    assert held["place"] != before["place"]
    lab.page.mouse.up()
    lab.wait_state("finished")
    start, target = settings(lab)
    assert (start == where[0], target == where[1]) == ((True, False) if name == "target y" else (False, True))
    lab.until(lambda: lab.page.evaluate(SPOT, name)["place"] != before["place"], "the point where it was put")
    if name == "target y":
        lab.until(lambda: near(lab.page.evaluate(SPOT, name)["place"], target), "the target that is set")


def near(a, b):
    return max(abs(x - y) for x, y in zip(a, b, strict=True)) < 1e-2


def test_beside_its_points_a_drag_turns_the_surface(at):
    lab = at(NEURON, free=("surface.",))
    before, where = lab.page.evaluate(SPOT, "target y"), settings(lab)
    x, y = before["empty"]

    def turned() -> bool:
        """Drag, and return whether the camera is elsewhere: a picture that was on its way may put it back."""
        lab.page.mouse.move(x, y)
        lab.page.mouse.down()
        lab.page.mouse.move(x + 60, y, steps=8)
        lab.page.mouse.up()
        return lab.page.evaluate(SPOT, "target y")["eye"] != before["eye"]

    lab.until(turned, "another camera")
    assert settings(lab) == where
