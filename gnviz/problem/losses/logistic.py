"""Two classes, labels -1 and 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from gnviz.problem.losses.base import Loss


@dataclass(frozen=True)
class LogisticLoss(Loss):
    """g(u) = sum_i log(1 + exp(-m_i)) with margins m = y u and labels y in {-1, 1}.

    e = -y / (1 + exp(m)) and G = sigmoid(m) sigmoid(-m), so e^2 / G = exp(-m) >= log(1 + exp(-m)): only half
    of what the squared loss has, and no more, since both sides agree for large margins (derived).
    """

    label: ClassVar[str] = "logistic"
    decay_constant: ClassVar[float] = 0.5
    flat: ClassVar[bool] = False
    attained: ClassVar[bool] = False

    @property
    def formula(self) -> str:
        """The loss as plain text."""
        return "Σ log(1 + exp(−yᵢuᵢ))"

    @property
    def steepest(self) -> float:
        """1/4, at margin 0."""
        return 0.25

    @property
    def scale(self) -> float:
        """1: a margin that matters."""
        return 1.0

    def terms(self, u: Tensor, y: Tensor) -> Tensor:
        """Return log(1 + exp(-m)), shape (R, n)."""
        return -logsigmoid(y * u)

    def gradient(self, u: Tensor, y: Tensor) -> Tensor:
        """Return -y sigmoid(-m), shape (R, n)."""
        return -y * torch.sigmoid(-y * u)

    def curvature(self, u: Tensor, y: Tensor) -> Tensor:
        """Return sigmoid(m) sigmoid(-m), shape (R, n)."""
        return torch.sigmoid(u) * torch.sigmoid(-u)
