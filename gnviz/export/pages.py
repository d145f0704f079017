"""A run as one HTML file that opens anywhere, with the network off."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from gnviz.experiment import Experiment
from gnviz.export.figures import figures_of
from gnviz.export.parts import MOMENTS, STYLE, figure, notes, outcome
from gnviz.export.scripts import script
from gnviz.export.words import Setting, settings_of, title_of
from gnviz.knobs import KnobError, unknown
from gnviz.views import VIEWS
from gnviz.views.base import require
from gnviz.views.runs import name_of, run_groups
from gnviz.views.values import picked

if TYPE_CHECKING:
    import xarray as xr

    from gnviz.views import View

MOST_BESIDE = 4
"""Most runs whose legend stands over a figure of one column."""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
{library}
</head>
<body>
<header>
<h1>{title}</h1>
{head}
</header>
<div class="bar">{slider}</div>
<main class="figures">
{figures}
</main>
{notes}
{settings}
{script}
{drawing}
</body>
</html>
"""


def page(ds: xr.Dataset, figures: Sequence[str] | None = None, title: str | None = None) -> str:
    """Return a run as one HTML file that needs no server, no network and no other file.

    It has the headline, how each run ended, the figures, a slider that moves them all through at most
    `MOMENTS` of the recorded moments, what was set, and the script that repeats the run. Surfaces, which need
    Plotly, are left out, and the page says so.

    Args:
        ds: A Dataset of schema 1.
        figures: Labels of the figures, keys of `gnviz.views.VIEWS`; None: those of the page that the
            experiment opens on, as far as the Dataset has what they need.
        title: In place of the experiment's own.

    Raises:
        KnobError: There is no such figure, or nothing is recorded.
        ValueError: The Dataset lacks what a figure that is asked for needs; or a figure from outside draws
            other things at some moments than at others.
    """
    from gnviz.views.backends.bokeh.recorded import SLIDER, embed

    if not ds.sizes["time"]:
        raise KnobError(
            "nothing is recorded yet: there is no page to make; allowed: a run with a moment or more"
        )
    experiment = Experiment.from_json(ds.attrs["experiment"])
    views = _views(ds, experiment, figures)
    flat = [view for view in views if not view.solid]
    moments = picked(ds.sizes["time"], MOMENTS).tolist()
    legends = [view.label for view in flat][:1]
    drawn = embed(flat, ds, moments, legends=legends, time_scale=experiment.clock.spacing)
    first = name_of(ds, ds["run"].values[0])
    wide = legends if len(run_groups(ds)) > MOST_BESIDE else []  # its legend needs the room
    return PAGE.format(
        title=escape(title or title_of(experiment)),
        style=STYLE,
        library=drawn.library,
        head="\n".join((*outcome(ds), *notes(ds))),
        slider=drawn.parts.get(SLIDER, ""),
        figures="\n".join(figure(v, drawn.parts[v.label], first, v.label in wide) for v in flat),
        notes="\n".join(_left_out(view) for view in views if view.solid),
        settings=_folded("What was set", _settings(settings_of(experiment))),
        script=_folded("The script that repeats the run", _script(ds)),
        drawing=drawn.script,
    )


def _views(ds: xr.Dataset, experiment: Experiment, figures: Sequence[str] | None) -> list[View]:
    """Return the figures to draw: those that are asked for, else those that can be drawn."""
    if figures is None:
        views = [VIEWS[label] for label in figures_of(experiment)]
        return [view for view in views if all(name in ds.variables for name in view.needs)]
    if strange := [label for label in figures if label not in VIEWS]:
        raise KnobError(unknown("figure", strange[0], VIEWS))
    for label in figures:
        require(ds, VIEWS[label])
    return [VIEWS[label] for label in figures]


def _left_out(view: View) -> str:
    return (
        f'<p class="note">“{escape(view.title)}” is not in this file: Plotly, which draws it, is larger '
        f'than all of this. gnviz.views.draw(ds, "{escape(view.label)}") shows it.</p>'
    )


def _settings(settings: Sequence[Setting]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(s.name)}</code></td><td><code>{escape(s.value)}</code></td>"
        f"<td>{escape(s.meaning)}</td></tr>\n"
        for s in settings
    )
    return f"<table>\n<tr><th>setting</th><th>value</th><th>meaning</th></tr>\n{rows}</table>"


def _script(ds: xr.Dataset) -> str:
    """Return the script, or why there is none."""
    try:
        return f"<pre>{escape(script(ds))}</pre>"
    except KnobError as refusal:
        return f'<p class="note">{escape(str(refusal))}</p>'


def _folded(words: str, inside: str) -> str:
    return f"<details>\n<summary>{escape(words)}</summary>\n{inside}\n</details>"
