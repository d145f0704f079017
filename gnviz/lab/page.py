"""The served page: a laboratory in a frame, its settings in the URL."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui
from bokeh.application.application import SessionContext
from bokeh.document import Document
from panel.io.resources import LOCAL_DIST
from panel.util.parameters import edit_readonly

from gnviz.lab.controls.upload import lacks_table
from gnviz.lab.laboratory import Laboratory
from gnviz.lab.look.button import Button
from gnviz.lab.look.layout import PHONE, flow, stack, text
from gnviz.lab.look.theme import DARK, Theme
from gnviz.lab.run.plans import PLANS
from gnviz.lab.server.address import Visited, read, write
from gnviz.lab.server.again import Again, forgotten
from gnviz.lab.server.forgetting import forget_when_left
from gnviz.lab.server.history import History
from gnviz.lab.server.presence import Presence, connected
from gnviz.lab.server.prewarmed import shared_prewarmed

HEAD_START = 500
"""Milliseconds in which the server is free to send the scripts; after them it is busy with the pictures."""

FIRST = 8
"""Moments that are computed before the browser has drawn the page: enough for curves to be seen."""

SETTLED = 300
"""Milliseconds after loading until the page's frame follows changes from the server."""

PAGES = 630
"""Pixels of the pages' buttons and the settings', in the page's head."""

WITH_ROOM = f"@media (max-width: {PHONE}px) {{ :host {{ display: none; }} }}"
"""On a phone the lessons lead to the pages: its head has no room for buttons."""

ON_BLUE = {
    "& .MuiButtonBase-root:not(.Mui-selected)": {"color": "#fff !important", "borderColor": "#fff8"},
    "& .MuiButtonBase-root.Mui-selected:hover": {"backgroundColor": "#fff !important"},
}
"""Material's style of the pages' buttons in the page's head."""

WHITE = "button.open.quiet { color: #fff; }"
"""Style of a button there."""

HEAD: dict[str, Any] = {
    "& .title": {
        "whiteSpace": "nowrap",
        f"@media (min-width: {PHONE + 1}px) and (max-width: 1000px)": {"display": "none"},
    },
    "@media (max-height: 500px)": {"& .MuiToolbar-root": {"minHeight": "44px"}},
}
"""Material's style of the page's head: its title leaves the room to the pages' buttons, and a phone that is
turned needs all its height."""

TITLE = "gnviz · Gauss-Newton"


def page() -> pmui.Page:
    """Return the page for this session, empty; it is filled while the browser loads its scripts."""
    document = pn.state.curdoc
    if document and forgotten(document):
        _stay_at_home(document)
        forget_when_left(document)
        return pmui.Page(title=TITLE, main=[Again()])
    query = (pn.state.location.search if pn.state.location else "") or ""
    visited = read(query)
    at_once = ["plotly"] if PLANS[visited.page].by_plotly else []
    pn.extension(*at_once, design=None, notifications=True, reconnect=True)
    history = History(written=[0, query], height=0, margin=0)
    theme = Theme()
    pictures, settings = stack(), stack(text("The settings are on their way.", "note"))
    pages = stack(width=PAGES, sizing_mode=None, margin=(0, 0, 0, 24), stylesheets=[WITH_ROOM])
    frame = pmui.Page(
        title=TITLE,
        header=[pages],
        main=[history, theme, pictures],
        sidebar=[settings],
        sidebar_width=320,
        sidebar_open=False,
        theme_toggle=True,
        dark_theme=theme.shown == DARK,
        busy_indicator=None,
        sx=HEAD,
    )
    with edit_readonly(frame):
        # Following the server's state goes through all parameters, and all models, at each callback. Another
        # parameter in its place, which never changes, ends that; a plain value would leave a watcher behind.
        frame.busy = pictures.param.loading
    if document and document.session_context:  # a visitor, not a rehearsal by --warm
        _stay_at_home(document)
        forget_when_left(document)
        visit = Visit(document, frame, history, theme, pictures, settings, pages, visited)
        document.add_timeout_callback(visit.fill_ahead, HEAD_START)
        pn.state.onload(visit.seen)
    return frame


