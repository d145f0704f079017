"""Which figures a page shows, and how wide: a plan for each kind of experiment."""

from __future__ import annotations

from gnviz.experiment import Experiment

Spans = dict[str, dict[str, int]]
"""For each figure, in order, how many of twelve columns it takes on small, medium and large screens."""

TRAINING: Spans = {
    "loss": {"xs": 12, "md": 7, "lg": 5},
    "function_space": {"xs": 12, "md": 5, "lg": 4},
    "fit": {"xs": 12, "md": 4, "lg": 3},
    "modes": {"xs": 12, "md": 4},
    "spectrum_time": {"xs": 12, "md": 4},
    "spectrum": {"xs": 12, "md": 4},
}

PLANS: dict[str, Spans] = {"training": TRAINING}


def plan_for(experiment: Experiment) -> str:
    """Return the name of the plan, a key of `PLANS`, that shows what an experiment is about."""
    return "training"
