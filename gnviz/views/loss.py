"""Figure `loss`: how fast every method learns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import holoviews as hv
import numpy as np

from gnviz.analysis import certificates
from gnviz.analysis.time_to_loss import with_end
from gnviz.views import endings, style
from gnviz.views.base import (
    APRIORI,
    BOUND,
    FRAME,
    TEST,
    VOID,
    Frame,
    Scale,
    Table,
    Tables,
    finite,
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

LINES: dict[str, dict[str, Any]] = {
    BOUND: {"line_dash": [5, 4], "line_width": 1.3},
    VOID: {"line_dash": [10, 3, 2, 3], "line_width": 1.3, "color": style.GREY, "line_alpha": 0.6},
    APRIORI: {"line_dash": [10, 3, 2, 3], "line_width": 1.3},
    TEST: {"line_dash": [1, 3], "line_width": 2.2},
}
"""How a run's other curves are drawn, by the ending of their labels."""

WORDS = {BOUND: "certified bound", TEST: "test samples"}
"""What the legend calls those that are there from the start; the others come where they say something."""

INFORMATIVE = 0.5
"""Share of the first loss that an a-priori bound must have fallen to while it held, to be worth its line."""

MOST_BOUNDS = 6
"""Runs beyond which a-priori bounds hide the curves that they speak of."""

Apriori = Literal["informative", "always", "never"]

CONDITION = [("‖K_t − K_0‖₂", "@change{0.00e}"), ("must be at most λ_0/2 =", "@limit{0.00e}")]
"""What the a-priori bound's hover adds: both sides of its condition."""

ROOM_ABOVE = 1e6
"""How far above where it started a diverging loss is followed before it leaves the figure."""


@dataclass(frozen=True)
class Loss:
    """The loss of every run against time, with its running certificate, a-priori bound and test loss."""

    name: str = "loss"
    title: str = "Loss over time"
    caption: str = (
        "How fast each method fits the data: the lower the sooner, the better; "
        "the thin dashed line is the bound that theory certifies while the run goes on, a dash-dotted one "
        "what it promised before, grey once its condition fails; a dotted one the loss on test samples."
    )
    needs: tuple[str, ...] = ("loss", "bound")
    backend: Literal["bokeh"] = "bokeh"

    def tables(
        self,
        ds: xr.Dataset,
        *,
        time_scale: Scale = "log",
        bound: bool = True,
        apriori: Apriori = "informative",
    ) -> Tables:
        """Return time and loss of each run, its bounds, and its test loss where there are test samples.

        A run that ended between two moments has its end in the place of the later one.

        The a-priori bound comes in two parts: while its condition holds, and after, each with the
        condition's value and limit. An informative one has fallen to `INFORMATIVE` of the first loss while
        its condition held; others are not drawn (NaN).

        Args:
            ds: A Dataset of schema 1.
            time_scale: A "log" axis leaves out the moment 0.
            bound: Whether to draw the running certificates.
            apriori: Which a-priori bounds to draw; with more than `MOST_BOUNDS` runs none of them is
                informative.
        """
        require(ds, self)
        ds = shown(ds)
        time, keep = times(ds, time_scale)
        tested = "test_loss" in ds and bool(np.isfinite(ds["test_loss"].values).any())
        promises = _promises(ds, apriori)
        out: Tables = {}
        for i, label in enumerate(run_labels(ds)):
            for ending, table in promises.get(label, {}).items():
                out[label + ending] = {"time": time} | {name: x[keep] for name, x in table.items()}
            if bound and _certified(ds):
                out[label + BOUND] = {"time": time, "loss": positive(ds["bound"].values[i, keep])}
            if tested:
                out[label + TEST] = {"time": time, "loss": positive(ds["test_loss"].values[i, keep])}
            when, losses = with_end(ds, i)
            out[label] = {"time": when[keep], "loss": positive(losses[keep])}
        return out | endings.tables_of(ds, out)

    def draw(
        self,
        ds: xr.Dataset,
        *,
        time_scale: Scale = "log",
        bound: bool = True,
        apriori: Apriori = "informative",
        frame: Frame = FRAME,
    ) -> hv.Overlay:
        """Return the figure; for the options see `tables`."""
        ds = shown(ds)
        tables = self.tables(ds, time_scale=time_scale, bound=bound, apriori=apriori)
        ranks = run_ranks(ds)
        words = (style.time_label(ds.attrs.get("clock", "flow")), loss_label(ds))
        tips = [("run", "$name"), (words[0], "@time{0.00e}"), ("loss", "@loss{0.00e}")]
        elements = []
        for label, table in endings.without(tables).items():
            ending = next((end for end in LINES if label.endswith(end)), "")
            look = {"color": style.run_color(ranks[label.removesuffix(ending)])} | LINES.get(ending, {})
            dims = style.dimensions(table, *words, *list(table)[2:])
            elements.append(style.curve(label, table, dims, **look))
        return style.figure(
            [*elements, *endings.elements(tables, ranks, words)],
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
                    {k: [x + end for x in v for end in ("", *LINES)] for k, v in run_groups(ds).items()},
                    {w: LINES[end] for end, w in WORDS.items() if any(k.endswith(end) for k in tables)}
                    | dict(endings.LOOKS),
                ),
                style.columns(tables),
                endings.hook(tables),
                style.hover(tips, of=lambda label: not label.endswith((APRIORI, VOID))),
                style.hover([*tips, *CONDITION], of=lambda label: label.endswith((APRIORI, VOID))),
            ),
        )

    def limits(self, tables: Tables) -> tuple[float, float]:
        """Return decades around all losses; one that blows up is followed only so far."""
        losses = [table["loss"] for table in endings.without(tables).values()]
        start = max((float(x[np.isfinite(x)][0]) for x in losses if np.isfinite(x).any()), default=1.0)
        return log_limits(losses, top=start * ROOM_ABOVE)


def _certified(ds: xr.Dataset) -> bool:
    """Return whether there can be certificates: of the flow, and of residuals that can decay to 0."""
    return ds.attrs.get("clock", "flow") == "flow" and ds.sizes["mode"] == ds.sizes["sample"]


def _promises(ds: xr.Dataset, which: Apriori) -> dict[str, Tables]:
    """Return both parts of each run's a-priori bound by ending, at all moments; a run may have none."""
    if which == "never" or (which == "informative" and ds.sizes["run"] > MOST_BOUNDS):
        return {}
    lights = certificates.lights(ds, certificates.APRIORI)
    found = ((i, run, row[0]) for i, (run, row) in enumerate(lights.items()) if row)
    return {run: _parts(ds["apriori"].values[i], light, which == "always") for i, run, light in found}


def _parts(bound: np.ndarray, light: certificates.Light, always: bool) -> Tables:
    """Return what held and what is void of a bound; the void part begins where the other ends."""
    held = light.green
    void = ~held
    void[:-1] |= void[1:]
    worth = always or bool((bound[held] <= INFORMATIVE * bound[0]).any())
    sides: Table = {"change": finite(light.value), "limit": finite(light.limit)}
    parts = {APRIORI: held, VOID: void}
    return {
        end: {"loss": positive(np.where(part & worth, bound, np.nan))} | sides for end, part in parts.items()
    }
