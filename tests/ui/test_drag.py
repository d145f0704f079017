"""Sliders while they move: the pictures follow, and the drag and the focus stay."""

from ui.driver import NEURON, USUAL

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
