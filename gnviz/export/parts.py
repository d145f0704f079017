"""What pages of runs are made of: how the runs ended, the figures, and their style."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from gnviz.views.base import takes
from gnviz.views.headline import headline
from gnviz.views.runs import name_of, run_groups, run_labels, run_looks

if TYPE_CHECKING:
    import xarray as xr

    from gnviz.views import View

MOMENTS = 40
"""Most moments that the slider stops at: each adds what all figures show then."""

STYLE = """
:root { color-scheme: light; font-family: system-ui, sans-serif; color: #22272e; background: #f4f5f7; }
body { margin: 0 auto; padding: 16px; max-width: 1500px; }
h1 { font-size: 22px; margin: 0 0 8px; }
h2 { font-size: 15px; margin: 0 0 2px; }
.headline { font-size: 16px; font-weight: 600; margin: 0 0 8px; }
.runs { display: flex; flex-wrap: wrap; gap: 2px 20px; padding: 0; margin: 0 0 8px; list-style: none; }
.runs, .note, figcaption { font-size: 13px; }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 5px; margin-right: 6px; }
.bar { position: sticky; top: 0; z-index: 9; background: #f4f5f7; padding: 6px 16px 10px; }
.figures { display: grid; gap: 12px; grid-template-columns: repeat(auto-fit, minmax(min(440px, 100%), 1fr)); }
figure { margin: 0; padding: 12px; background: white; border-radius: 8px; }
.drawn { height: 340px; }
@media (min-width: 960px) { .wide { grid-column: span 2; } }
figcaption, .note { color: #5a626e; }
details { margin-top: 12px; }
summary { cursor: pointer; font-weight: 600; }
table { border-collapse: collapse; font-size: 13px; }
td, th { text-align: left; vertical-align: top; padding: 2px 16px 2px 0; }
pre { background: white; padding: 12px; border-radius: 8px; overflow-x: auto; }
"""


def outcome(ds: xr.Dataset) -> Iterator[str]:
    """Yield the headline, and a line for each run with its colour in the figures."""
    yield f'<p class="headline">{escape(headline(ds))}</p>\n<ul class="runs">'
    looks, texts = run_looks(ds), dict(zip(run_labels(ds), map(str, ds["status_text"].values), strict=True))
    for entry, labels in run_groups(ds).items():
        text = texts[labels[0]] if labels == [entry] else f"{len(labels)} runs"
        dot = f'<span class="dot" style="background: {looks[labels[0]].color}"></span>'
        yield f"<li>{dot}<b>{escape(name_of(ds, entry))}</b> {escape(text)}</li>"
    yield "</ul>"


def notes(ds: xr.Dataset) -> Iterator[str]:
    """Yield what is to be known of a run, and what made it."""
    made = f"gnviz {ds.attrs['version']}, {ds.attrs.get('engine', 'torch')} engine, {ds.attrs['device']}"
    said = [*filter(None, str(ds.attrs.get("notes", "")).split("\n")), f"{made}, {ds.attrs['dtype']}"]
    for note in said:
        yield f'<p class="note">{escape(note)}</p>'


def figure(view: View, drawn: str, first: str, wide: bool = False) -> str:
    """Return a figure with its title and caption.

    Args:
        view: Which.
        drawn: The element that it is drawn in.
        first: Name of the run that figures of one run show.
        wide: Whether it has two columns where there are several.
    """
    title = view.title + (f" · {first}" if takes(type(view), "run") else "")
    caption = f"<figcaption>{escape(view.caption)}</figcaption>"
    look = f' class="{"wide" if wide else ""}" data-figure="{view.label}"'
    return f'<figure{look}><h2>{escape(title)}</h2>\n<div class="drawn">{drawn}</div>\n{caption}</figure>'
