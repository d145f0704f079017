"""Activations with their derivatives, as the structured kernel needs both."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor


class Activation(NamedTuple):
    """An elementwise nonlinearity sigma.

    Attributes:
        value: Maps z to sigma(z).
        slope: Maps z and a = sigma(z), already at hand, to sigma'(z).
    """

    value: Callable[[Tensor], Tensor]
    slope: Callable[[Tensor, Tensor], Tensor]


def _softplus(z: Tensor) -> Tensor:
    """Return log(1 + e^z) without torch's linear cut-off at z = 20."""
    return torch.logaddexp(z, torch.zeros((), dtype=z.dtype, device=z.device))


def _normal_cdf(z: Tensor) -> Tensor:
    return 0.5 * torch.erfc(-z / math.sqrt(2))  # erfc: no cancellation for large negative z


def _normal_density(z: Tensor) -> Tensor:
    return torch.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


def _silu_slope(z: Tensor, a: Tensor) -> Tensor:
    """Return s (1 + z (1 - s)), s the logistic function."""
    s = torch.sigmoid(z)
    return s + a * (1 - s)


ACTIVATIONS: dict[str, Activation] = {
    "tanh": Activation(torch.tanh, lambda z, a: 1 - a * a),
    "erf": Activation(torch.erf, lambda z, a: 2 / math.sqrt(math.pi) * torch.exp(-z * z)),
    "sigmoid": Activation(torch.sigmoid, lambda z, a: a * (1 - a)),
    "softplus": Activation(_softplus, lambda z, a: torch.sigmoid(z)),
    "gelu": Activation(lambda z: z * _normal_cdf(z), lambda z, a: _normal_cdf(z) + z * _normal_density(z)),
    "silu": Activation(lambda z: z * torch.sigmoid(z), _silu_slope),
    "sin": Activation(torch.sin, lambda z, a: torch.cos(z)),
}
