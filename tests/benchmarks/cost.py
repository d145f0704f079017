"""How the cost of an exact Gauss-Newton step grows with samples, width, depth and runs; and its memory.

    OMP_NUM_THREADS=1 python tests/benchmarks/cost.py [--plot cost.html] [--repeats 7]

Each sweep changes one of n, width, depth and runs of a base problem and times a step of `constant(rho=0.1)`
on the steps clock, all sizes in turns. The exponent is the slope of log time over log size by least squares,
over all sizes and over the three largest, where the fixed cost of a call no longer counts.

Peak memory is that of a process of its own which takes steps with n = 2000 samples and width 2000, above what
it held after importing, by `getrusage`; beside it stands the size of the n x p Jacobian, which the structured
kernel never forms.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import statistics
from pathlib import Path

import numpy as np
import torch
from made import Size, gnviz_steps, interleaved

METHOD = "constant(rho=0.1)"
BASE = Size(n=100, d=10, width=256, depth=2)
SWEEPS = {
    "samples n": [(BASE._replace(n=n), 1, n) for n in (25, 50, 100, 200, 400, 800, 1600)],
    "width": [(BASE._replace(width=m), 1, m) for m in (32, 64, 128, 256, 512, 1024)],
    "depth": [(BASE._replace(depth=k), 1, k) for k in (1, 2, 4, 8, 16)],
    "runs": [(Size(25, 10, 64, 2), r, r) for r in (1, 4, 16, 64, 256)],
}
"""By what changes: sizes, runs, and the value that changes."""

LARGE = Size(n=2000, d=10, width=2000, depth=2)
STEPS = 2
LAST = 3
"""Sizes at the end of a sweep that the second exponent is fitted to."""

Curve = tuple[list[int], list[float]]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--plot", type=Path, help="where to save the figure, an HTML file")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"torch {torch.__version__}, {options.threads} thread(s), float64, {METHOD}, ms per step (median)")
    curves = {}
    for name, sweep in SWEEPS.items():
        curves[name] = measured(sweep, options.repeats)
        report(name, curves[name])
    if options.plot:
        draw(curves, options.plot)
        print(f"\nfigure: {options.plot}")
    memory(options.threads)


def measured(sweep: list[tuple[Size, int, int]], repeats: int) -> Curve:
    """Return the values of what changes, and the median seconds of a step at each."""
    candidates = {str(value): gnviz_steps(METHOD, size, runs) for size, runs, value in sweep}
    times = interleaved(candidates, repeats)
    return [value for *_, value in sweep], [statistics.median(own) for own in times.values()]


def report(name: str, curve: Curve) -> None:
    """Print one sweep and its exponents."""
    values, seconds = curve
    print(f"\n{name:12}", *(f"{v:9d}" for v in values))
    print(f"{'ms':12}", *(f"{1e3 * s:9.3f}" for s in seconds))
    last = exponent(values[-LAST:], seconds[-LAST:])
    print(f"  exponent {exponent(values, seconds):.2f}; over the {LAST} largest {last:.2f}", flush=True)


def exponent(values: list[int], seconds: list[float]) -> float:
    """Return the slope of log seconds over log values."""
    return float(np.polyfit(np.log(values), np.log(seconds), 1)[0])


def draw(curves: dict[str, Curve], path: Path) -> None:
    """Save the sweeps as one figure on logarithmic axes, with all that it needs in the file."""
    from bokeh.models import Legend
    from bokeh.palettes import Colorblind
    from bokeh.plotting import figure, output_file, save
    from bokeh.resources import INLINE

    plot = figure(
        x_axis_type="log", y_axis_type="log", width=760, height=480,
        x_axis_label="samples, width, depth or runs", y_axis_label="milliseconds per step",
        title="Cost of an exact Gauss-Newton step",
    )  # fmt: skip
    plot.add_layout(Legend(), "right")
    for color, (name, (values, seconds)) in zip(Colorblind[4], curves.items(), strict=True):
        label = f"{name} ^ {exponent(values[-LAST:], seconds[-LAST:]):.2f}"
        milliseconds = [1e3 * s for s in seconds]
        plot.line(values, milliseconds, color=color, line_width=2, legend_label=label)
        plot.scatter(values, milliseconds, color=color, size=7, legend_label=label)
    output_file(path, title="Cost of a Gauss-Newton step", mode="inline")
    save(plot, resources=INLINE)


def memory(threads: int) -> None:
    """Print the peak memory of a large step beside the size of its Jacobian."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        before, peak = pool.apply(peaks, (threads,))
    jacobian = 8 * LARGE.n * LARGE.p
    print(f"\nn = {LARGE.n}, width {LARGE.width}, depth {LARGE.depth}, p = {LARGE.p:,}, {STEPS} steps")
    print(f"  peak memory {1e-9 * peak:.2f} GB, of which {1e-9 * before:.2f} GB after importing")
    print(f"  the n x p Jacobian would take {1e-9 * jacobian:.2f} GB, {jacobian / (peak - before):.0f} times "
          "what was added")  # fmt: skip


def peaks(threads: int) -> tuple[int, int]:
    """Return this process's peak memory in bytes, before and after steps with the large problem."""
    torch.set_num_threads(threads)
    before = peak_memory()
    gnviz_steps(METHOD, LARGE)(STEPS)
    return before, peak_memory()


def peak_memory() -> int:
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # kilobytes on Linux


if __name__ == "__main__":
    main()
