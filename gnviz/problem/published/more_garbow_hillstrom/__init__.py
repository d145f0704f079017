"""The 35 least-squares problems of Moré, Garbow and Hillstrom (1981), ACM Trans. Math. Softw. 7(1), 17-41.

Each is a function of the parameters alone, with targets 0, so that the loss g is half the sum of squares that
the paper gives. Problems that come in any size stand here in one to three of them. Residuals, starts and
minima are the paper's; of a minimum other than 0 it gives six digits, and here are more.
"""

from __future__ import annotations

from gnviz.problem.published.more_garbow_hillstrom import any_size, curves, equations, linear, systems
from gnviz.problem.published.more_garbow_hillstrom.least_squares import LeastSquares

KINDS = (systems, curves, any_size, equations, linear)

PROBLEMS = {
    problem.name: problem
    for problem in sorted((p for kind in KINDS for p in kind.PROBLEMS), key=lambda p: p.number)
}
"""All of them by name, in the paper's order."""

__all__ = ["PROBLEMS", "LeastSquares"]
