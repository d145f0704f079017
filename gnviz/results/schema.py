"""Names of what is recorded: see the table of `gnviz.results`."""

from __future__ import annotations

from enum import StrEnum

SCHEMA = 1

_FIRST = ("loss", "rho", "kernel_drift", "weight_drift", "bound")
PER_RUN = (*_FIRST, "lazy_gap", "path_length", "test_loss", "test_accuracy", "kernel_change", "apriori")
PER_STEP = ("step_size", "gain", "accepted")
"""Of discrete steps, NaN where there is nothing to say: eta of the last step; actual over predicted fall of
the loss in it (line search, trust region); share of the steps since the moment before that were taken, not
rejected."""

ENDS = ("end_time", "end_loss", "apriori_until")
"""One number a run, as of the last moment: where it ended and with what loss, NaN for runs under way; up to
when the a-priori bound's condition held at every step."""

PER_MODE = ("eigenvalues", "rate", "residual_modes")
VARIABLES = (*_FIRST, *PER_MODE, "prediction", "curve", "status", "status_text", "x", "y", "basis", "truth")
"""What every file has; those of older versions lack the others."""

SWEPT = ("final_loss", "status", "status_text", "time", "loss")
"""What every file of a sweep has (`gnviz.sweeps`)."""


class Status(StrEnum):
    """How a run stands; everything but `RUNNING` is final."""

    RUNNING = "running"
    FINISHED = "finished"
    CONVERGED = "converged"
    DIVERGED = "diverged"
    SINGULAR = "singular"
    UNDEFINED = "undefined"
    STEP_LIMIT = "step-limit"
    CANCELLED = "cancelled"
    LOST = "lost"
