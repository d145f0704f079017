"""Which figures of a run are taken along: those of the page that the experiment opens on."""

from __future__ import annotations

from gnviz.experiment import Experiment
from gnviz.views import FIGURES

TRAINING = ("loss", "learned", "function_space", "fit", "modes", "spectrum_time", "spectrum")
"""Of a network, whatever is compared."""

SURFACE = ("manifold", "parameter_plane", "loss", "curvature", "fit", "spectrum_time")
"""Of three samples and two parameters."""

SCALING = ("excess", "loss", "singular", "distance", "pl_ratio")
"""Of flows that start from the same predictions and differ in alpha."""


def figures_of(experiment: Experiment) -> tuple[str, ...]:
    """Return the labels of the figures that say what an experiment is about, those from outside last."""
    several = len(experiment.ensemble.alphas) > 1 and experiment.clock.kind == "flow"
    if experiment.on_surface:
        page, own = "manifold", SURFACE
    elif several and experiment.network.initialization == "centred":
        page, own = "scaling", SCALING
    else:
        page, own = "training", TRAINING
    from_outside = (x for x, kind in FIGURES.items() if kind not in FIGURES.built_in and kind.page == page)
    return (*own, *from_outside)
