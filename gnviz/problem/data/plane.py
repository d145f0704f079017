"""The plane of two inputs, around the samples: where a fitted function of two variables is shown."""

from __future__ import annotations

from dataclasses import replace

import torch

from gnviz.data import Samples
from gnviz.data.samples import Plane

SIDE = 32
"""Points along each side: contours through them are smooth, and a thousand evaluations still cheap."""

MARGIN = 0.12
"""Room around the samples, as a share of their extent."""


def with_plane(samples: Samples) -> Samples:
    """Return the samples with a plane around all inputs, held-out ones too, if there are two of each.

    Samples on a curve have none: the curve shows what is fitted. An input that does not vary counts as one of
    extent 1.
    """
    if samples.x.shape[1] != 2 or len(samples.grid):
        return samples
    x = torch.cat([samples.x, samples.test_x]) if len(samples.test_x) else samples.x
    low, high = x.amin(0), x.amax(0)
    room = MARGIN * torch.where(high > low, high - low, 1.0)
    ends = zip((low - room).tolist(), (high + room).tolist(), strict=True)
    return replace(samples, plane=Plane(*(torch.linspace(a, b, SIDE, dtype=torch.float64) for a, b in ends)))
