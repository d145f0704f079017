"""How time passes."""

from __future__ import annotations

import param

from gnviz.knobs import Group

STEP_RULES = ("fixed", "stable", "line-search")


class Clock(Group):
    """How time passes: the flow in continuous time, or discrete steps."""

    kind = param.Selector(
        default="flow", objects=["flow", "steps"], doc="Continuous flow, or discrete steps."
    )
    horizon = param.Number(
        None,
        bounds=(1e-6, 1e16),
        allow_None=True,
        doc="Flow time at which to stop; none: 16 over the slowest predicted rate at the start.",
    )
    snapshots = param.Integer(160, bounds=(2, 2000), doc="Number of recorded moments.")
    spacing = param.Selector(default="log", objects=["log", "linear"], doc="Spacing of the recorded moments.")
    tol = param.Number(
        1e-3,
        bounds=(1e-8, 0.03),  # beyond, the estimate of the error is too far from the error
        doc="Accuracy of the flow: ||u - u_exact|| is at most this times ||u - y|| at every recorded moment, "
        "whatever the loss, up to rounding; a run that may not have kept it says so.",
    )
    gtol = param.Number(
        1e-14,
        bounds=(0.0, 0.1),
        doc="A run has converged when the weights can still change at most this share of the residual, "
        "to first order.",
    )
    xtol = param.Number(
        1e-12,
        bounds=(0.0, 0.1),
        doc="So has a trust region whose step is at most this share of the weights, in units of their own.",
    )
    ftol = param.Number(
        1e-15,
        bounds=(0.0, 0.1),
        doc="So has a trust region whose step lowers the loss, and is predicted to, by at most this share.",
    )
    steps = param.Integer(1000, bounds=(1, 10_000_000), doc="Number of steps (steps clock).")
    step_rule = param.Selector(
        default="fixed",
        objects=list(STEP_RULES),
        doc="How the step size is chosen: fixed (step_size), stable (0.9 of the largest stable one, as the "
        "kernel moves), or line-search (backtracking from step_size until the loss falls enough).",
    )
    step_size = param.Number(
        None,
        bounds=(1e-12, 1e9),
        allow_None=True,
        doc="Step size eta (fixed), or the first one tried (line-search); none: 1 over the largest "
        "predicted rate at the start, for each method (adam: 0.001 alpha).",
    )
