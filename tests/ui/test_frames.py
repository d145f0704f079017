"""Pictures stay within their frames."""

from ui.driver import USUAL

UPPER = """(zoom) => {
  const painted = (view) => {
    const {canvas, pixel_ratio: ratio} = view.canvas_view.overlays
    const {data, width} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
    const {left, right, top, bottom} = view.frame.bbox
    const found = {inside: 0, outside: 0}
    for (let i = 3; i < data.length; i += 4) if (data[i]) {
      const pixel = (i - 3) / 4, x = (pixel % width) / ratio, y = Math.floor(pixel / width) / ratio
      found[x < left - 1 || x > right + 1 || y < top - 1 || y > bottom + 1 ? "outside" : "inside"]++
    }
    return found
  }
  for (const doc of Bokeh.documents) for (const model of doc._all_models.values()) {
    const view = model.type == "Figure" && Bokeh.index.find_one_by_id(model.id)
    if (!view?.el?.isConnected || !model.renderers.some((r) => r.data_source?.data.coordinate)) continue
    const {start, end} = model.y_range, middle = (start + end) / 2, half = (end - start) / 2 / zoom
    model.y_range.setv({start: middle - half, end: middle + half})
    view.force_paint(() => view.repaint())
    return painted(view)
  }
}"""
"""Pixels of the fit's upper canvas that are painted, in and out of its frame, after zooming in."""


def test_curves_on_the_upper_canvas_end_at_the_frame_when_the_user_zooms_in(at):
    lab = at(USUAL)
    before = lab.page.evaluate(UPPER, 1)
    assert before["inside"] > 100
    after = lab.page.evaluate(UPPER, 3)
    assert after["inside"] > 100
    assert after["outside"] == before["outside"] == 0
    lab.page.evaluate(UPPER, 1 / 3)
