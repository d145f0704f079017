"""The experiment: every knob of gnviz, defined once, a file for each group."""

from gnviz.experiment.clock import STEP_RULES, Clock
from gnviz.experiment.data import DATA_KINDS, MAX_SAMPLES, TARGETS, Data
from gnviz.experiment.ensemble import Ensemble
from gnviz.experiment.experiment import MAX_METHODS, Experiment
from gnviz.experiment.loss import LOSSES, Loss
from gnviz.experiment.network import ACTIVATIONS, Network
from gnviz.experiment.observe import Observe
from gnviz.experiment.surface import Surface

__all__ = [
    "ACTIVATIONS",
    "DATA_KINDS",
    "LOSSES",
    "MAX_METHODS",
    "MAX_SAMPLES",
    "STEP_RULES",
    "TARGETS",
    "Clock",
    "Data",
    "Ensemble",
    "Experiment",
    "Loss",
    "Network",
    "Observe",
    "Surface",
]
