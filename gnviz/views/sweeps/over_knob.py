"""Figure `over_knob`: a measure of every run over one knob, with its range over all other knobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gnviz.views.base import Tables, View
from gnviz.views.plot import Axis, Mark, Plot
from gnviz.views.seeds import OPACITY, RANGE
from gnviz.views.style import looks_of
from gnviz.views.sweeps.reading import axis, axis_of, measured, span

if TYPE_CHECKING:
    import xarray as xr

ROOM = 0.05
"""Share of the vertical axis that is left free at either end."""


class OverKnob(View):
    """The median of a measure for each run, and the range from the least to the largest."""

    label = "over_knob"
    title = "Measure over a knob"
    caption = "The line is the median, the band the range over all other knobs, such as seeds."
    needs = ("final_loss", "time", "loss")

    def tables(self, ds: xr.Dataset, *, x: str | None = None, measure: str = "time_to_loss") -> Tables:
        """Return each run's range, where there are other knobs, and its median.

        Args:
            ds: A sweep.
            x: The knob across; None: the first with several numbers.
            measure: Which of the sweep's measures.

        Raises:
            ValueError: A name is not the sweep's, or it has no knob with several numbers.
        """
        across, out = axis_of(ds, x), {}
        found = measured(ds, measure).sortby(across)
        others = [dim for dim in found.dims if dim not in (across, "run")]
        at = found[across].values.astype(float)
        for run in found["run"].values:
            one = found.sel(run=run)
            if others:
                low, high = (getattr(one, end)(others).values for end in ("min", "max"))
                out[f"{run}{RANGE}"] = {across: at, "low": low, "high": high}
            out[str(run)] = {across: at, measure: one.median(others).values}
        return out

    def marks(
        self, ds: xr.Dataset, tables: Tables, *, x: str | None = None, measure: str = "time_to_loss", **_: Any
    ) -> Plot:
        """Return the figure's axes and its marks.

        Args:
            ds: A sweep.
            tables: What `tables` has returned.
            x: As there.
            measure: As there.
        """
        across, found = axis_of(ds, x), measured(ds, measure)
        runs = [str(run) for run in ds["run"].values]
        looks = dict(zip(runs, looks_of([str(m) for m in ds["method"].values]), strict=True))
        at = next(iter(tables.values()))[across]
        numbers = np.concatenate([column for t in tables.values() for column in list(t.values())[1:]])
        log = found.attrs["scale"] == "log"
        marks = []
        for label in tables:
            look = looks[run := label.removesuffix(RANGE)]
            if label.endswith(RANGE):
                marks.append(Mark(label, "band", look.color, alpha=OPACITY, entry=run))
            else:
                tips = (("", "$name", ""), (across, across, "0.000e"), (measure, measure, "0.000e"))
                marks.append(Mark(label, color=look.color, dash=look.dash, entry=run, tips=tips))
        return Plot(
            self.title,
            axis(at, across),
            Axis(str(found.attrs["long_name"]), log=log),
            tuple(marks),
            (float(at.min()), float(at.max())),
            _roomy(numbers, log),
            entries=tuple(runs),
        )


def _roomy(numbers: np.ndarray, log: bool) -> tuple[float, float]:
    """Return a range with all numbers that are known, and some room."""
    low, high = span(np.log(numbers[numbers > 0]) if log else numbers)
    room = ROOM * (high - low) or 1.0
    return (float(np.exp(low - room)), float(np.exp(high + room))) if log else (low - room, high + room)
