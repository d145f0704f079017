"""What a page is about, in plain words above everything, with a way into the lesson that explains it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from gnviz.lab.lessons.guide import Guide
from gnviz.lab.look.button import Button
from gnviz.lab.look.layout import flow, show, text

if TYPE_CHECKING:
    import panel as pn

    from gnviz.experiment import Experiment


class Lead(NamedTuple):
    """What is said of a page.

    Attributes:
        words: What it shows.
        try_this: What to do first, and what to see then; only where it `suits` the settings.
        lesson: The lesson that explains it.
        suits: Whether an experiment has what `try_this` speaks of.
    """

    words: str
    try_this: str
    lesson: str
    suits: Callable[[Experiment], bool] = lambda _: True


def _dial(experiment: Experiment) -> bool:
    """Return whether there is a conditioning to drag, in flow time, and a method that does not mind."""
    kinds = {method.partition("(")[0] for method in experiment.methods}
    compared = {"gradient-flow", "adaptive"} <= kinds and experiment.clock.kind == "flow"
    return compared and hasattr(experiment.data.choice, "condition")


LEADS = {
    "training": Lead(
        "One network learns a few points by several methods, all from the same start.",
        "Drag the conditioning κ to the right: gradient flow (blue) takes longer and longer to the end, "
        "Gauss-Newton with adaptive damping (green) does not.",
        "why-slow",
        _dial,
    ),
    "theory": Lead(
        "What the theory promises, beside what training does.",
        "Each eigenvalue of the kernel has a rate of its own, and the damping ρ decides which.",
        "damping",
    ),
    "scaling": Lead(
        "One start, several output scalings α, fewer parameters than points.",
        "Where α is large enough the excess loss falls as e⁻²ᵗ, however ill conditioned the kernel.",
        "figure-3",
    ),
    "manifold": Lead(
        "All that the model can predict is a surface in space; training is a way down it. Drag the target.",
        "Choose other coordinates: gradient flow takes another way, Gauss-Newton does not.",
        "figure-1",
    ),
    "map": Lead(
        "Every cell of the map is an experiment of its own.",
        "Choose two knobs and a measure, press Run map, and click a cell to look into it.",
        "conditioning-dial",
    ),
}
"""By page. What they say of methods, `tests/lab/test_lead.py` tries."""


class LeadLine:
    """The line over a laboratory's pictures.

    Args:
        pages: Says in `value` which page is open.
        controls: Says in `experiment` what is set; there is nothing to say of an `own` problem.
        guide: Its lessons; while one is open it has the word.
    """

    def __init__(self, pages: Any, controls: Any, guide: Guide) -> None:
        self._pages, self._controls, self._guide = pages, controls, guide
        self._words = text("", "lead", margin=0)
        self._why = Button("Why? A short lesson", self._open, kind="link", margin=0)
        self.line: pn.viewable.Viewable = flow(self._words, self._why, gap="0 12px", margin=(0, 10))
        pages.param.watch(self._say, "value")
        controls.param.watch(self._say, "experiment")
        guide.view.param.watch(self._say, "closed")
        self._say()

    @property
    def _lead(self) -> Lead:
        return LEADS[self._pages.value]

    def _open(self) -> None:
        self._guide.open(self._lead.lesson)

    def _say(self, *_: Any) -> None:
        lead = self._lead
        first = f" <b>{lead.try_this}</b>" if lead.suits(self._controls.experiment) else ""
        self._words.object = lead.words + first
        show(self.line, self._guide.view.closed and not self._controls.own)
