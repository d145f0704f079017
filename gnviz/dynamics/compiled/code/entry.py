"""The functions that are called from outside, each compiled with all that it calls (`jit`)."""

from __future__ import annotations

from gnviz.dynamics.compiled.code.runs import descent, flow_run, step_run
from gnviz.dynamics.compiled.code.runs.measure import measure
from gnviz.dynamics.compiled.machine.jit import entry

begin_flow, advance_flow = flow_run.begin, flow_run.advance
begin_steps, advance_steps = step_run.begin, step_run.advance
advance_searches, look_at = descent.advance, descent.look


@entry
def flow(run, moment, most):
    """Bring a run to a flow time; a time below 0 puts it to its start.

    Args:
        run: The run, changed in place; see `layout.Run`.
        moment: The flow time.
        most: Steps that it may take.

    Returns:
        Whether it has come there, or to where the flow brings it no further.
    """
    if moment < 0.0:
        begin_flow(run)
        return True
    return advance_flow(run, moment, most)


@entry
def steps(run, moment, most):
    """Bring a run to where it has taken so many steps; a number below 0 puts it to its start.

    Args:
        run: The run, changed in place; see `layout.Run`.
        moment: The number of steps in all.
        most: Steps that it may take now.

    Returns:
        Whether it has come there.
    """
    if moment < 0.0:
        begin_steps(run)
        return True
    return advance_steps(run, moment, most)


@entry
def observe(run, time, elsewhere, f):
    """Measure a run where it has come to, on either clock.

    Args:
        run: The run, changed in place; see `layout.Run`.
        time: What its schedule is to see: flow time or step number.
        elsewhere: Inputs where it is evaluated besides, shape (k, d).
        f: Set to the outputs there, shape (k,).
    """
    measure(run, time, elsewhere, f)


@entry
def search(run, alpha, offset, w, residual, scale, numbers, iterations):
    """Advance searches for a small squared loss: `descent.advance`; return how many have not come to rest.

    Args:
        run: A run of the same model on the same samples, of which ALPHA, OFFSET and scratch change.
        alpha: Of each search's class, shape (R,).
        offset: f(w_0) where it is subtracted, else 0, shape (R, n).
        w: Weights, changed in place, shape (R, p).
        residual: u - y, changed, shape (R, n).
        scale: D, changed, shape (R, p).
        numbers: What `descent` names, changed, shape (R, NUMBERS).
        iterations: Of each, at most.
    """
    return advance_searches(run, alpha, offset, w, residual, scale, numbers, iterations)


@entry
def residual_and_slopes(run, w, J):
    """Set J to du/dw, or leave one of no rows; return u - y, shape (n,).

    Args:
        run: A run with the class's ALPHA and OFFSET, of which scratch changes; see `layout.Run`.
        w: Weights, shape (p,).
        J: Set, shape (n, p), or (0, p).
    """
    return look_at(run, w, J)
