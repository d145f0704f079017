"""How the models that the compiled engine knows are told to it: a network, or a surface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from gnviz.dynamics.compiled.code.codes import ACTIVATIONS, CHARTS
from gnviz.dynamics.compiled.code.model.formula import NUMBERS
from gnviz.dynamics.compiled.code.model.network import from_rows, rows, to_rows
from gnviz.dynamics.compiled.programs import program_of
from gnviz.problem.models.base import Model
from gnviz.problem.models.mlp import MLP
from gnviz.problem.models.surface import SurfaceModel

ROOM = 512
"""Neurons that are evaluated together, so that loops over them are long also where the network is narrow."""


@dataclass(frozen=True)
class CompiledModel:
    """A model as the compiled engine wants it; see `layout.Run`.

    Attributes:
        code: Its activation, or its chart.
        parameters: p.
        layers: Depth and m of the layers of one sample.
        scratch: Shape of `rowed`.
        program: A surface's formula, shape (1 or n, length, 2).
        inward: Maps flat parameters (..., p) to the order that they have in `vec`.
        outward: Maps them back.
    """

    code: int
    parameters: int
    layers: tuple[int, int]
    scratch: tuple[int, int]
    program: np.ndarray
    inward: Callable[[np.ndarray], np.ndarray]
    outward: Callable[[np.ndarray], np.ndarray]


def compiled_model(model: Model) -> CompiledModel:
    """Return a model that `covers` knows as the compiled engine wants it."""
    if isinstance(model, MLP):
        return _network(model)
    assert isinstance(model, SurfaceModel)
    return _surface(model)


def _network(net: MLP) -> CompiledModel:
    sizes, shape = (net.inputs, net.width, net.depth), (rows(net.inputs, net.width, net.depth), net.width)
    return CompiledModel(
        code=ACTIVATIONS[net.activation],
        parameters=net.parameters,
        layers=(net.depth, net.width),
        scratch=(2, max(net.width, ROOM)),
        program=np.zeros((0, 0, 2)),
        inward=lambda w: to_rows(w, *sizes).reshape(*w.shape[:-1], -1),
        outward=lambda v: from_rows(v.reshape(*v.shape[:-1], *shape), *sizes),
    )


def _surface(surface: SurfaceModel) -> CompiledModel:
    program, room = program_of(surface.expressions)
    as_it_is = partial(np.array, dtype=float)
    return CompiledModel(
        CHARTS[surface.chart.name], surface.parameters, (1, 2), (room, NUMBERS), program, as_it_is, as_it_is
    )
