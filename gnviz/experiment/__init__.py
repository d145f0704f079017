"""The experiment: every knob of gnviz, defined once, a file for each group."""

from gnviz.experiment.clock import STEP_RULES, Clock
from gnviz.experiment.data import Data
from gnviz.experiment.ensemble import Ensemble
from gnviz.experiment.experiment import MAX_METHODS, Experiment
from gnviz.experiment.loss import Loss
from gnviz.experiment.network import Network
from gnviz.experiment.observe import Observe
from gnviz.experiment.surface import Surface

__all__ = [
    "MAX_METHODS",
    "STEP_RULES",
    "Clock",
    "Data",
    "Ensemble",
    "Experiment",
    "Loss",
    "Network",
    "Observe",
    "Surface",
]
