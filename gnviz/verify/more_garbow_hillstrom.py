"""The trust region beside MINPACK on published problems: `python -m gnviz.verify.more_garbow_hillstrom`.

Each problem of Moré, Garbow and Hillstrom is solved from its standard start and from ten times it (from 10 in
every parameter where that start is 0, as in MINPACK's own tests).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch.func import jacrev

from gnviz.problem.published.more_garbow_hillstrom import PROBLEMS, LeastSquares
from gnviz.verify.at_rest import run_to_rest
from gnviz.verify.minpack import Minpack, minpack

STEPS = 2000
"""Most steps of the trust region."""

EVALUATIONS = 2000
"""Most evaluations by MINPACK; from ten times the start Meyer's problem takes 1,785."""

SAME = 1e-6
"""Relative difference at which two sums of squares are the same."""

ZERO = 1e-19
"""A sum of squares is 0 at this much of the standard start's, or of 1: residuals at 1e-10."""

FLAT = 1e-6
"""Cosine between the residuals and every column of J, as in MINPACK, at which a point is stationary."""

OK, WORSE, NEITHER, OTHER = "ok", "worse than MINPACK", "MINPACK fails too", "another minimum"


@dataclass(frozen=True)
class Fit:
    """One problem from one start.

    Attributes:
        problem: The problem.
        factor: 1 or 10: how many times the standard start.
        weights: That the trust region reached, shape (p,).
        sum_of_squares: There.
        steps: Taken until the weights came to rest.
        status: How the run stood then.
    """

    problem: LeastSquares
    factor: int
    weights: np.ndarray
    sum_of_squares: float
    steps: int
    status: str

    @cached_property
    def minpack(self) -> Minpack:
        """What MINPACK does from the same start."""
        return minpack(self.problem.residuals, self.problem.start_times(self.factor), EVALUATIONS)

    @property
    def verdict(self) -> str:
        """`OK` at a published minimum; `NEITHER` and `OTHER` where MINPACK ended at none; else `WORSE`.

        `OTHER` is a stationary point above the one at which MINPACK ended, and both are unlisted. Where
        MINPACK is still on its way after `EVALUATIONS`, it has found nothing to compare with.
        """
        if is_published(self.problem, self.sum_of_squares):
            return OK
        theirs = self.minpack.sum_of_squares
        beaten = not self.sum_of_squares <= theirs * (1 + SAME) + zero(self.problem)  # also by NaN
        if is_published(self.problem, theirs):
            return WORSE if beaten else OK
        if not beaten or not self.minpack.stopped:
            return NEITHER
        return OTHER if cosine(self.problem, self.weights) <= FLAT else WORSE


def zero(problem: LeastSquares) -> float:
    """Return the sum of squares that counts as 0."""
    return ZERO * min(problem.sum_of_squares_at(problem.start), 1.0)


def is_published(problem: LeastSquares, sum_of_squares: float) -> bool:
    """Return whether a sum of squares is that of a published minimum."""
    return any(
        abs(sum_of_squares - least) <= SAME * least if least else sum_of_squares <= zero(problem)
        for least in problem.minima
    )


def cosine(problem: LeastSquares, weights: np.ndarray) -> float:
    """Return the largest |f . J_j| / (||f|| ||J_j||) of any column of J that is not 0."""
    w = torch.from_numpy(weights)
    f, slope = problem.residuals(w), jacrev(problem.residuals)(w)
    norms = slope.norm(dim=0) * f.norm()
    return float(torch.where(norms > 0, (slope.mT @ f).abs() / norms, 0.0).max())


def fit(
    problem: LeastSquares,
    method: str = "trust-region",
    steps: int = STEPS,
    factors: tuple[int, ...] = (1, 10),
) -> list[Fit]:
    """Solve a problem from multiples of its start, side by side, in float64.

    Args:
        problem: One of `PROBLEMS`.
        method: A method of the steps clock, in gnviz's spelling.
        steps: Most steps.
        factors: How many times the start, 1 or 10.

    Returns:
        What was reached from each of them.
    """
    end = run_to_rest(problem.problem(*map(problem.start_times, factors)), method, steps)
    rows = zip(factors, end.weights, 2 * end.loss, end.steps, end.status, strict=True)
    return [Fit(problem, factor, w, float(total), int(count), word) for factor, w, total, count, word in rows]


def lines(fits: Iterable[Fit]) -> Iterator[str]:
    """Yield the table line by line: trust region, MINPACK, published minima; the last line counts."""
    yield (
        f"{'problem':26}{'n':>3}{'p':>4} {'start':>6}{'SSE':>14}{'steps':>6} {'status':10}"
        f"{'MINPACK':>14}{'calls':>6}  {'verdict':19}published"
    )
    verdicts = []
    for f in fits:
        verdicts.append(f.verdict)
        p, theirs = f.problem, f.minpack
        published = ", ".join(f"{least:.6g}" for least in p.minima)
        yield (
            f"{p.name:26}{p.samples:3}{p.parameters:4} {f.factor:3} x0{f.sum_of_squares:14.6g}{f.steps:6} "
            f"{f.status:10}{theirs.sum_of_squares:14.6g}{theirs.evaluations:6}  {verdicts[-1]:19}{published}"
        )
    counts = ", ".join(f"{verdicts.count(word)} {word}" for word in (OK, WORSE, NEITHER, OTHER))
    yield f"{len(verdicts)} fits: {counts}"


def every_problem() -> Iterator[Fit]:
    """Yield the fits of all problems, from both starts."""
    for problem in PROBLEMS.values():
        yield from fit(problem)


if __name__ == "__main__":
    for line in lines(every_problem()):
        print(line, flush=True)
