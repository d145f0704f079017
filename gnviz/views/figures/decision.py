"""Figure `decision`: what is predicted all over the plane of two inputs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gnviz.analysis.ends import last_known, recorded
from gnviz.data.two_classes import LEVEL
from gnviz.views.base import Tables, View, require
from gnviz.views.level_line import zero_line
from gnviz.views.plot import Axis, Key, Mark, Plot, Range, Shades, Tip
from gnviz.views.runs import run_index
from gnviz.views.style import CURVATURE_PALETTE, INK, blend
from gnviz.views.values import at, finite

if TYPE_CHECKING:
    import xarray as xr

GROUND, LINE, WORDS = "prediction", "decision line", "words"
"""Labels of the predictor on its grid, of where it is 0, and of what is said above."""

DATA, POSITIVE, NEGATIVE = "samples", "label 1", "label −1"
"""Labels of the samples: all together, or by class where targets are labels."""

HELD_OUT = " · held out"
"""Suffix of the labels of samples that are not trained on."""

BANDS = 13
"""Colours of the ground: an odd number, so that the middle one is of predictions near 0."""

BEYOND = 1.5
"""Prediction of the strongest colour, in units of the largest target: labels are darker than their fit."""

ROUNDING = 1e-5
"""Predictions below this, in units of the largest target, are 0: they are kept in single precision."""

HEAD = 0.1
"""Room for words above the plane, as a share of its height."""

SHAPES = {POSITIVE: "circle", NEGATIVE: "square"}
"""Markers of the classes, so that colour is not the only difference."""


class Decision(View):
    """The predictor of one run over the plane of two inputs, and where it changes its sign."""

    label = "decision"
    title = "Decision in the plane"
    caption = (
        "What one run predicts for any two inputs: brown above 0, green below, and the line between; samples "
        "have the colour of their label, those held out are small. Of every few moments one is drawn."
    )
    needs = ("plane", "look", "across", "up", "prediction", "x", "y")
    page = ""

    def tables(self, ds: xr.Dataset, *, run: str | None = None, moment: int = -1) -> Tables:
        """Return the predictor on its grid, row by row, where it is 0, the samples and how many are right.

        Args:
            ds: A Dataset of schema 1 with two inputs.
            run: Label of the run; None is the first.
            moment: Which recorded moment; -1 is the last.

        Raises:
            ValueError: A variable is missing, there is no such run, or the moment is not recorded.
        """
        require(ds, self)
        index = run_index(ds, run)
        across, up = (_own(ds, k, ds[name].values) for k, name in enumerate(("across", "up")))
        height = _then(ds, index, moment)
        line = zero_line(across, up, height)
        out: Tables = {
            GROUND: {
                "x1": np.tile(across, len(up)),
                "x2": np.repeat(up, len(across)),
                "prediction": height.ravel(),
            },
            LINE: {"x1": line[:, 0], "x2": line[:, 1]},
        }
        if "test_x" in ds:
            out |= _samples(ds, "test_x", "test_y", HELD_OUT)
        out |= _samples(ds, "x", "y", "")
        top = up[-1] + 0.2 * HEAD * (up[-1] - up[0])
        return out | {WORDS: {"x1": across[:1], "x2": np.array([top]), "text": _words(ds, index, moment)}}

    def marks(self, ds: xr.Dataset, tables: Tables, **_: Any) -> Plot:
        """Return the figure's axes and marks; for the options see `View`."""
        names = [str(name) for name in ds["feature"].values]
        tips: tuple[Tip, ...] = (("", "$name", ""), (names[0], "x1", "0.000"), (names[1], "x2", "0.000"))
        standardized = ds.attrs.get("standardized") == "true" and not _labelled(ds)
        words = "prediction u (standardized)" if standardized else "prediction u"
        high = BEYOND * _largest(ds)
        explained = [label for label in (LINE, POSITIVE, NEGATIVE) if label in tables]
        return Plot(
            self.title,
            Axis(names[0]),
            Axis(names[1]),
            tuple(_mark(label, tips) for label in tables),
            (float(tables[GROUND]["x1"][0]), float(tables[GROUND]["x1"][-1])),
            self.limits(tables),
            key=tuple(Key(label, replace(_mark(label, ()), table="")) for label in explained),
            shades=Shades(words, tuple(blend(CURVATURE_PALETTE, BANDS)), low=-high, high=high),
        )

    def limits(self, tables: Tables) -> Range:
        """Return the range of the second input, with room for words above."""
        low, high = float(tables[GROUND]["x2"][0]), float(tables[GROUND]["x2"][-1])
        return low, high + HEAD * (high - low)


