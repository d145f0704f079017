"""The status lines: a headline, a short line per run, and behind "Details" what each run says of itself."""

from __future__ import annotations

import html
from collections import Counter

import numpy as np
import panel as pn
import param
import xarray as xr

from gnviz.analysis.ends import VERBS, as_of, end_time, loss_now
from gnviz.analysis.optimality import in_short
from gnviz.lab.look.layout import INK, LATE, PHONE, fade
from gnviz.lab.run.lights import STYLE as MARKS
from gnviz.lab.run.lights import marks
from gnviz.lab.run.scrubber import LATEST
from gnviz.results import Recording
from gnviz.views.headline import headline
from gnviz.views.numbers import number, typeset
from gnviz.views.runs import name_of, run_groups, run_looks

STYLE = (
    INK
    + """
:host { font-family: inherit; font-size: 12.5px; }
.runs { display: flex; flex-wrap: wrap; gap: 2px 18px; }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 5px; margin-right: 6px; }
summary { cursor: pointer; color: var(--mui-palette-text-secondary, inherit); width: fit-content;
  min-height: 24px; line-height: 24px; }
details div { margin-bottom: 2px; }
"""
    + MARKS
)

HEADLINE = f"""
:host {{ font-family: inherit; color: var(--mui-palette-text-primary, inherit); }}
.headline {{ font-size: clamp(16px, 1.45vw, 26px); font-weight: 500; line-height: 1.3; margin: 0;
  text-wrap: pretty; }}
@media (max-width: {PHONE}px) {{ .headline {{ font-size: 15px; min-height: 3.9em; }} }}
"""
"""On a phone there is room for three lines from the start: the picture stays where it is as words change."""


class Standings(pn.custom.JSComponent):
    """Where each run stands: a line that is read at a glance, and details that open and stay open."""

    lines = param.String(default="", doc="A short line per run, as HTML.")
    more = param.String(default="", doc="What is behind `Details`, as HTML.")

    _esm = """
export function render({model}) {
  const runs = document.createElement("div"), details = document.createElement("details")
  const summary = document.createElement("summary"), more = document.createElement("div")
  runs.className = "runs"
  summary.textContent = "Details"
  details.append(summary, more)
  const dress = () => {
    runs.innerHTML = model.lines
    more.innerHTML = model.more
    details.hidden = !model.more
  }
  model.on("lines", dress)
  model.on("more", dress)
  dress()
  const root = document.createElement("div")
  root.append(runs, details)
  return root
}
"""

    def __init__(self, **params: object) -> None:
        super().__init__(**({"stylesheets": [STYLE, LATE], "sizing_mode": "stretch_width"} | params))


class StatusLines:
    """What happened so far, for people and for screen readers.

    Attributes:
        headline: One sentence.
        pane: Where each run stands.
        of: Which recording they tell of; None before the first.
    """

    def __init__(self) -> None:
        self.headline = pn.pane.HTML(
            "", stylesheets=[HEADLINE, LATE], margin=(2, 10, 8, 10), sizing_mode="stretch_width"
        )
        self.pane = Standings(margin=(0, 10, 4, 10))
        self.of: Recording | None = None

    def tell(self, recording: Recording, moment: int = LATEST) -> None:
        """Say where every run stands at a moment, by default the latest."""
        self.of, ds = recording, recording.dataset()
        if moment != LATEST and moment < ds.sizes["time"] - 1:
            ds = as_of(ds, moment)
        said = html.escape(headline(ds))
        self.headline.object = f"<h1 class='headline'><span role='status'>{said}</span></h1>"
        self.pane.param.update(lines="".join(_lines(ds)), more="".join(_details(ds, recording)))

    def fade(self, faint: bool) -> None:
        """Draw the words faint, or as usual: while they are of other settings than the pictures."""
        for words in (self.headline, self.pane):
            fade(words, faint)


def _lines(ds: xr.Dataset) -> list[str]:
    """Return a line for each run as HTML; for each method if the runs are too many to be named."""
    groups, looks = run_groups(ds), run_looks(ds)
    words = standings(ds)
    return [
        f"<span><span class='dot' style='background:{looks[names[0]].color}'></span>"
        f"<b>{html.escape(name_of(ds, key))}</b> {html.escape(_of_all(names, words, ds))}</span>"
        for key, names in groups.items()
    ]


def standings(ds: xr.Dataset) -> dict[str, str]:
    """Return in a few words where each run stands, by its label."""
    unit = "step" if ds.attrs["clock"] == "steps" else "t ="
    rows = zip(ds["run"].values, ds["status"].values, end_time(ds), loss_now(ds), strict=True)
    return {
        str(run): _standing(str(status), f"{unit} {number(end)}", loss) for run, status, end, loss in rows
    }


def _standing(status: str, when: str, loss: float) -> str:
    verb = f"{VERBS[status]} at {when}" if status in VERBS else ""
    size = f"loss {number(loss)}" if np.isfinite(loss) else ""
    return ", ".join(filter(None, (verb, size))) or status


def _of_all(names: list[str], words: dict[str, str], ds: xr.Dataset) -> str:
    if len(names) == 1:
        return words[names[0]]
    status = dict(zip(map(str, ds["run"].values), map(str, ds["status"].values), strict=True))
    return ", ".join(f"{n} {word}" for word, n in Counter(status[name] for name in names).items())


def _details(ds: xr.Dataset, recording: Recording) -> list[str]:
    """Return what each run says of itself, its certificates and gauge, and what holds for all, as HTML."""
    header, found = recording.header, []
    if all(names == [key] for key, names in run_groups(ds).items()):  # those of a method's runs may differ
        beside = marks(ds)
        texts = zip(ds["run"].values, map(typeset, map(str, ds["status_text"].values)), strict=True)
        found = [
            f"<div><b>{html.escape(name_of(ds, run))}</b> {html.escape(text)}{beside[str(run)]}</div>"
            for run, text in texts
        ]
    computed = f"{header.engine} engine, {header.device}, {header.dtype}"
    notes = filter(None, (in_short(ds), *header.notes, computed))
    return found + [f"<div>{html.escape(typeset(note))}</div>" for note in notes]
