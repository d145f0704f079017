"""The status lines: a headline and one line per run, in plain words."""

from __future__ import annotations

import html
from typing import Any

import panel as pn

from gnviz.lab.story import headline
from gnviz.results import Recording
from gnviz.views.style import run_color

STYLE = """
:host { font-family: inherit; color: var(--mui-palette-text-primary, inherit); }
.headline { font-size: 15px; font-weight: 600; margin: 0 0 4px 0; }
.runs { display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: 12.5px; }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 5px; margin-right: 6px; }
.note { font-size: 12px; opacity: 0.75; }
"""


class StatusLines(pn.viewable.Viewer):
    """What happened so far, for people and for screen readers."""

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self.pane = pn.pane.HTML("", stylesheets=[STYLE], margin=(0, 10, 4, 10), sizing_mode="stretch_width")

    def show(self, recording: Recording) -> None:
        """Say where every run stands."""
        lines = [f"<div class='headline' role='status'>{html.escape(headline(recording.dataset()))}</div>"]
        lines.append("<div class='runs'>")
        for i, method in enumerate(recording.header.methods):
            dot = f"<span class='dot' style='background:{run_color(i)}'></span>"
            text = html.escape(recording.status_text[i])
            lines.append(f"<span>{dot}<b>{html.escape(method)}</b> {text}</span>")
        lines.append("</div>")
        lines += [f"<div class='note'>{html.escape(note)}</div>" for note in recording.header.notes]
        self.pane.object = "".join(lines)

    def clear(self) -> None:
        """Forget the last run."""
        self.pane.object = ""

    def __panel__(self) -> pn.viewable.Viewable:
        return self.pane
