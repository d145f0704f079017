"""Losses, one a file: convex functions of predictions, with what dynamics and certificates ask of them."""

from gnviz import experiment as definition
from gnviz.problem.losses.base import Loss, longest_step, usable_curvature
from gnviz.problem.losses.log_cosh import LogCoshLoss
from gnviz.problem.losses.logistic import LogisticLoss
from gnviz.problem.losses.measured import MeasuredLoss
from gnviz.problem.losses.pseudo_huber import PseudoHuberLoss
from gnviz.problem.losses.squared import SquaredLoss
from gnviz.problem.losses.weighted import WeightedLoss

__all__ = [
    "KINDS",
    "LogCoshLoss",
    "LogisticLoss",
    "Loss",
    "MeasuredLoss",
    "PseudoHuberLoss",
    "SquaredLoss",
    "WeightedLoss",
    "longest_step",
    "make_loss",
    "usable_curvature",
]

KINDS: dict[str, type[Loss]] = {
    cls.label: cls for cls in (SquaredLoss, LogCoshLoss, PseudoHuberLoss, LogisticLoss, WeightedLoss)
}
"""The losses that an experiment may ask for, by `loss.kind`."""


def make_loss(knobs: definition.Loss) -> Loss:
    """Return the loss that an experiment asks for."""
    return KINDS[knobs.kind].of(knobs)
