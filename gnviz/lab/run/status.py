"""The status lines: a headline and one line per run, in plain words, with its lights."""

from __future__ import annotations

import html
from collections import Counter

import panel as pn

from gnviz.lab.run.lights import STYLE as MARKS
from gnviz.lab.run.lights import marks
from gnviz.methods import display_name
from gnviz.results import Recording
from gnviz.views.headline import headline
from gnviz.views.runs import run_groups, run_looks

STYLE = """
:host { font-family: inherit; color: var(--mui-palette-text-primary, inherit); }
.runs { display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: 12.5px; }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 5px; margin-right: 6px; }
.note { font-size: 12px; opacity: 0.75; }
"""


def _standings(recording: Recording) -> list[tuple[str, str]]:
    """Return a name and a sentence for each run; for each method if the runs are too many to be named."""
    groups = run_groups(recording.dataset())
    status, text = (
        dict(zip(recording.header.labels, x, strict=True)) for x in (recording.status, recording.status_text)
    )
    if all(names == [key] for key, names in groups.items()):
        return [(name, text[name]) for name in groups]
    counts = ((key, Counter(str(status[name]) for name in names)) for key, names in groups.items())
    return [(key, ", ".join(f"{n} {word}" for word, n in count.items())) for key, count in counts]


HEADLINE = """
:host { font-family: inherit; color: var(--mui-palette-text-primary, inherit); }
.headline { font-size: clamp(16px, 1.45vw, 26px); font-weight: 500; line-height: 1.3; margin: 0;
  text-wrap: pretty; }
"""


class StatusLines:
    """What happened so far, for people and for screen readers.

    Attributes:
        headline: One sentence.
        pane: Where each run stands.
    """

    def __init__(self) -> None:
        self.headline = pn.pane.HTML(
            "", stylesheets=[HEADLINE], margin=(2, 10, 8, 10), sizing_mode="stretch_width"
        )
        self.pane = pn.pane.HTML(
            "", stylesheets=[STYLE + MARKS], margin=(0, 10, 4, 10), sizing_mode="stretch_width"
        )

    def tell(self, recording: Recording) -> None:
        """Say where every run stands."""
        said = html.escape(headline(recording.dataset()))
        self.headline.object = f"<h1 class='headline'><span role='status'>{said}</span></h1>"
        lines = ["<div class='runs'>"]
        standings = _standings(recording)
        looks = run_looks(recording.dataset())
        groups = run_groups(recording.dataset())
        named = [name for name, _ in standings] == list(recording.header.labels)
        beside = marks(recording.dataset()) if named else {}  # those of a method's runs may all be different
        lines += [
            f"<span><span class='dot' style='background:{looks[groups[name][0]].color}'></span>"
            f"<b>{html.escape(display_name(name))}</b> {html.escape(text)}{beside.get(name, '')}</span>"
            for name, text in standings
        ]
        lines.append("</div>")
        header = recording.header
        computed = f"{header.engine} engine, {header.device}, {header.dtype}"
        lines += [f"<div class='note'>{html.escape(note)}</div>" for note in (*header.notes, computed)]
        self.pane.object = "".join(lines)
