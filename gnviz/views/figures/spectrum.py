"""Figure `spectrum`: the kernel's eigenvalues now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gnviz.views.base import BELOW, RESOLUTION, Tables, View, require
from gnviz.views.plot import Axis, Key, Mark, Plot, Range, Tip
from gnviz.views.runs import entries_of, run_groups, run_labels, run_looks, shown
from gnviz.views.style import reference
from gnviz.views.values import at, log_limits, positive

if TYPE_CHECKING:
    import xarray as xr

INFINITE = "infinite width"
"""Label of the eigenvalues that the kernel of an infinitely wide network has at the start."""

FLOOR = "below resolution"
"""What the legend calls the line below which eigenvalues are rounding."""

TIPS: tuple[Tip, ...] = (("run", "$name", ""), ("mode", "mode", "0"), ("eigenvalue", "eigenvalue", "0.000e"))


class Spectrum(View):
    """The eigenvalues of each run's kernel at one moment, by mode number."""

    label = "spectrum"
    title = "Spectrum of the kernel"
    caption = (
        "The size of each eigenvalue of K: modes with small eigenvalues learn slowly under gradient flow; "
        "hollow marks under the dashed line are below resolution, rounding rather than spectrum. Dotted: "
        "those of an infinitely wide network at its start, where they are known."
    )
    needs = ("eigenvalues",)

    def tables(self, ds: xr.Dataset, *, moment: int = -1) -> Tables:
        """Return mode numbers and eigenvalues: references, and each run's, those below resolution apart.

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
        if "infinite_width" in ds:
            limit = positive(ds["infinite_width"].values)
            with np.errstate(invalid="ignore"):
                out[INFINITE] = {"mode": modes, "eigenvalue": np.where(limit < floor, np.nan, limit)}
        for i, (label, row) in enumerate(zip(run_labels(ds), values, strict=True)):
            below = row < floor
            beside = modes + (i - (len(values) - 1) / 2) * min(0.2, 0.7 / len(values))
            out[label + BELOW] = {"mode": beside, "eigenvalue": np.where(below, row, np.nan)}
            out[label] = {"mode": beside, "eigenvalue": np.where(below, np.nan, row)}
        return out

    def marks(self, ds: xr.Dataset, tables: Tables, **_: Any) -> Plot:
        """Return the figure's axes and marks; for the options see `View`."""
        ds = shown(ds)
        looks, entries, n = run_looks(ds), entries_of(ds), ds.sizes["mode"]

        def mark(label: str) -> Mark:
            if label == RESOLUTION:
                return reference(label, entry=FLOOR, tips=TIPS)
            if label == INFINITE:
                return reference(label, dash=(2, 3), tips=TIPS)
            run, hollow = label.removesuffix(BELOW), label.endswith(BELOW)
            look: dict[str, Any] = {
                "color": looks[run].color,
                "marker": looks[run].marker,
                "entry": entries[run],
            }
            look |= {"fill": 0.0, "alpha": 0.5} if hollow else {"fill": 0.75}
            return Mark(label, "points", width=1.6, moves=True, tips=TIPS, **look)

        return Plot(
            self.title,
            Axis("mode number i", whole=True),
            Axis("eigenvalue λ of the kernel K", log=True),
            tuple(map(mark, tables)),
            (0.4, n + 0.6),
            self.limits(tables),
            entries=(*run_groups(ds), FLOOR),
            key=(Key(INFINITE, reference("", dash=(2, 3))),) if INFINITE in tables else (),
        )

    def limits(self, tables: Tables) -> Range:
        """Return decades around all eigenvalues; the floor does not count."""
        return log_limits([t["eigenvalue"] for label, t in tables.items() if label != RESOLUTION])


def resolution(ds: xr.Dataset) -> float:
    """Return the eigenvalue below which the spectrum is rounding, NaN if unknown."""
    return float(positive(ds.attrs.get("resolution", np.nan)))
