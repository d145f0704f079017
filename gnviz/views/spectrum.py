"""Figure `spectrum`: the kernel's eigenvalues now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import holoviews as hv
import numpy as np

from gnviz.views import style
from gnviz.views.base import (
    BELOW,
    FRAME,
    RESOLUTION,
    Frame,
    Tables,
    at,
    log_limits,
    positive,
    require,
    run_groups,
    run_labels,
    run_ranks,
    shown,
)

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Spectrum:
    """The eigenvalues of each run's kernel at one moment, by mode number."""

    name: str = "spectrum"
    title: str = "Spectrum of the kernel"
    caption: str = (
        "The size of each eigenvalue of K: modes with small eigenvalues learn slowly under gradient flow; "
        "hollow marks under the dashed line are below resolution, rounding rather than spectrum."
    )
    needs: tuple[str, ...] = ("eigenvalues",)
    backend: Literal["bokeh"] = "bokeh"

    def tables(self, ds: xr.Dataset, *, moment: int = -1) -> Tables:
        """Return mode numbers and eigenvalues of each run, resolved and below resolution apart.

        The runs stand beside each other, so that equal spectra do not hide each other.

        Args:
            ds: A Dataset of schema 1.
            moment: Which recorded moment; -1 is the last.
        """
        require(ds, self)
        ds = shown(ds)
        floor = resolution(ds)
        n = ds.sizes["mode"]
        modes = np.arange(1.0, n + 1)
        values = positive(at(ds, "eigenvalues", moment))
        out: Tables = {RESOLUTION: {"mode": np.array([0.5, n + 0.5]), "eigenvalue": np.full(2, floor)}}
        for i, (label, row) in enumerate(zip(run_labels(ds), values, strict=True)):
            below = row < floor
            beside = modes + (i - (len(values) - 1) / 2) * min(0.2, 0.7 / len(values))
            out[label + BELOW] = {"mode": beside, "eigenvalue": np.where(below, row, np.nan)}
            out[label] = {"mode": beside, "eigenvalue": np.where(below, np.nan, row)}
        return out

    def draw(self, ds: xr.Dataset, *, moment: int = -1, frame: Frame = FRAME) -> hv.Overlay:
        """Return the figure; for the options see `tables`."""
        ds = shown(ds)
        tables = self.tables(ds, moment=moment)
        ranks = run_ranks(ds)
        words = ("mode number i", "eigenvalue λ of the kernel K")
        elements: list[hv.Element] = []
        for label, table in tables.items():
            dims = style.dimensions(table, *words)
            if label == RESOLUTION:
                elements.append(style.curve(label, table, dims, **style.REFERENCE))
                continue
            index = ranks[label.removesuffix(BELOW)]
            look = {"color": style.run_color(index), "marker": style.run_marker(index), "line_width": 1.6}
            look |= {"fill_alpha": 0, "line_alpha": 0.5} if label.endswith(BELOW) else {"fill_alpha": 0.75}
            elements.append(style.points(label, table, dims, size=8, **look))
        entries = {k: [x + end for x in v for end in ("", BELOW)] for k, v in run_groups(ds).items()} | {
            "below resolution": [RESOLUTION]
        }
        n = ds.sizes["mode"]
        return style.figure(
            elements,
            frame=frame,
            title=self.title,
            xlabel=words[0],
            ylabel=words[1],
            xlim=(0.4, n + 0.6),
            ylim=self.limits(tables),
            logy=True,
            hooks=(
                style.moving(lambda label: label != RESOLUTION),
                style.legend(entries),
                style.whole_ticks,
                style.hover([("run", "$name"), ("mode", "@mode{0}"), ("eigenvalue", "@eigenvalue{0.000e}")]),
            ),
        )

    def limits(self, tables: Tables) -> tuple[float, float]:
        """Return decades around all eigenvalues; the floor does not count."""
        return log_limits([t["eigenvalue"] for label, t in tables.items() if label != RESOLUTION])


def resolution(ds: xr.Dataset) -> float:
    """Return the eigenvalue below which the spectrum is rounding, NaN if unknown."""
    return float(positive(ds.attrs.get("resolution", np.nan)))
