"""Figure `kernel`: the kernel at the start, an entry for each pair of samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gnviz.views.base import Table, Tables, View, require
from gnviz.views.plot import Axis, Mark, Plot, Range, Shades, Tip
from gnviz.views.runs import run_index
from gnviz.views.style import CURVATURE_PALETTE, MODE_PALETTE, blend
from gnviz.views.values import finite, with_mode

if TYPE_CHECKING:
    import xarray as xr

ENTRIES = "entries"
"""Label of the cells."""

MOST = 120
"""Samples up to which each has its row; of more, every k-th of them."""

COLORS = 65
"""Of the cells: an odd number, so that 0 has the middle one where it is there."""

ROUNDING = {"float32": 1e-4}
"""What is less, in units of the largest eigenvalue or entry, is rounding; in double precision 1e-9."""

UNKNOWN = " (not recorded for this run)"
"""What is said of a run that starts from other weights than the first, or with another curvature."""


class Kernel(View):
    """The neural tangent kernel K_0 = J J^T between the samples at the start, without alpha.

    Under a loss with a curvature G other than 1 it is S_0 = G^{1/2} K_0 G^{1/2}, whose modes all figures
    speak of, with the G that training uses at the start. It is recovered from what is recorded, its
    eigenvectors B and eigenvalues lambda, as S_0 = B diag(lambda) B^T: for p >= n there are n of them, for
    p < n all that are not 0, so that nothing is lost.
    """

    label = "kernel"
    title = "The kernel matrix"
    caption = (
        "How much a step on one sample moves the prediction of another: the kernel K₀ of the network as it "
        "starts, G^½ K₀ G^½ under a loss with curvature G; of a mode singled out, its part λvvᵀ. Where there "
        f"are negative entries, brown is above 0 and green below. Of more than {MOST} samples every k-th is "
        "shown, which the axes say."
    )
    needs = ("basis", "eigenvalues")
    page = "theory"

    def tables(self, ds: xr.Dataset, *, run: str | None = None, mode: int | None = None) -> Tables:
        """Return a cell for each pair of samples, row by row.

        Samples are numbered from 1 in the order of their coordinate, if they lie on a line or circle, else
        in that of the data: x is j, y is i. `value` is NaN where the kernel is not known: before the first
        moment, and for runs whose eigenvectors are not recorded.

        Args:
            ds: A Dataset of schema 1.
            run: Label of the run; None is the first.
            mode: A mode, from 1, whose part of the kernel is wanted; None: all of it.

        Raises:
            ValueError: A variable is missing, or there is no such run or mode.
        """
        require(ds, self)
        index, stride = run_index(ds, run), _stride(ds)
        places = np.arange(0, ds.sizes["sample"], stride)
        modes = slice(None) if mode is None else with_mode(np.empty(0, int), ds, mode)
        basis = finite(ds["basis"].values)[_order(ds)[places]][:, modes]
        with np.errstate(over="ignore", invalid="ignore"):
            entries = finite((basis * _eigenvalues(ds, index)[modes]) @ basis.T)
        return {ENTRIES: _cells(places + 1.0, stride, 0.5 * entries + 0.5 * entries.T)}

    def marks(
        self, ds: xr.Dataset, tables: Tables, *, run: str | None = None, mode: int | None = None, **_: Any
    ) -> Plot:
        """Return the figure's axes and marks.

        Args:
            ds: As in `tables`.
            tables: What that has returned.
            run: As there.
            mode: As there.
        """
        squared = ds.attrs.get("loss_kind", "squared") == "squared"
        name = f"λvvᵀ of mode {mode}" if mode else "kernel K₀" if squared else "kernel G^½ K₀ G^½"
        missing = ds.sizes["time"] > 0 and np.isnan(_eigenvalues(ds, run_index(ds, run))).all()
        tips: tuple[Tip, ...] = (("sample i", "y", "0"), ("sample j", "x", "0"), (name, "value", "0.000e"))
        limits, how = self.limits(tables), _in_words(ds)
        return Plot(
            self.title,
            Axis(f"sample j{how}", whole=True),
            Axis(f"sample i{how}", whole=True),
            (Mark(ENTRIES, "cells", tips=tips),),
            limits,
            limits,
            shades=_shades(name + (UNKNOWN if missing else ""), tables[ENTRIES]["value"], _rounding(ds)),
            square=True,
        )

    def limits(self, tables: Tables) -> Range:
        """Return the range of the rows, and of the columns."""
        return float(tables[ENTRIES]["bottom"][0]), float(tables[ENTRIES]["top"][-1])


def _rounding(ds: xr.Dataset) -> float:
    """Return the share of the largest number below which one cannot be told from 0."""
    return ROUNDING.get(str(ds.attrs.get("dtype")), 1e-9)


def _eigenvalues(ds: xr.Dataset, run: int) -> np.ndarray:
    """Return a run's eigenvalues at the start, shape (k,); NaN where `basis` does not belong to them."""
    start = finite(ds["eigenvalues"].values[:, :1])
    if not start.shape[1] or ds["time"].values[0] != 0 or not _shared(ds, start[:, 0], run):
        return np.full(ds.sizes["mode"], np.nan)
    return start[run, 0]


