"""How much memory a run of an own model takes at most: an upper bound, known before anything is computed.

What is counted, for R runs with n samples, p parameters and k = min(n, p) modes (derived from what lives at a
time, and held against measured peaks by a test):

* a tangent keeps J and, for p >= n, K and its eigenvectors; for p < n the two sides of a singular value
  decomposition;
* tangents are alive at the start, at the moment that is observed and in the step that is tried; the flow
  keeps two more for each run, each with all the runs of its batch, since runs take steps of their own size;
* decomposing and observing take copies of matrices, of all runs at once;
* vectors of the state and of what is recorded;
* derivatives are taken in pieces of `derivatives.CHUNK` numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

from gnviz.experiment import Experiment
from gnviz.problem.autodiff.derivatives import CHUNK

VECTORS = 60
"""Vectors of p and of n numbers that a run's state, its step and its past take."""

SQUARES, ROOMS = 10, (3, 6)
"""Copies of n x n matrices while a kernel is diagonalized or observed; for p < n, of n x p and of p x p ones
while a Jacobian is decomposed (LAPACK's divide and conquer works in 5 of the latter)."""

RECORDED = 24
"""Numbers of one run at one moment that depend neither on n nor on p."""

MARGIN, LIBRARIES = 1.25, 96 * 2**20
"""What an allocator wastes between its blocks, and bytes of buffers that the libraries hold."""


@dataclass(frozen=True)
class Sizes:
    """What the memory of R runs depends on.

    Attributes:
        samples: n.
        parameters: p.
        runs: R.
        grid: Points at which a fitted curve is drawn.
        inputs: Numbers in x.
        cost: Numbers that one evaluation of the model and its derivative in one direction make.
        plane: Points at which a fitted function of two inputs is shown.
    """

    samples: int
    parameters: int
    runs: int
    grid: int
    inputs: int
    cost: int
    plane: int = 0

    @property
    def words(self) -> str:
        """What a message says of them."""
        return f"p = {self.parameters}, n = {self.samples}, {self.runs} runs"


def most_bytes(experiment: Experiment, sizes: Sizes) -> int:
    """Return the bytes that `gnviz.run` takes at most, beside what the interpreter has."""
    single = 8 if experiment.dtype == "float64" else 4
    numbers = _tangents(sizes, experiment.clock.kind) * _tangent(sizes) + 3 * sizes.inputs
    numbers += sizes.runs * VECTORS * (sizes.parameters + sizes.samples) + _pieces(sizes)
    doubles = sizes.runs * (_work(sizes) + experiment.clock.snapshots * _moment(sizes, experiment))
    return int(MARGIN * (single * numbers + 8 * doubles)) + LIBRARIES


def _tangent(sizes: Sizes) -> int:
    """Return the numbers that a run's tangent keeps."""
    n, p = sizes.samples, sizes.parameters
    modes = n * p + p * p if p < n else 2 * n * n
    return n * p + modes + 12 * n + 4 * p


def _tangents(sizes: Sizes, clock: str) -> int:
    """Return how many runs' tangents are alive at a time."""
    kept = 2 * sizes.runs if clock == "flow" else 0
    return sizes.runs * (3 + kept)


def _work(sizes: Sizes) -> int:
    """Return the numbers in the copies of a run's matrices that are alive at a time."""
    n, p = sizes.samples, sizes.parameters
    sides = ROOMS[0] * n * p + ROOMS[1] * p * p if p < n else n * p
    return SQUARES * n * n + sides + sizes.grid * p


def _pieces(sizes: Sizes) -> int:
    """Return the numbers that derivatives make at a time."""
    directions = sizes.runs * min(sizes.samples, sizes.parameters)
    on_grid = sizes.cost * max(1.0, sizes.grid / sizes.samples)
    on_plane = sizes.cost * sizes.plane / sizes.samples  # one run after another
    return int(max(min(CHUNK, sizes.cost * directions + on_grid * sizes.runs), on_grid, on_plane))


def _moment(sizes: Sizes, experiment: Experiment) -> int:
    """Return the numbers that are recorded of a run at a moment."""
    modes = min(sizes.samples, sizes.parameters)
    kept = experiment.observe.weights
    few = sizes.parameters if kept == "all" or (kept == "auto" and sizes.parameters <= 64) else 0
    looks = sizes.plane // 2  # in single precision, and at some of the moments
    return 3 * modes + sizes.samples + sizes.grid + looks + few + experiment.observe.sharpness + RECORDED
