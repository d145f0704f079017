"""What stands where on the page of a laboratory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import panel as pn
import panel_material_ui as pmui

from gnviz.lab.about import about
from gnviz.lab.figures.clipping import Clipping
from gnviz.lab.layout import GAP, WIDE, sheet, stack

if TYPE_CHECKING:
    from gnviz.lab.laboratory import Laboratory


def sidebar(lab: Laboratory) -> pn.viewable.Viewable:
    """Return all controls."""
    defaults = pmui.Button(label="Restore defaults", icon="restart_alt", size="small", variant="text")
    defaults.on_click(lambda _: lab.restore())
    return stack(lab.automatic, defaults, lab.controls)


def body(lab: Laboratory) -> pn.viewable.Viewable:
    """Return the leading pictures, what steers them, and the others; or the map in their place."""
    lab.tools.begin()
    above = stack(lab.status.headline, lab.reference.moved, lab.stage.leading)
    clock, pinned = stack(lab.scrubber), stack(lab.pins.chips, lab.reading)
    below = stack(lab.transport, lab.status.pane, lab.stage.others)
    steering = sheet(clock, lab.controls.front, pinned, margin=(GAP, 0))
    lab.map.instead_of(above, clock, pinned, below)
    shown = (lab.complaint, above, lab.map, steering, below, end := about())
    lab.present.over(lab.stage, lab.status.headline, lab.status.pane, end)
    unseen = (Clipping(height=0, margin=0), lab.script, lab.viewport)
    return stack(*unseen, lab.guide.beside(*shown), margin=(8, 12))


def whole(lab: Laboratory) -> pn.viewable.Viewable:
    """Return everything, as for a notebook."""
    return pn.Row(stack(lab.sidebar, width=320, sizing_mode="fixed"), stack(lab.pages, lab.body), **WIDE)
