"""Labels for classification: targets as -1 and 1."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from gnviz.data import Samples
from gnviz.knobs import KnobError

MOST_SHOWN = 4
"""Target values that a message repeats."""


def labelled(samples: Samples, *, made: bool) -> Samples:
    """Return the samples with targets in {-1, 1}.

    Made targets are real-valued functions, so their sign is taken (0 counts as 1). A table's target column
    must hold exactly two values, such as 0 and 1 or -1 and 1: the smaller one becomes -1.

    Args:
        samples: Data, standardised or made.
        made: Whether the targets come from a formula.

    Raises:
        KnobError: The column holds more than two values.
    """
    if made:
        note = "logistic loss: the labels are the sign of the made target"
        return replace(
            samples,
            y=_sign(samples.y),
            test_y=_sign(samples.test_y),
            grid_truth=_sign(samples.grid_truth),
            notes=(*samples.notes, note),
        )
    measured = torch.cat([samples.measured, samples.test_measured])
    values = measured.unique().tolist()
    if len(values) != 2:
        shown = ", ".join(f"{v:g}" for v in values[:MOST_SHOWN]) + (", …" if len(values) > MOST_SHOWN else "")
        raise KnobError(
            f"loss.kind = 'logistic' needs two labels, but the target {samples.target!r} has {len(values)} "
            f"different values ({shown}); allowed: a column with two values such as -1 and 1, or another loss"
        )
    low, high = values
    note = f"logistic loss: target {low:g} counts as -1 and {high:g} as 1"
    labels = torch.where(measured == high, 1.0, -1.0).to(samples.y)
    n = len(samples.y)
    units = samples.units and samples.units._replace(y_offset=0.0, y_scale=1.0)
    return replace(samples, y=labels[:n], test_y=labels[n:], notes=(*samples.notes, note), units=units)


def _sign(values: Tensor) -> Tensor:
    """Return -1 or 1, NaN where unknown."""
    return torch.where(values.isnan(), values, torch.where(values < 0, -1.0, 1.0))
