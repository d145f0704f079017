"""What stands where on the page of a laboratory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import panel as pn
import panel_material_ui as pmui

from gnviz.lab.about import about
from gnviz.lab.figures.browser.clipping import Clipping
from gnviz.lab.figures.browser.keyboard import Keyboard
from gnviz.lab.figures.browser.viewport import DOCK
from gnviz.lab.lead import LeadLine
from gnviz.lab.look.button import Button
from gnviz.lab.look.layout import GAP, INK, PHONE, SHEET, SHORT, UPRIGHT, WHOLE, WIDE, sheet, stack
from gnviz.lab.look.menu import Menu

if TYPE_CHECKING:
    from gnviz.lab.controls.controls import Controls
    from gnviz.lab.controls.message import Message
    from gnviz.lab.figures.browser.plotly_script import PlotlyScript
    from gnviz.lab.figures.browser.viewport import Viewport
    from gnviz.lab.figures.reference import Reference
    from gnviz.lab.figures.stage import Stage
    from gnviz.lab.lessons.guide import Guide
    from gnviz.lab.map.page import MapPage
    from gnviz.lab.present import Present
    from gnviz.lab.run.pins import Pins
    from gnviz.lab.run.scrubber import Scrubber
    from gnviz.lab.run.status import StatusLines
    from gnviz.lab.run.transport import Transport
    from gnviz.lab.tools import Tools


DOCKED = (
    SHEET
    + f"""
@media {UPRIGHT} and (max-width: {PHONE}px), {SHORT} {{
  :host {{ position: sticky; bottom: calc(-1 * var(--under, 0px)); z-index: 4;
    box-shadow: 0 -2px 8px rgba(0, 0, 0, 0.25); }}
}}
"""
)
"""What steers the pictures: on a phone its upper end stays in sight below those that lead."""

AFTER = f"@media {SHORT} {{ :host {{ order: 1; }} }}"
"""Where only one of them is in sight, the knobs are, and not the clock."""

ON_PHONES = f"@media (min-width: {PHONE + 1}px) {{ :host {{ display: none; }} }}"
"""Elsewhere buttons in the page's head lead to the pages."""


class Parts(Protocol):
    """What a laboratory is made of."""

    pages: pmui.RadioButtonGroup
    automatic: pmui.Switch
    controls: Controls
    complaint: Message
    status: StatusLines
    reference: Reference
    stage: Stage
    map: MapPage
    scrubber: Scrubber
    pins: Pins
    reading: pn.pane.HTML
    transport: Transport
    tools: Tools
    guide: Guide
    present: Present
    script: PlotlyScript
    viewport: Viewport

    def restore(self) -> None:
        """Go back to the experiment that the page opens with."""
        ...


def buttons(pages: Mapping[str, str]) -> pmui.RadioButtonGroup:
    """Return the buttons of pages, given their names by their titles."""
    return pmui.RadioButtonGroup(options=dict(pages), size="small", margin=(4, 2))


def sidebar(lab: Parts) -> pn.viewable.Viewable:
    """Return all controls."""
    look: Any = {"named": "above", "stylesheets": [ON_PHONES], "margin": (4, 10)}
    there = Menu(lab.pages.options, label="Page", value=lab.pages.value, **look)
    lab.pages.link(there, value="value", bidirectional=True)
    restore = Button("Restore defaults", lab.restore, icon="restore")
    return stack(there, lab.automatic, restore, lab.controls)


def body(lab: Parts) -> pn.viewable.Viewable:
    """Return the leading pictures, what steers them, and the others; or the map in their place."""
    lab.tools.begin()
    above = stack(lab.status.headline, lab.reference.moved, lab.stage.leading)
    clock, pinned = stack(lab.scrubber, stylesheets=[INK, AFTER]), stack(lab.pins.chips, lab.reading)
    below = stack(lab.transport, lab.status.pane, lab.stage.others)
    look: Any = {"stylesheets": [DOCKED], "tags": [DOCK]}
    steering = sheet(clock, lab.controls.front, pinned, margin=(GAP, 0), **look)
    lab.map.instead_of(above, clock, pinned, below)
    lead = LeadLine(lab.pages, lab.controls, lab.guide).line
    shown = (lab.complaint, lead, above, lab.map, steering, below, end := about())
    lab.present.over(lab.stage, lab.status.headline, lab.status.pane, lead, end)
    unseen = (Clipping(height=0, margin=0), Keyboard(height=0, margin=0), lab.script, lab.viewport)
    return stack(*unseen, lab.guide.beside(*shown), margin=(8, 12), stylesheets=[INK, WHOLE])


def whole(lab: Parts) -> pn.viewable.Viewable:
    """Return everything, as for a notebook."""
    beside = stack(sidebar(lab), width=320, sizing_mode="fixed")
    return pn.Row(beside, stack(lab.pages, body(lab)), **WIDE)
