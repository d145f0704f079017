"""The one function that is called from outside: see `jit` for why there is only one."""

from __future__ import annotations

from gnviz.dynamics.compiled.follow import advance, begin
from gnviz.dynamics.compiled.jit import entry
from gnviz.dynamics.compiled.measure import measure

BEGIN, ADVANCE, MEASURE = range(3)
"""What is to be done with a run."""


@entry
def work(task, run, time, most, elsewhere, f):
    """Put a run to its start, bring it to a time, or measure it there.

    Args:
        task: BEGIN, ADVANCE or MEASURE.
        run: The run.
        time: The flow time.
        most: Steps that ADVANCE may take.
        elsewhere: Inputs where MEASURE evaluates it besides, shape (k, d).
        f: Set to the outputs there, shape (k,).

    Returns:
        Whether ADVANCE has come to the time, or to where it brings the run no further.
    """
    if task == BEGIN:
        begin(run)
    elif task == ADVANCE:
        return advance(run, time, most)
    else:
        measure(run, time, elsewhere, f)
    return True