def _then(ds: xr.Dataset, run: int, moment: int) -> np.ndarray:
    """Return a run's predictor over the plane when it was last looked at, shape (B, A); NaN before the first.

    A run that has ended stays where it was last recorded.
    """
    at(ds, "prediction", moment)  # a ValueError where that moment is not recorded
    planes, times = ds["plane"].values[run], ds["time"].values
    looks = int(np.searchsorted(ds["look"].values, times[moment], side="right")) if len(times) else 0
    if not looks:
        return np.full(planes.shape[1:], np.nan)
    height = finite(planes[max(int(last_known(recorded(planes[None, :looks]))[0]), 0)])
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(height) <= ROUNDING * _largest(ds), 0.0, height)


def _samples(ds: xr.Dataset, inputs: str, targets: str, ending: str) -> Tables:
    """Return the samples by class where targets are labels, else all together with a colour each."""
    x, y = ds[inputs].values, finite(ds[targets].values)
    place = {f"x{k + 1}": _own(ds, k, x[:, k]) for k in (0, 1)}
    if _labelled(ds):
        there = {POSITIVE: y > 0, NEGATIVE: y < 0}
        return {
            label + ending: {name: column[rows] for name, column in place.items()}
            for label, rows in there.items()
        }
    return {DATA + ending: {**place, "color": _colors(y, BEYOND * _largest(ds))}}


def _colors(y: np.ndarray, high: float) -> np.ndarray:
    """Return the colour that the ground has where a target is predicted exactly, from -high to high."""
    share = np.nan_to_num(0.5 + 0.5 * y / high, nan=0.5)
    palette = np.array(blend(CURVATURE_PALETTE, BANDS))
    return palette[np.clip(np.floor(share * BANDS), 0, BANDS - 1).astype(int)]


def _words(ds: xr.Dataset, run: int, moment: int) -> np.ndarray:
    """Return in words how many labels are predicted, 1 where u >= `LEVEL`; empty without labels."""
    u = at(ds, "prediction", moment)[run]
    if not _labelled(ds) or not np.isfinite(u).all():
        return np.array([""])
    text = f"right: {_percent(np.mean((u >= LEVEL) == (ds['y'].values > 0)))} of the samples"
    if "test_accuracy" in ds:
        held_out = float(at(ds, "test_accuracy", moment)[run])
        text += f", {_percent(held_out)} of those held out" if np.isfinite(held_out) else ""
    return np.array([text])


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _labelled(ds: xr.Dataset) -> bool:
    """Return whether all targets are 1 or -1."""
    return bool((np.abs(ds["y"].values) == 1).all())


def _largest(ds: xr.Dataset) -> float:
    """Return the size of the largest target; 1 where there is none but 0."""
    return float(np.nanmax(np.abs(finite(ds["y"].values)), initial=0.0)) or 1.0


def _own(ds: xr.Dataset, feature: int, values: np.ndarray) -> np.ndarray:
    """Return values of an input in the data's own units, where its column was standardised."""
    if ds.attrs.get("standardized") != "true":
        return np.asarray(values, dtype=float)
    offset, scale = (float(np.atleast_1d(ds.attrs[name])[feature]) for name in ("x_offset", "x_scale"))
    return offset + scale * values


def _mark(label: str, tips: tuple[Tip, ...]) -> Mark:
    """Return how a table is drawn."""
    if label == GROUND:
        return Mark(GROUND, "contours", alpha=0.0, moves=True)
    if label == LINE:
        return Mark(LINE, color=INK, width=2.6, moves=True)
    if label == WORDS:
        return Mark(WORDS, "text", moves=True)
    kind, held_out = label.removesuffix(HELD_OUT), label.endswith(HELD_OUT)
    ends = {POSITIVE: CURVATURE_PALETTE[-1], NEGATIVE: CURVATURE_PALETTE[0]}
    rim = "#ffffff" if kind in ends else INK
    look: dict[str, Any] = (
        {"size": 5.0, "alpha": 0.7, "width": 0.5} if held_out else {"size": 10.0, "width": 1.5}
    )
    return Mark(
        label, "points", color=ends.get(kind, "@color"), marker=SHAPES.get(kind, "circle"), rim=rim,
        moves=True, tips=tips, **look,
    )  # fmt: skip
