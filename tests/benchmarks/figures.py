"""What the figures of a page cost to draw: CPU time of one process, medians of runs in turns.

    OMP_NUM_THREADS=1 python tests/benchmarks/figures.py [--rounds 5] [--page training]

Of a finished run: a figure by HoloViews, rendered; by plain Bokeh as the page draws it; and the same figure
brought up to another run of the same shape.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import holoviews as hv
import xarray as xr

sys.path.insert(0, str(Path(__file__).parents[1]))
from made import made_dataset

from gnviz.lab.run.plans import PLANS
from gnviz.views import VIEWS, draw
from gnviz.views.backends.bokeh.drawing import Drawing, read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--page", default="training", choices=[x for x in PLANS if x != "manifold"])
    options = parser.parse_args()
    ds, other = made_dataset(), made_dataset(120)
    names = [name for name in PLANS[options.page].figures if VIEWS[name].suits(ds)]
    rows = {name: measured(name, ds, other, options.rounds) for name in names}
    rows["all"] = [sum(column) for column in zip(*rows.values(), strict=True)]
    print(f"{'CPU ms':18}{'HoloViews':>12}{'Bokeh':>10}{'in place':>10}{'HoloViews/Bokeh':>18}")
    for name, (slow, fast, again) in rows.items():
        print(f"{name:18}{slow:12.1f}{fast:10.1f}{again:10.2f}{slow / fast:18.1f}")


def measured(name: str, ds: xr.Dataset, other: xr.Dataset, rounds: int) -> list[float]:
    """Return the milliseconds of each way to draw a figure."""
    view = VIEWS[name]
    drawing = Drawing(view, ds)

    def renew(turn: list[int]) -> None:
        turn[0] += 1
        drawing.update(*read(view, (ds, other)[turn[0] % 2]), afresh=True)

    turn = [0]
    ways: list[Callable[[], object]] = [
        lambda: hv.render(draw(ds, name), backend="bokeh"),
        lambda: Drawing(view, ds),
        lambda: renew(turn),
    ]
    for way in ways:
        way()
    times = [[cpu(way) for way in ways] for _ in range(rounds)]
    return [1e3 * statistics.median(column) for column in zip(*times, strict=True)]


def cpu(way: Callable[[], object]) -> float:
    started = time.process_time()
    way()
    return time.process_time() - started


if __name__ == "__main__":
    main()
