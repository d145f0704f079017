"""Published test problems: Rosenbrock, Moré-Garbow-Hillstrom, and some of NIST's regression sets."""

from __future__ import annotations

from collections.abc import Iterator

from gnviz.analysis.ends import loss_now
from gnviz.dynamics.simulate import run
from gnviz.experiment import Experiment
from gnviz.problem.published.more_garbow_hillstrom import PROBLEMS
from gnviz.verify.check import Finding, equal, small
from gnviz.verify.nist import ENOUGH, regress

NON_ZERO = ("freudenstein-roth", "jennrich-sampson", "brown-dennis")
"""Problems without a root in reach; all 35 take `python -m gnviz.verify.more_garbow_hillstrom`."""

QUICK = ("Misra1a", "Thurber", "MGH10", "MGH17", "Bennett5")
"""An easy set, a middling one, and three hard ones; all 27 take `python -m gnviz.verify.nist`."""


def rosenbrock() -> Iterator[Finding]:
    """Undamped Gauss-Newton steps from (-1.2, 1) go through the sums of squares 24.2 and 2342.56 to 0."""
    squares = 2 * run(_steps("gauss-newton", 2), PROBLEMS["rosenbrock"].problem())["loss"].values[0]
    yield equal("Rosenbrock: sum of squares after one Gauss-Newton step", 2342.56, squares[1], 12)
    yield small("Rosenbrock: sum of squares after two", squares[2], 12)


def minima() -> Iterator[Finding]:
    """Trust-region steps reach the published minima, to the six digits that are published."""
    for name in NON_ZERO:
        problem = PROBLEMS[name]
        loss = loss_now(run(_steps("trust-region", 500), problem.problem()))[0]
        yield equal(f"{name}: sum of squares", problem.sum_of_squares, 2 * float(loss), 6)


def nist() -> Iterator[Finding]:
    """NIST StRD from the second start: digits of the parameter that has fewest."""
    for name in QUICK:
        near = regress(name)[1]
        what, found = f"NIST {name} ({near.level.lower()}), start 2", f"{near.steps} steps"
        yield Finding(what, "certified", found, near.parameters, near.parameters >= ENOUGH)


def _steps(method: str, count: int) -> Experiment:
    values = {"methods": [method], "clock.kind": "steps", "clock.steps": count, "clock.step_size": 1.0}
    values |= {"clock.snapshots": count + 1, "clock.spacing": "linear", "device": "cpu"}
    values |= {"observe.optimum": False}  # it is known
    return Experiment().replace(values)
