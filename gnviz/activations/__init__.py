"""Activations, one a file: elementwise nonlinearities with their derivatives.

To add one, write its file: a subclass of `Activation` with a label. Nothing here imports torch: tensors bring
their own arithmetic.
"""

from gnviz.activations.base import Activation
from gnviz.knobs.kinds import read_kind
from gnviz.knobs.registry import REGISTRIES, Registry, kinds_in

ACTIVATIONS: Registry[type[Activation]] = Registry(Activation, kinds_in(Activation, __name__), "activation")
REGISTRIES.append(ACTIVATIONS)

__all__ = ["ACTIVATIONS", "Activation", "parse_activation"]


def parse_activation(text: str) -> Activation:
    """Read an activation such as `"tanh"`, with its knobs in brackets where it has any.

    Raises:
        KnobError: It or a knob is unknown, or a value is not allowed.
    """
    return read_kind(ACTIVATIONS, text)
