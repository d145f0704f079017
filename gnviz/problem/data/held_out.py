"""Samples that are not trained on: what a predictor has learned beyond them."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from gnviz.data import DataSet, Samples
from gnviz.data.targets import EQUAL_MODES
from gnviz.knobs import KnobError

OTHER = 0x5EED
"""Added to `data.seed`: test samples leave the training data, its noise and the teacher as they are."""


def with_test(samples: Samples, data: DataSet) -> Samples:
    """Return the samples with `data.test` test samples beside them.

    Made data have as many more, drawn at random where the training inputs come from, with noise-free targets.
    A table's are rows chosen at random, which then are not trained on; columns are standardised before.

    Raises:
        KnobError: A table has too few rows, or the target is no function of the inputs.
    """
    if not data.test:
        return samples
    if data.target == EQUAL_MODES:
        raise KnobError(
            f"data.test = {data.test} needs a target that is a function of the inputs, which data.target = "
            "'equal-modes' is not; allowed with it: data.test = 0"
        )
    generator = torch.Generator().manual_seed((data.seed + OTHER) % 2**63)
    if samples.draw is None:
        return _split(samples, data.test, generator)
    x, y = samples.draw(data.test, generator)
    return replace(samples, test_x=x, test_y=y)


def _split(samples: Samples, count: int, generator: torch.Generator) -> Samples:
    """Return the samples without `count` random ones, which become the test samples."""
    n = len(samples.y)
    if count > n - 2:
        raise KnobError(f"data.test = {count} leaves too few of {n} rows to train on; allowed: up to {n - 2}")
    order = torch.randperm(n, generator=generator)
    test, kept = order[:count].sort().values, order[count:].sort().values

    def of(values: Tensor) -> Tensor:
        return values[kept] if len(values) else values

    return replace(
        samples,
        x=samples.x[kept],
        y=samples.y[kept],
        coordinate=of(samples.coordinate),
        measured=of(samples.measured),
        test_x=samples.x[test],
        test_y=samples.y[test],
        test_measured=samples.measured[test],
        notes=(*samples.notes, f"{count} of {n} rows are held out for the test loss"),
    )
