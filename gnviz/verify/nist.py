"""How many certified digits of NIST's regression sets a method reaches: `python -m gnviz.verify.nist`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

STEPS = 2000
"""Most steps of a regression."""

CERTIFIED = 11
"""Digits that NIST certifies."""

ENOUGH = 6
"""Digits that count as solved."""


@dataclass(frozen=True)
class Regression:
    """One set from one of its starts.

    Attributes:
        name: NIST's name.
        level: NIST's level of difficulty.
        start: 1 or 2.
        parameters: Digits reached in the parameter that has fewest, 0 to 11.
        sum_of_squares: Digits reached in the residual sum of squares, 0 to 11. Lanczos1's, 1.4e-25, is below
            the rounding of its data.
        steps: Taken until the weights came to rest, or the method ended the run.
    """

    name: str
    level: str
    start: int
    parameters: float
    sum_of_squares: float
    steps: int


def digits(reached: np.ndarray, certified: np.ndarray | float) -> np.ndarray:
    """Return the log relative error -log10(|reached - certified| / |certified|), from 0 to 11."""
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.abs(reached - certified) / np.abs(certified)
        return np.nan_to_num(np.clip(-np.log10(error), 0, CERTIFIED), nan=0.0)


def regress(name: str, method: str = "trust-region", steps: int = STEPS) -> list[Regression]:
    """Solve one set from both starts, side by side, in float64.

    Args:
        name: NIST's name of the set.
        method: A method of the steps clock, in gnviz's spelling.
        steps: Most steps.

    Returns:
        What was reached from start 1 and from start 2.

    Raises:
        ValueError: There is no such set or method.
    """
    from gnviz.problem.published import nist
    from gnviz.verify.at_rest import run_to_rest

    certified = nist.read(name)
    end = run_to_rest(certified.problem(), method, steps)
    found = digits(end.weights, certified.parameters.numpy()).min(1)
    squares = digits(2 * end.loss, certified.sum_of_squares)
    return [
        Regression(
            name,
            certified.level,
            start + 1,
            float(found[start]),
            float(squares[start]),
            int(end.steps[start]),
        )
        for start in range(2)
    ]


def every_set(method: str = "trust-region") -> Iterator[Regression]:
    """Yield the regressions of all 27 sets, from both starts."""
    from gnviz.problem.published import nist

    for name in nist.names():
        yield from regress(name, method)


def table(rows: Sequence[Regression]) -> str:
    """Return the digits as text: parameters, sum of squares and steps, from start 1 and from start 2."""
    lines = ["digits of  level          start 1:  b   SSE   steps     start 2:  b   SSE   steps"]
    for far, near in zip(rows[::2], rows[1::2], strict=True):
        cells = (f"{r.parameters:4.1f} {r.sum_of_squares:4.1f}  {r.steps:5d}" for r in (far, near))
        lines.append(f"{far.name:9} {far.level:8}" + "".join(f"{cell:>27}" for cell in cells))
    solved = [sum(r.parameters >= ENOUGH for r in rows if r.start == start) for start in (1, 2)]
    lines.append(
        f"at least {ENOUGH} digits in every parameter: {solved[0]} of {len(rows) // 2} sets from start 1, "
        f"{solved[1]} from start 2"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(list(every_set())))
