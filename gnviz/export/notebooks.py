"""A run as a Jupyter notebook: the settings in words, the run, and its pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gnviz.experiment import Experiment
from gnviz.export.figures import figures_of
from gnviz.export.origin import Origin, origin
from gnviz.export.scripts import RUN, SAVE, define, written
from gnviz.export.words import settings_of, title_of
from gnviz.views import VIEWS

if TYPE_CHECKING:
    import xarray as xr

IMPORTS = ("from gnviz.analysis.ends import loss_now", "from gnviz.views import draw")

LOADED = "hv.extension({}, inline=True)"
"""Loads what draws the figures; inline: nothing is fetched from the network."""


def notebook(run: Experiment | xr.Dataset) -> str:
    """Return a notebook (JSON, nbformat 4) that repeats a run and draws it.

    It has a title, what is set in words, the run as in `script`, and each figure of the page that the
    experiment opens on, as a HoloViews object that can be composed and restyled.

    Args:
        run: An experiment, or a Dataset of schema 1.

    Raises:
        KnobError: As `script`.
    """
    cells = [_cell(i, *cell) for i, cell in enumerate(_cells(origin(run)))]
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {
        "cells": cells, "metadata": {"kernelspec": python, "language_info": {"name": "python"}},
        "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _cells(made: Origin) -> Iterator[tuple[str, str]]:
    """Yield the kind and the text of each cell."""
    experiment = made.experiment
    labels = figures_of(experiment)
    backends = ["bokeh", *(["plotly"] if any(VIEWS[label].solid for label in labels) else [])]
    loaded = LOADED.format(", ".join(f'"{name}"' for name in backends))
    yield "markdown", f"# {_prose(title_of(experiment))}\n\n{_prose(' '.join(written(made)))}"
    yield "markdown", _settings(experiment)
    yield "code", f"import holoviews as hv\n\nimport gnviz\n{define(experiment, *IMPORTS)}\n{loaded}"
    yield "markdown", "## The run"
    yield "code", RUN.rstrip()
    yield "code", "ds"
    for label in labels:
        yield "markdown", f"## {VIEWS[label].title}\n\n{VIEWS[label].caption}"
        yield "code", _drawn(label)
    yield "markdown", "## To keep"
    yield "code", SAVE.rstrip()


def _drawn(label: str) -> str:
    """Return the Python that draws a figure; surfaces are not drawn by the library that draws the others."""
    figure = f'draw(ds, "{label}")'
    return f'hv.output({figure}, backend="plotly")' if VIEWS[label].solid else figure


def _settings(experiment: Experiment) -> str:
    """Return what is set as a table, and the query of the page that shows the same."""
    rows = "\n".join(
        f"| {_code(s.name)} | {_code(s.value)} | {_prose(s.meaning)} |" for s in settings_of(experiment)
    )
    query = experiment.to_query()
    link = f"\n\nThe page shows the same at {_code('?' + query)}" if query and len(query) < 1000 else ""
    return f"## What is set\n\n| setting | value | meaning |\n|---|---|---|\n{rows}{link}"


def _code(text: str) -> str:
    """Return text as code in a table."""
    return f"`{text}`".replace("|", "\\|") if "`" not in text else _prose(text)


def _prose(text: str) -> str:
    """Return text without Markdown's signs."""
    return "".join("\\" + c if c in "\\`*_[]<>|$#" else c for c in text)


def _cell(number: int, kind: str, text: str) -> dict[str, Any]:
    code = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {
        "cell_type": kind, "id": f"cell-{number:02}", "metadata": {}, "source": text.splitlines(keepends=True)
    } | code  # fmt: skip
