"""Figure `loss`: how fast every method learns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import holoviews as hv
import numpy as np

from gnviz.views import style
from gnviz.views.base import (
    BOUND,
    FRAME,
    TEST,
    Frame,
    Scale,
    Tables,
    log_limits,
    loss_label,
    positive,
    require,
    run_groups,
    run_labels,
    run_ranks,
    shown,
    times,
)

if TYPE_CHECKING:
    import xarray as xr

LINES = {BOUND: {"line_dash": [5, 4], "line_width": 1.3}, TEST: {"line_dash": [1, 3], "line_width": 2.2}}
"""How a run's other curves are drawn, by the ending of their labels."""

ROOM_ABOVE = 1e6
"""How far above where it started a diverging loss is followed before it leaves the figure."""


@dataclass(frozen=True)
class Loss:
    """The loss of every run against time, with each run's running certificate and test loss."""

    name: str = "loss"
    title: str = "Loss over time"
    caption: str = (
        "How fast each method fits the data: the lower the sooner, the better; "
        "the thin dashed line is the bound that theory certifies while the run goes on, "
        "a dotted one the loss on test samples."
    )
    needs: tuple[str, ...] = ("loss", "bound")
    backend: Literal["bokeh"] = "bokeh"

    def tables(self, ds: xr.Dataset, *, time_scale: Scale = "log", bound: bool = True) -> Tables:
        """Return time and loss of each run, its bound, and its test loss where there are test samples.

        Args:
            ds: A Dataset of schema 1.
            time_scale: A "log" axis leaves out the moment 0.
            bound: Whether to draw the running certificates.
        """
        require(ds, self)
        ds = shown(ds)
        time, keep = times(ds, time_scale)
        tested = "test_loss" in ds and bool(np.isfinite(ds["test_loss"].values).any())
        out: Tables = {}
        for i, label in enumerate(run_labels(ds)):
            if bound:
                out[label + BOUND] = {"time": time, "loss": positive(ds["bound"].values[i, keep])}
            if tested:
                out[label + TEST] = {"time": time, "loss": positive(ds["test_loss"].values[i, keep])}
            out[label] = {"time": time, "loss": positive(ds["loss"].values[i, keep])}
        return out

    def draw(
        self, ds: xr.Dataset, *, time_scale: Scale = "log", bound: bool = True, frame: Frame = FRAME
    ) -> hv.Overlay:
        """Return the figure; for the options see `tables`."""
        ds = shown(ds)
        tables = self.tables(ds, time_scale=time_scale, bound=bound)
        ranks = run_ranks(ds)
        words = (style.time_label(ds.attrs.get("clock", "flow")), loss_label(ds))
        elements = []
        for label, table in tables.items():
            color = style.run_color(ranks[label.removesuffix(BOUND).removesuffix(TEST)])
            line = next((look for ending, look in LINES.items() if label.endswith(ending)), {})
            elements.append(style.curve(label, table, style.dimensions(table, *words), color=color, **line))
        return style.figure(
            elements,
            frame=frame,
            title=self.title,
            xlabel=words[0],
            ylabel=words[1],
            xlim=style.time_limits(times(ds, time_scale)[0], frame, time_scale == "log"),
            ylim=self.limits(tables),
            logx=time_scale == "log",
            logy=True,
            hooks=(
                style.legend(
                    {k: [x + end for x in v for end in ("", *LINES)] for k, v in run_groups(ds).items()}
                ),
                style.hover([("run", "$name"), (words[0], "@time{0.00e}"), ("loss", "@loss{0.00e}")]),
            ),
        )

    def limits(self, tables: Tables) -> tuple[float, float]:
        """Return decades around all losses; one that blows up is followed only so far."""
        losses = [table["loss"] for table in tables.values()]
        start = max((float(x[np.isfinite(x)][0]) for x in losses if np.isfinite(x).any()), default=1.0)
        return log_limits(losses, top=start * ROOM_ABOVE)
