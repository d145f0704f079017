"""What is found out once no run goes on: the least loss in reach, and how well parameters are determined."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from gnviz.dynamics.clocks import Tick
from gnviz.dynamics.linearized.dynamics import LinearizedDynamics
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.measure.multi_start import multi_start_wanted, other_starts
from gnviz.dynamics.measure.optimum import in_class_optimum, wanted
from gnviz.dynamics.measure.searches import Descent
from gnviz.dynamics.measure.uncertainty import recorded, unscaled_covariance
from gnviz.results import Snapshot


def completed(
    snapshot: Snapshot,
    system: System,
    w0: Tensor,
    end: LinearizedDynamics,
    tick: Tick,
    descent: Descent | None,
) -> Snapshot:
    """Return the last snapshot with what is known only then.

    Args:
        snapshot: The last one of R runs.
        system: The runs.
        w0: Initial weights, shape (R, p).
        end: The dynamics where they ended.
        tick: Called in what may take long; it may wait or raise.
        descent: What moves searches for the least loss in reach; None: it is not wanted.
    """
    if recorded(system):
        inverse, rank = unscaled_covariance(system, end)
        errors = {"unscaled_covariance": inverse.double().cpu().numpy(), "rank": rank.cpu().numpy()}
        snapshot = replace(snapshot, **errors)
    if descent is None or not wanted(system):
        return snapshot
    least, error = in_class_optimum(system, end.w, end, tick, descent)
    snapshot = replace(snapshot, optimum=least, optimum_error=error)
    if not multi_start_wanted(system):
        return snapshot
    found = other_starts(system, w0, least, tick, descent)
    return replace(
        snapshot,
        start_loss=found.loss,
        start_error=found.left,
        start_distance=found.distance,
        start_fresh=found.fresh,
    )
