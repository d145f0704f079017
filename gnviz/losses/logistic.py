"""Two classes, labels -1 and 1."""

from __future__ import annotations

from typing import Any

from gnviz.losses.base import Loss


class Logistic(Loss):
    """g(u) = sum_i log(1 + exp(-m_i)) with margins m = y u and labels y in {-1, 1}.

    e = -y / (1 + exp(m)) and G = sigmoid(m) sigmoid(-m), so e^2 / G = exp(-m) >= log(1 + exp(-m)): only half
    of what the squared loss has, and no more, since both sides agree for large margins (derived).
    """

    label = "logistic"
    meaning = "classification: Σ log(1 + exp(−y u)), labels −1 and 1"
    rank = 3
    decay_constant = 0.5
    attained = False
    labels = True

    @property
    def formula(self) -> str:
        """The loss as plain text."""
        return "Σ log(1 + exp(−yᵢuᵢ))"

    @property
    def steepest(self) -> float:
        """1/4, at margin 0."""
        return 0.25

    def terms(self, u: Any, y: Any) -> Any:
        """Return log(1 + exp(-m)), shape (R, n)."""
        m = y * u
        return (-m).logaddexp(m.new_zeros(()))

    def gradient(self, u: Any, y: Any) -> Any:
        """Return -y sigmoid(-m), shape (R, n)."""
        return -y * (-y * u).sigmoid()

    def curvature(self, u: Any, y: Any) -> Any:
        """Return sigmoid(m) sigmoid(-m), shape (R, n)."""
        return u.sigmoid() * (-u).sigmoid()
