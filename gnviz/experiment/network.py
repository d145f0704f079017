"""The model."""

from __future__ import annotations

import param

from gnviz.activations import ACTIVATIONS
from gnviz.experiment.ensemble import ALPHA
from gnviz.knobs import Group
from gnviz.knobs.kinds import Named


class Network(Group):
    """The model: a multilayer perceptron u = alpha f(w) in NTK scaling."""

    width = param.Integer(400, bounds=(1, 4096), doc="Neurons in each hidden layer.")
    depth = param.Integer(1, bounds=(1, 8), doc="Number of hidden layers.")
    activation = Named("tanh", ACTIVATIONS, doc="Nonlinearity of the hidden layers.")
    initialization = param.Selector(
        default="paired",
        objects=["paired", "centred", "plain"],
        doc="paired: twin neurons cancel, f(w0) = 0; centred: u = alpha (f(w) - f(w0)); plain: neither.",
    )
    spread = param.Number(
        1.0,
        bounds=(1e-3, 10.0),
        doc="Standard deviation of the initial weights: small ones start near w = 0, where the gradient of "
        "any but the simplest targets vanishes.",
    )
    alpha = param.Number(
        5.0, bounds=ALPHA, doc="Output scaling alpha: large is lazy, the weights hardly move."
    )
    seed = param.Integer(0, bounds=(0, 2**31 - 1), doc="Seed of the initial weights.")
