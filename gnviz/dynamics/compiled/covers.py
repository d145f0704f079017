"""What the compiled engine knows; torch does the rest."""

from __future__ import annotations

import torch

from gnviz.dynamics.compiled.code.codes import ACTIVATIONS, LOSSES, coded
from gnviz.dynamics.linearized.system import System
from gnviz.experiment import Experiment
from gnviz.problem.build import Problem
from gnviz.problem.models.base import Model
from gnviz.problem.models.mlp import MLP
from gnviz.problem.models.surface import SurfaceModel

STEP_RULES = ("fixed", "stable")
"""How it can choose step sizes."""


def unsupported(experiment: Experiment, problem: Problem, system: System) -> str:
    """Name what the compiled engine does not know, to continue "cannot run this: "; else nothing.

    Args:
        experiment: What to run.
        problem: It, built.
        system: Its runs.
    """
    model, strange = problem.model, [str(m) for m in system.methods if coded(m) is None]
    if not _known(model):
        return "it knows the networks and surfaces of gnviz only"
    if system.x.device.type != "cpu" or system.x.dtype != torch.float64:
        return "it computes on the CPU in float64 only"
    if experiment.clock.kind == "steps" and experiment.clock.step_rule not in STEP_RULES:
        return f"it does not know clock.step_rule = {experiment.clock.step_rule!r}"
    if model.parameters < len(system.y) and experiment.clock.kind == "steps":
        few = f"fewer parameters ({model.parameters}) than samples ({len(system.y)})"
        return f"it does not know discrete steps with {few}"
    if type(system.loss) not in LOSSES:
        return f"it does not know the loss {system.loss.label!r} as it is used here"
    if experiment.observe.sharpness:
        return f"it does not measure observe.sharpness = {experiment.observe.sharpness}"
    return f"it does not know the method {strange[0]}" if strange else ""


def _known(model: Model) -> bool:
    """Return whether `compiled.models` knows a model."""
    if type(model) is MLP:
        return model.activation in ACTIVATIONS
    return type(model) is SurfaceModel
