"""What lessons claim, held against the runs they speak of: `python -m gnviz.verify.lessons [LESSON ...]`."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache

import xarray as xr

from gnviz.dynamics.simulate import run
from gnviz.experiment import Experiment
from gnviz.lessons import LESSONS, Claim, Lesson, Step, lesson
from gnviz.lessons.claims import Term
from gnviz.verify.check import Finding, agreement

KEPT = 16
"""Results that are kept: several claims speak of each."""


def claims(what: Lesson) -> Iterator[Finding]:
    """Yield every number that a lesson claims beside the one that its run gives."""
    for step in what.parts:
        for claim in step.claims:
            yield finding(step, claim)


def finding(step: Step, claim: Claim) -> Finding:
    """Return what a claim of a step says beside what its run gives."""
    found = measured(step, claim)
    expected = claim.value if claim.relation == "=" else f"{claim.relation} {claim.value}"
    what = f"{step.prose.path.stem}:{claim.line} {claim.text.partition(' | ')[0]}"
    if isinstance(found, str):
        return Finding(what, expected, found, math.nan, claim.holds(found))
    exact = claim.relation == "=" and claim.number
    digits = agreement(abs(found / claim.number - 1)) if exact else math.nan
    return Finding(what, expected, f"{found:.6g}", digits, claim.holds(found))


def measured(step: Step, claim: Claim) -> float | str:
    """Return what a claim's runs give: a number, a ratio of two, or a word."""
    values = [_measured(step, claim, term) for term in claim.terms]
    if len(values) == 1:
        return values[0]
    return float(values[0]) / float(values[1])


def _measured(step: Step, claim: Claim, term: Term) -> float | str:
    experiment = step.experiment_of(claim, term.at)
    change = term.reading.quantity.other
    other = result(experiment.replace(change)) if change else None
    return term.reading.of(result(experiment), experiment, other)


def result(experiment: Experiment) -> xr.Dataset:
    """Return an experiment's Dataset; the last ones are kept."""
    return _result(experiment.to_json())


@lru_cache(KEPT)
def _result(experiment: str) -> xr.Dataset:
    return run(Experiment.from_json(experiment))


def table(names: Iterable[str]) -> Iterator[str]:
    """Yield a line for each claim of some lessons; all of them if none is named."""
    for what in [lesson(name) for name in names] or LESSONS.values():
        for f in claims(what):
            yield f"{'ok   ' if f.ok else 'WRONG'} {f.found:>14}  {f.what}  ({f.expected})"


if __name__ == "__main__":
    for line in table(sys.argv[1:]):
        print(line, flush=True)