class Visit:
    """One visitor's page: filled, then seen, then completed.

    The browser asks for the document once it has loaded its scripts; what the server has done until then
    comes in one piece. Each figure that came later would lay out the page again. A run begins once the
    browser is connected: a crawler's request, behind which there is none, takes no worker.

    Args:
        document: The session's.
        frame: The page.
        history: The browser's.
        theme: What the browser remembers of light and dark.
        pictures: Where everything but the controls goes.
        settings: Where the controls go.
        pages: Where the pages' buttons go.
        visited: What to begin with.
    """

    def __init__(
        self,
        document: Document,
        frame: pmui.Page,
        history: History,
        theme: Theme,
        pictures: pn.Column,
        settings: pn.Column,
        pages: pn.Column,
        visited: Visited,
    ) -> None:
        self._visited = visited
        self._document, self._frame, self._history, self._theme = document, frame, history, theme
        self._returning, self._waiting = False, True  # the settings wait to be asked for
        self._pictures, self._settings, self._pages = pictures, settings, pages
        self._laboratory: Laboratory | None = None
        self._begun = False

    def fill_ahead(self) -> None:
        """Fill the page, unless the browser has it already: then it takes changes only once it is loaded."""
        if not self._laboratory and not connected(self._document):
            self._fill()

    def seen(self) -> None:
        """Let the run go on, now that someone looks."""
        laboratory = self._fill()
        self._begin()
        if self._begun:
            laboratory.transport.refresh()
        else:
            laboratory.start()  # which says why there is no run
        if self._visited.refusal:
            laboratory.complaint.say(self._visited.refusal)
        laboratory.live.resume()
        laboratory.pins.want(self._visited.pins)
        laboratory.beat()
        self._document.add_timeout_callback(self._complete, SETTLED)

    def _begin(self) -> None:
        """Begin the first run, held at its first moments, now that there is a visitor.

        Nothing of the page may change before it is `seen`: what does while the browser takes it is lost (see
        `presence.taken`).
        """
        laboratory = self._laboratory
        if not laboratory or self._begun or laboratory.map.open:
            return
        if not lacks_table(laboratory.controls.experiment):
            self._begun = True
            laboratory.compute(paused=True, moments=FIRST)

    def _away(self) -> None:
        """End the run of a visitor who has gone, whether or not the session is kept."""
        if self._laboratory:
            self._laboratory.cancel()

    def _fill(self) -> Laboratory:
        """Return the page's laboratory, with its pictures and the session's URL; made once."""
        if self._laboratory:
            return self._laboratory
        experiment, page = self._visited[:2]
        made = shared_prewarmed().take(experiment)
        laboratory = self._laboratory = made or Laboratory(experiment)
        laboratory.script.ready = PLANS[page].by_plotly
        laboratory.map.load(self._visited.map)
        laboratory.pages.value = page
        laboratory.viewport.near = []  # the browser will say
        self._presence = Presence(self._document, self._begin, self._away)
        self._pictures.objects = [laboratory.body]
        pn.state.on_session_destroyed(self._leave)
        laboratory.controls.param.watch(self._to_url, "experiment")
        laboratory.pages.param.watch(self._to_url, "value")
        laboratory.map.param.watch(self._to_url, "settings")
        laboratory.pins.param.watch(self._to_url, "wanted")
        laboratory.guide.view.param.watch(self._to_url, ["lesson", "step", "closed"])
        laboratory.guide.view.param.watch(self._make_room, "closed")
        if self._visited.lesson:
            laboratory.guide.arrive(self._visited.lesson, self._visited.step)
        self._history.param.watch(self._return, "came")
        self._name_page()
        laboratory.pages.param.watch(self._turned, "value")
        return laboratory

    def _turned(self, _: Any) -> None:
        """Name the page that was chosen; on a phone the drawer that it was chosen in lies over it."""
        self._name_page()
        if self._laboratory and 0 < self._laboratory.viewport.pixels < PHONE:
            self._frame.sidebar_open = False

    def _name_page(self) -> None:
        """Let the browser's tab and history say which page is open."""
        assert self._laboratory
        self._document.title = f"{PLANS[str(self._laboratory.pages.value)].title} · {TITLE}"

    def _complete(self) -> None:
        """Bring the pages' buttons; the settings come once they are asked for."""
        laboratory = self._laboratory
        assert laboratory
        self._theme.dress(self._frame)
        self._frame.param.watch(self._bring_settings, "sidebar_open")
        if self._frame.sidebar_open:  # by a visitor who was quicker
            self._bring_settings(None)
        laboratory.pages.sx = ON_BLUE
        look = {"icon": "settings", "kind": "quiet", "margin": 0, "stylesheets": [WHITE]}
        more = Button("All settings", self._turn_sidebar, **look)
        self._pages.objects = [flow(laboratory.pages, more, wrap=False, gap="12px")]

    def _make_room(self, event: Any) -> None:
        """Close the sidebar for a lesson that is opened."""
        if not event.new:
            self._frame.sidebar_open = False

    def _bring_settings(self, _: Any) -> None:
        """Fill the sidebar when it is first opened: the browser pays for every widget, seen or not."""
        assert self._laboratory
        if self._waiting:
            self._settings.objects, self._waiting = [self._laboratory.sidebar], False

    def _turn_sidebar(self) -> None:
        self._frame.sidebar_open = not self._frame.sidebar_open

    def _to_url(self, *_: Any) -> None:
        """Write settings and page into the address, unless they come from there."""
        lab = self._laboratory
        assert lab
        if not self._returning:
            self._history.write(write(*lab.here, *lab.guide.place, lab.map.settings, lab.pins.wanted))

    def _return(self, event: Any) -> None:
        """Go where the browser's Back or Forward leads: settings, page and run together."""
        assert self._laboratory
        _, query = event.new
        wanted = read(query)
        self._returning = True
        try:
            self._laboratory.guide.open(wanted.lesson, wanted.step)
            self._laboratory.map.load(wanted.map)
            self._laboratory.go_to(wanted.experiment, wanted.page)
            self._laboratory.pins.want(wanted.pins)
        finally:
            self._returning = False
        if wanted.refusal:
            self._laboratory.complaint.say(wanted.refusal)
        self._history.write(query)

    def _leave(self, context: SessionContext) -> None:
        """Make a laboratory for the next visitor where nobody is left to be disturbed."""
        if not context.server_context.sessions:
            shared_prewarmed().make()


def _stay_at_home(document: Document) -> None:
    """Have style sheets come from this server also when no HTML is made for the session.

    So it is when a slow browser connects after its session was given up as unused: Bokeh makes another
    one, for which Panel would name its CDN.
    """
    root = f"{pn.state.rel_path}/" if pn.state.rel_path else ""
    document.template_variables.setdefault("dist_url", f"{root}{LOCAL_DIST}")
