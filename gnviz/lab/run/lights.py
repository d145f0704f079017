"""The marks of a run among its details: a light for each certificate, and how lazy or rich training is."""

from __future__ import annotations

import html

import numpy as np
import xarray as xr

from gnviz.analysis.certificates import Condition, lights
from gnviz.analysis.ends import last_known, recorded
from gnviz.analysis.measures import feature_learning, regime
from gnviz.views.numbers import number

STYLE = """
.mark { margin-left: 14px; white-space: nowrap; }
.light { display: inline-block; width: 7px; height: 7px; border-radius: 4px; margin-right: 4px;
  background: #808791; opacity: 0.55; }
.light.on { background: #009E73; opacity: 1; }
.regime { display: inline-block; width: 34px; height: 5px; border-radius: 3px; margin: 0 4px 2px 0;
  background: rgba(128, 135, 145, 0.3); }
.regime i { display: block; height: 5px; border-radius: 3px; background: #808791; }
"""
"""Green and grey hold on light and dark pages; the words beside them are for who sees no colour."""

LEAST = 1e-3
"""Feature learning at which the gauge begins, three decades below its end."""


def marks(ds: xr.Dataset) -> dict[str, str]:
    """Return the lights and the gauge of every run as HTML, by its label."""
    time, unit = ds["time"].values, "step" if ds.attrs.get("clock") == "steps" else "t ="
    gauges = [_gauge(row) for row in feature_learning(ds)]
    found = lights(ds)
    return {
        run: "".join(_lamp(light, time, unit) for light in found[run]) + gauge
        for run, gauge in zip(found, gauges, strict=True)
    }


def _lamp(light: Condition, time: np.ndarray, unit: str) -> str:
    since = light.since
    state = "holds" if since is None else f"failed at {unit} {number(time[since])}"
    last = int(last_known(recorded(light.value[None]))[0])  # where a run ended, there is no later value
    sides = f"{number(light.value[last], 2)}, limit {number(light.limit[last], 2)}"
    title = html.escape(f"{light.name}: {light.words}; {light.symbols}: {sides}; {state}", quote=True)
    look = "light on" if since is None else "light"
    lamp = f"<span class='{look}'></span>"
    return f"<span class='mark' title='{title}'>{lamp}{html.escape(light.name)} {html.escape(state)}</span>"


def _gauge(learned: np.ndarray) -> str:
    """Return the bar for the last known value of a run, nothing before it has moved."""
    known = learned[np.isfinite(learned) & (learned > 0)]
    if not len(known):
        return ""
    share = np.clip(np.log10(known[-1] / LEAST) / -np.log10(LEAST), 0.0, 1.0)
    by = number(known[-1], 2)
    title = f"lazy to rich: kernel and predictor differ from the linearized network&#39;s by {by}"
    bar = f"<i style='width:{100 * share:.0f}%'></i>"
    words = f"training is {regime(float(known[-1]))}"
    return f"<span class='mark' title='{title}'><span class='regime'>{bar}</span>{words}</span>"
