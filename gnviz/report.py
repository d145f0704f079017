"""Plain text for the terminal: what there is to choose from, and what came out of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from gnviz.activations import ACTIVATIONS
from gnviz.analysis.ends import end_time, loss_now
from gnviz.analysis.excess import table
from gnviz.analysis.optimality import remarks
from gnviz.analysis.time_to_loss import LEVELS, time_to_loss
from gnviz.data import DATA_SETS, TARGETS
from gnviz.experiment import Experiment
from gnviz.experiment.presets import PRESETS
from gnviz.knobs import allowed, text_of
from gnviz.knobs.kinds import Kind
from gnviz.lessons import LESSONS, Lesson, Step
from gnviz.losses import LOSSES
from gnviz.methods import METHODS
from gnviz.views import FIGURES

if TYPE_CHECKING:
    from gnviz.results import Recording

MEANINGS = {"data.target": TARGETS}
"""Knobs whose choices have a sentence each."""


def catalogue() -> str:
    """Return every lesson, preset, method, loss, data set, activation, figure and knob with its meaning."""
    lessons = {label: f"{lesson.title}: {lesson.summary}" for label, lesson in LESSONS.items()}
    parts = ["LESSONS  (gnviz lesson NAME)", *_lines(lessons)]
    parts += ["", "PRESETS  (gnviz run NAME)", *_lines({k: v[0] for k, v in PRESETS.items()})]
    parts += ["", "METHODS  (--set 'methods=gradient-flow;constant(rho=0.01)')", *_methods()]
    parts += ["", "LOSSES  (--set loss.kind=pseudo-huber --set loss.delta=0.5)", *_kinds(LOSSES, "loss")]
    parts += ["", "DATA SETS  (--set data.kind=ring --set data.n=40)", *_kinds(DATA_SETS, "data")]
    parts += ["", "ACTIVATIONS  (--set network.activation=sin)", *_kinds(ACTIVATIONS)]
    figures = {label: figure.caption for label, figure in FIGURES.items()}
    parts += ["", "FIGURES  (gnviz.views.draw(dataset, FIGURE))", *_lines(figures)]
    parts += ["", "KNOBS  (--set KNOB=VALUE)", *_knobs()]
    return "\n".join(parts)


WIDTH = 88
"""Columns of a lesson's text."""


def lesson_text(lesson: Lesson) -> str:
    """Return a lesson for the terminal: its steps, and behind each link what it changes."""
    numbered = [f"{i}. {step.title}" for i, step in enumerate(lesson.steps, 1)]
    titles = [*numbered, lesson.check.question.title, lesson.check.answer.title]
    lines = [lesson.title.upper(), *_wrapped(lesson.question), f"Begins with {lesson.begins.query}"]
    for title, step in zip(titles, lesson.parts, strict=True):
        lines += ["", title, *_paragraphs(step)]
    return "\n".join([*lines, *(["", f"Next: gnviz lesson {lesson.next}"] if lesson.next else [])])


def _paragraphs(step: Step) -> Iterator[str]:
    for paragraph in step.prose.plain.splitlines():
        yield from _wrapped(paragraph)


def _wrapped(words: str) -> list[str]:
    return fill(words, WIDTH, break_long_words=False, break_on_hyphens=False).splitlines()


def summary(recording: Recording) -> str:
    """Return a table of one line per run, and what else the user should know."""
    header = recording.header
    ds = recording.dataset()
    loss, test, end = ds["loss"].values, ds["test_loss"].values, end_time(ds)
    loss = np.column_stack([loss, loss_now(ds)])
    tested = np.isfinite(test).any()
    unit = "step" if header.clock == "steps" else "t"
    losses = ["final loss", "test loss"] if tested else ["final loss"]
    reached = np.column_stack([end, *(time_to_loss(ds, level) for level in LEVELS)])
    rows = [["method", "status", *losses, f"last {unit}", *(f"{unit} at {level:.0e}" for level in LEVELS)]]
    for i, label in enumerate(header.labels):
        final = [_last(values[i]) for values in ((loss, test) if tested else (loss,))]
        rows.append([label, str(recording.status[i]), *final, *map(_time, reached[i])])
    lines = [*_align(rows), ""]
    excess = table(ds)
    lines += [*_align(excess), "", *remarks(ds), ""] if excess else []
    lines.append(f"condition number kappa(K_0) = {header.condition:.3g}")
    if header.geometry:
        lines += [header.geometry.foot_text, header.geometry.geodesic_text]
    if header.loss != "squared":
        lines.append(f"loss {header.loss}: {header.formula}")
    lines.append(f"{recording.wall_seconds:.2f} s on {header.device}, {header.dtype}")
    for label, text in zip(header.labels, recording.status_text, strict=True):
        if text:
            lines.append(f"{label}: {text}")
    return "\n".join([*lines, *(f"note: {note}" for note in header.notes)])


def _last(values: np.ndarray) -> str:
    seen = values[~np.isnan(values)]
    return f"{seen[-1]:.3g}" if len(seen) else "-"


def _time(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.4g}"


def _align(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if i < 2 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _lines(meanings: dict[str, str], indent: int = 2) -> list[str]:
    width = max(map(len, meanings))
    return [f"{'':{indent}}{name:{width}}  {text}" for name, text in meanings.items()]


def _methods() -> list[str]:
    lines = []
    for name, method in METHODS.items():
        lines.append(f"  {name}: {method.formula}; {method.meaning}")
        for key, p in method.knobs().items():
            lines.append(f"      {key} = {_default(p.default)} ({allowed(p)})  {p.doc}")
    return lines


def _kinds(registry: Mapping[str, type[Kind]], group: str = "") -> list[str]:
    """Return a line for each kind; the names of its knobs in a group, or the knobs themselves."""
    lines = []
    for label, kind in registry.items():
        knobs = kind.knobs()
        names = f"; {', '.join(f'{group}.{name}' for name in knobs)}" if group and knobs else ""
        lines.append(f"  {label}: {kind.meaning}{names}")
        if not group:
            lines += [f"      {k} = {_default(p.default)} ({allowed(p)})  {p.doc}" for k, p in knobs.items()]
    return lines


def _knobs() -> list[str]:
    lines = []
    for name, p in Experiment.knobs().items():
        lines.append(f"  {name} = {_default(p.default)}  ({allowed(p)})")
        lines.append(f"      {' '.join((p.doc or '').split())}")
        if name in MEANINGS:
            lines += _lines(MEANINGS[name], 10)
    return lines


def _default(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:g}"
    return text_of(value) or "''"
