"""Sweeps: an experiment repeated over a grid of its knobs, as one labelled Dataset.

    ds = gnviz.sweep(gnviz.preset("figure2"), {"data.condition": [1e4, 1e6], "network.seed": range(10)})
    ds["time_to_loss"].median("network.seed")

A knob of a method is swept as any other: `"constant(rho)": [1e-6, 1e-3, 1]`. Cells are computed coarse first.
The dimensions are the swept knobs, named and valued as they are set, and `run`, the runs that every cell has:

| variable | dims | meaning |
|---|---|---|
| what `MEASURES` names | (knobs, run) | numbers of each run: see there |
| time_to_loss | (knobs, run) | when its loss first fell to `level`; NaN: never |
| status, status_text | (knobs, run) | one word and one plain sentence |
| engine | (knobs) | what followed the runs, "torch" or "compiled" |
| time, loss | (knobs, run, moment) | the recorded moments and the loss there, the run's end among them |

Beside the words of `gnviz.results.Status`, a run is "refused" where the cell's experiment is not allowed,
"failed" where the engine had an error, "lost" where its worker died three times, and "missing" before it is
computed; its numbers are NaN then. `gnviz.analysis.sweeps.time_to_loss(ds, level)` is exact for any level.

Attributes: experiment (JSON, before knobs were changed), sweep (the grid as JSON), level, schema, version,
clock. `gnviz.save` and `gnviz.load` know a sweep as they know a run.
"""

from gnviz.sweeps.cell import MEASURES, Cell, Measure
from gnviz.sweeps.grid import Grid
from gnviz.sweeps.progress import Progress, in_words
from gnviz.sweeps.sweep import Sweep, sweep

__all__ = ["MEASURES", "Cell", "Grid", "Measure", "Progress", "Sweep", "in_words", "sweep"]
