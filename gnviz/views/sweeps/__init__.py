"""Figures of a sweep, the Dataset of `gnviz.sweeps`: a map over two knobs, and curves over one.

draw(gnviz.load("map.nc"), "regime_map", x="data.condition", y="network.alpha", run="gradient-flow")
draw(gnviz.load("map.nc"), "over_knob", x="data.condition", measure="final_loss")
"""

from gnviz.views.base import View
from gnviz.views.sweeps.over_knob import OverKnob
from gnviz.views.sweeps.regime_map import RegimeMap

SWEEP_VIEWS: dict[str, View] = {view.label: view for view in (RegimeMap(), OverKnob())}
"""The figures of a sweep, by label."""

__all__ = ["SWEEP_VIEWS"]
