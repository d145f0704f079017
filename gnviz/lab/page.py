"""The served page: a laboratory in a frame, its settings in the URL."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui
from bokeh.document import Document
from panel.io.resources import LOCAL_DIST
from panel.util import edit_readonly

from gnviz.experiment import Experiment
from gnviz.knobs import KnobError
from gnviz.lab.board import SPANS
from gnviz.lab.laboratory import PERIOD, Laboratory
from gnviz.lab.layout import stack, text
from gnviz.lab.viewport import PHONE, Viewport

FIRST_MOMENT = 0.7
"""Most seconds that a page waits for its first moment, so as to be sent with it."""

SETTLED = 300
"""Milliseconds after loading until the page's frame follows changes from the server."""

TITLE = "gnviz · Gauss-Newton, live"


def page() -> pmui.Page:
    """Return the page for this session, training from the moment it is seen.

    The first moment is computed and drawn while the browser still loads its scripts.
    """
    pn.extension("plotly", design=None, notifications=True, reconnect=True)
    experiment, refusal = from_url()
    laboratory, viewport = Laboratory(experiment), Viewport(height=0, margin=0)
    settings = stack(text("The settings are on their way.", "note"))
    document = pn.state.curdoc
    if document and document.session_context:  # a visitor, not a rehearsal by --warm
        _stay_at_home(document)
        _prepare(laboratory, viewport, refusal)
    frame = pmui.Page(
        title=TITLE,
        main=[viewport, laboratory.body],
        sidebar=[settings],
        sidebar_width=320,
        theme_toggle=True,
        busy_indicator=None,
    )
    with edit_readonly(frame):
        frame.busy = False  # following the server's state searches all models at each callback
    pn.state.onload(lambda: _seen(laboratory, settings, frame, viewport))
    return frame


def _stay_at_home(document: Document) -> None:
    """Have style sheets come from this server also when no HTML is made for the session.

    So it is when a slow browser connects after its session was given up as unused: Bokeh makes another
    one, for which Panel would name its CDN.
    """
    root = f"{pn.state.rel_path}/" if pn.state.rel_path else ""
    document.template_variables.setdefault("dist_url", f"{root}{LOCAL_DIST}")


def _prepare(laboratory: Laboratory, viewport: Viewport, refusal: str) -> None:
    """Begin the first run, held at its first moment, and the session's clock and URL."""
    laboratory.unseen = True
    laboratory.start(paused=True)
    laboratory.complain(refusal)
    laboratory.live.wait(FIRST_MOMENT)
    laboratory.tick()
    pn.state.add_periodic_callback(lambda: _tick(laboratory, viewport), period=PERIOD)
    pn.state.on_session_destroyed(lambda _: laboratory.live.cancel())
    laboratory.controls.param.watch(_to_url, "experiment")


def _tick(laboratory: Laboratory, viewport: Viewport) -> None:
    """Draw what is new, as fast as the visitor's browser can show it."""
    if laboratory.tick(figures=viewport.figures(len(SPANS))):
        viewport.beat()


def _seen(laboratory: Laboratory, settings: pn.Column, frame: pmui.Page, viewport: Viewport) -> None:
    """Let the run go on, now that someone looks; what the first picture did not need comes after it."""
    laboratory.unseen = False
    laboratory.live.resume()
    pn.state.curdoc.add_timeout_callback(lambda: _complete(laboratory, settings, frame, viewport), SETTLED)


def _complete(laboratory: Laboratory, settings: pn.Column, frame: pmui.Page, viewport: Viewport) -> None:
    """Bring the settings, and close the sidebar where it would cover the pictures."""
    settings.objects = [laboratory.sidebar]
    if 0 < viewport.pixels < PHONE:
        frame.sidebar_open = False


def from_url() -> tuple[Experiment, str]:
    """Return the experiment in the URL, or the default and why the URL was refused."""
    query = (pn.state.location.search if pn.state.location else "") or ""
    try:
        return Experiment.from_query(query), ""
    except KnobError as error:
        return (
            Experiment(),
            f"The link's settings could not be used: {error}. Showing the default experiment.",
        )


def _to_url(event: Any) -> None:
    if pn.state.location:
        query = event.new.to_query()
        pn.state.location.search = f"?{query}" if query else ""
