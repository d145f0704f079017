"""The upper layer of a figure, cut off at the frame.

Bokeh paints a figure on two canvases, and only the upper one anew where nothing else has changed: marks that
move are there. What it paints there may leave the frame, for the sake of annotations: a curve would run over
axes and titles as soon as the user zooms (bokeh/bokeh#9260, closed as intended).
"""

from __future__ import annotations

import panel as pn


class Clipping(pn.custom.JSComponent):
    """Has the browser clip every curve and marker to its figure's frame, on both canvases."""

    _esm = """
export function render() {
  const view = window.Bokeh?.Models.get("GlyphRenderer").prototype.default_view  // no Bokeh, no figures
  if (view) Object.defineProperty(view.prototype, "needs_clip", {get: () => true, configurable: true})
}
"""