def _shared(ds: xr.Dataset, start: np.ndarray, run: int) -> bool:
    """Return whether a run starts with the first one's kernel, whose eigenvectors are recorded.

    Another seed has another kernel; under a loss whose curvature changes, so has another alpha, unless both
    start from the same predictions.

    Args:
        ds: The results.
        start: Eigenvalues of all runs at the start, shape (run, mode).
        run: The position of the run.
    """
    if run == 0:
        return True
    near = _rounding(ds) * np.abs(start[0]).max(initial=0.0)
    return bool(ds["seed"].values[run] == ds["seed"].values[0] and (abs(start[run] - start[0]) <= near).all())


def _ordered(ds: xr.Dataset) -> bool:
    """Return whether samples lie on a line or a circle, where their coordinate orders them."""
    return "coordinate" in ds.variables


def _order(ds: xr.Dataset) -> np.ndarray:
    """Return the positions of the samples in the order in which they are shown, shape (n,)."""
    if not _ordered(ds):
        return np.arange(ds.sizes["sample"])
    return np.argsort(ds["coordinate"].values, kind="stable")


def _stride(ds: xr.Dataset) -> int:
    """Return how many samples there are for each that is shown."""
    return max(-(-ds.sizes["sample"] // MOST), 1)


def _in_words(ds: xr.Dataset) -> str:
    """Return how samples are ordered, and how many are shown, for the axes."""
    names = ds["feature"].values
    by = f" by {names[0] if len(names) == 1 else 'angle θ'}" if _ordered(ds) else ""
    return by + (f", 1 in {_stride(ds)}" if _stride(ds) > 1 else "")


def _cells(places: np.ndarray, width: float, entries: np.ndarray) -> Table:
    """Return the cells of a matrix, row by row, each around the places of its two samples."""
    x, y = (each.ravel().astype(np.float32) for each in np.meshgrid(places, places))
    half = np.float32(width / 2)
    sides = {"left": x - half, "right": x + half, "bottom": y - half, "top": y + half}
    return {"x": x, "y": y, **sides, "value": entries.ravel(), "shown": np.ones_like(x)}


def _shades(words: str, entries: np.ndarray, rounding: float) -> Shades:
    """Return what the colours mean: as far below 0 as above where entries are negative.

    Args:
        words: What is coloured.
        entries: NaN where they are not known.
        rounding: The share of the largest up to which a negative one is as good as 0.
    """
    known = entries[np.isfinite(entries)]
    largest = float(np.abs(known).max(initial=0.0))
    if (known < -rounding * largest).any():
        return Shades(words, tuple(blend(CURVATURE_PALETTE, COLORS)), low=-largest, high=largest)
    low = max(float(known.min(initial=largest)), 0.0)
    palette = tuple(blend(MODE_PALETTE, COLORS))
    return Shades(words, palette, low=low, high=largest if largest > low else low + 1.0)
