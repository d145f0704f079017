"""What a regime map shows, in one sentence."""

from __future__ import annotations

from collections import Counter

import numpy as np

from gnviz.views.base import Table
from gnviz.views.plot import Plot
from gnviz.views.sweeps.reading import number

FLAT = 1.5
"""Factor up to which a number is said not to depend on what it is over."""

ALIKE = 0.95
"""Share of the largest factor from which one is as good an example: the uppermost is taken."""


def sentence(cells: Table, plot: Plot, words: str, x: str, y: str) -> str:
    """Return what a map shows so far; empty while too little is known.

    Args:
        cells: Of a `RegimeMap`, row by row.
        plot: The same map's.
        words: What is coloured, such as `time to a loss`.
        x: What the horizontal axis is called.
        y: What the vertical one is called.
    """
    if plot.shades is None:
        ends = Counter(cells["number"][cells["shown"] > 0].tolist())
        most = [f"{count} as {word}" for word, count in ends.most_common()]
        return f"Cells end {', '.join(most)}." if most else ""
    columns = len(np.unique(cells["x"]))
    value = np.asarray(cells["value"], float).reshape(-1, columns)
    across, up = cells["across"][:columns], cells["up"][::columns]
    whole = np.isfinite(value).all(axis=1)
    if whole.sum() < 2:
        return ""
    where = f"From {x} = {across[0]} to {across[-1]}"
    if not plot.shades.log or value[whole].min() <= 0:
        low, high = value[whole].min(), value[whole].max()
        return f"The {words} lies between {number(low)} and {number(high)}."
    factor = np.where(whole, value.max(axis=1) / value.min(axis=1), np.nan)
    least = int(np.nanargmin(factor))
    most = int(np.flatnonzero(factor >= ALIKE * np.nanmax(factor))[-1])
    if factor[most] <= FLAT:
        return f"{where} the {words} hardly changes, whatever {y} is."
    quiet = "hardly changes" if factor[least] <= FLAT else f"changes {_fold(factor[least])}"
    return (
        f"{where} the {words} {quiet} at {y} = {up[least]}, "
        f"and changes {_fold(factor[most])} at {y} = {up[most]}."
    )


def _fold(factor: float) -> str:
    """Return a factor in words."""
    return f"{factor:.2g}-fold" if factor < 100 else f"{float(f'{factor:.2g}'):,.0f}-fold"
