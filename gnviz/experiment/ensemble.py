"""Ensembles: every method repeated with several output scalings and initial weights, as one batch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple

import param

from gnviz.knobs import Group, KnobError, parse

MAX_RUNS = 1000
"""Most runs of one experiment: methods times alphas times seeds."""

ALPHA = (1e-3, 1e6)
"""Bounds of the output scaling alpha."""


class Ensemble(Group):
    """Repetitions of every method, all on the same data and time grid."""

    alphas = param.List(
        [],
        item_type=(str, float),
        doc="Output scalings to compare, such as 1;10;100; empty: just network.alpha.",
    )
    seeds = param.Integer(
        1, bounds=(1, MAX_RUNS), doc="Number of initial weights: seeds network.seed, network.seed + 1, ..."
    )

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "alphas":
            value = canonical_alphas(parse(self.spelling(name), self.param.alphas, value))
        super().__setattr__(name, value)


class Run(NamedTuple):
    """One run of an experiment.

    Attributes:
        label: The method, and what else tells the run from its siblings.
        method: In canonical spelling.
        alpha: Output scaling.
        seed: Of the initial weights.
    """

    label: str
    method: str
    alpha: float
    seed: int


def expand(methods: Sequence[str], alpha: float, seed: int, ensemble: Ensemble) -> list[Run]:
    """Return every method with every alpha and seed, the last varying fastest.

    Args:
        methods: In canonical spelling.
        alpha: Used where the ensemble names none.
        seed: The first seed.
        ensemble: What to repeat.
    """
    alphas = {f", alpha={text}": float(text) for text in ensemble.alphas}
    if len(alphas) < 2:
        alphas = {"": next(iter(alphas.values()), alpha)}
    seeds = {f", seed {s}": s for s in range(seed, seed + ensemble.seeds)}
    if len(seeds) < 2:
        seeds = {"": seed}
    return [Run(m + a + s, m, alphas[a], seeds[s]) for m, a, s in product(methods, alphas, seeds)]


def check_size(methods: Sequence[str], ensemble: Ensemble) -> None:
    """Refuse an ensemble of more than `MAX_RUNS` runs.

    Raises:
        KnobError: It is; the message names the knobs that multiply.
    """
    alphas = len(ensemble.alphas) or 1
    runs = len(methods) * alphas * ensemble.seeds
    if runs > MAX_RUNS:
        raise KnobError(
            f"ensemble.seeds = {ensemble.seeds} with {alphas} in ensemble.alphas and {len(methods)} in "
            f"methods makes {runs} runs; allowed are {MAX_RUNS}: lower ensemble.seeds, or shorten "
            "ensemble.alphas"
        )


def canonical_alphas(alphas: Sequence[str | float]) -> list[str]:
    """Return output scalings in their shortest spelling.

    Raises:
        KnobError: One is not a number in `ALPHA`, or is given twice.
    """
    number = param.Number(1.0, bounds=ALPHA)
    texts = []
    for text in (part for item in alphas for part in (item.split(",") if isinstance(item, str) else [item])):
        value = parse("ensemble.alphas", number, text)
        texts.append(f"{value:g}" if float(f"{value:g}") == value else repr(value))
    for text in texts:
        if texts.count(text) > 1:
            raise KnobError(f"ensemble.alphas: {text} is given twice; allowed: different numbers")
    return texts
