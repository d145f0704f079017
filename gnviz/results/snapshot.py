"""One moment of all runs, and what is known before the first one; in NumPy."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from gnviz.results.geometry import Geometry


@dataclass(frozen=True)
class Header:
    """What is known of an experiment before its first step, in NumPy.

    Attributes:
        experiment: The experiment as JSON.
        methods: The method of each run, R of them.
        alphas: Output scaling of each run, shape (R,).
        seeds: Network seed of each run, shape (R,).
        time: The shared time grid, shape (T,): flow times, or step numbers.
        x: Inputs, shape (n, features).
        y: Targets, shape (n,).
        basis: Eigenvectors of S_0 as columns, shape (n, k), by descending eigenvalue; k = min(n, p).
        resolution: Eigenvalues of S_0 below this are rounding, not spectrum.
        condition: kappa(K_0) as reached, of its min(n, p) largest eigenvalues; infinite if the last of them
            cannot be told from 0.
        grid: Coordinate along which the fitted curve is drawn, shape (G,), G = 0 for none.
        grid_truth: The noise-free target along `grid`, NaN where there is none, shape (G,).
        coordinate: The data's own coordinate on that axis, shape (n,) or (0,).
        names: Of the input features.
        target: Name of the target.
        device: Device and precision that the run uses, e.g. "cpu".
        dtype: Floating-point precision, e.g. "float64".
        notes: Plain sentences a user should know, e.g. about duplicate inputs.
        loss: The loss's name.
        formula: The loss as plain text.
        runs: Labels of the runs, all different; empty: the methods are.
        kernel_limit: Limit of training with a constant kernel along `grid`, shape (R, G); (0, 0) if unknown.
        orders: Leading eigenvalues of the loss's Hessian that snapshots carry.
        model: Name of the user's own model, or formula of a surface; empty for the experiment's network.
        parameters: How many parameters each snapshot records; 0: none.
        sigma: "given" where the targets' standard deviations are, so that the loss is half of chi squared.
        engine: What follows the runs, "torch" or "compiled".
        geometry: Of a surface experiment; then snapshots carry `tangent`.
        frozen_loss: Loss if the kernel stayed as it is at the start, shape (R, T); None where no closed form
            is known: in steps, and for losses whose curvature changes.
        infinite_width: Eigenvalues that K_0 would have for infinite width, descending, shape (k,); None where
            they are not known, or where the spectrum is not that of K.
        test_x, test_y: Samples that are not trained on, shapes (m, features) and (m,); None without any.
        plane: Values of the first input, shape (A,), and of the second, shape (B,), over which predictors of
            two inputs are shown; None for other data.
        frozen_modes: Weighted residual in the modes likewise, shape (R, T, k).
        reach: Least and largest value that a knob could have here, by its name.
        units: How x and y become the data's own numbers: x_offset and x_scale, shape (features,), y_offset
            and y_scale; None where they are.
    """

    experiment: str
    methods: tuple[str, ...]
    alphas: np.ndarray
    seeds: np.ndarray
    time: np.ndarray
    x: np.ndarray
    y: np.ndarray
    basis: np.ndarray
    resolution: float
    condition: float
    grid: np.ndarray
    grid_truth: np.ndarray
    coordinate: np.ndarray
    names: tuple[str, ...]
    target: str
    clock: str
    device: str
    dtype: str
    notes: tuple[str, ...] = ()
    loss: str = "squared"
    formula: str = "½‖u − y‖²"
    runs: tuple[str, ...] = ()
    kernel_limit: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    orders: int = 0
    model: str = ""
    parameters: int = 0
    geometry: Geometry | None = None
    sigma: str = ""
    units: tuple[np.ndarray, np.ndarray, float, float] | None = None
    engine: str = "torch"
    reach: dict[str, tuple[float, float]] = field(default_factory=dict)
    frozen_loss: np.ndarray | None = None
    frozen_modes: np.ndarray | None = None
    infinite_width: np.ndarray | None = None
    test_x: np.ndarray | None = None
    test_y: np.ndarray | None = None
    plane: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the runs, R of them, all different."""
        return self.runs or self.methods


NOTHING = np.array(np.nan)
"""Stands for an array of NaN, one for each run."""


@dataclass(frozen=True)
class Snapshot:
    """One moment of all R runs, in NumPy; see the table of `gnviz.results` for the fields.

    `index` is the position on the header's time grid. `plane` comes with some, float32, shape (R, B, A).
    `header` comes with the first snapshot only; what is
    known of the end (`optimum`, `end_weights`, `unscaled_covariance`, `rank`, what begins with `start_`) with
    the last one. `evaluations` is the count so far of kernel evaluations (flow clock: linearizations with an
    eigendecomposition each; steps clock: steps), without those that observing takes, shape (R,).
    """

    index: int
    time: float
    loss: np.ndarray
    rho: np.ndarray
    kernel_drift: np.ndarray
    weight_drift: np.ndarray
    bound: np.ndarray
    lazy_gap: np.ndarray
    path_length: np.ndarray
    test_loss: np.ndarray
    eigenvalues: np.ndarray
    rate: np.ndarray
    residual_modes: np.ndarray
    prediction: np.ndarray
    curve: np.ndarray
    status: tuple[str, ...]
    status_text: tuple[str, ...]
    wall_seconds: float
    header: Header | None = None
    optimum: np.ndarray | None = None
    optimum_error: np.ndarray | None = None
    start_loss: np.ndarray | None = None
    start_error: np.ndarray | None = None
    start_distance: np.ndarray | None = None
    start_fresh: np.ndarray | None = None
    evaluations: np.ndarray | None = None
    sharpness: np.ndarray | None = None
    step_size: np.ndarray = field(default_factory=lambda: NOTHING)
    gain: np.ndarray = field(default_factory=lambda: NOTHING)
    accepted: np.ndarray = field(default_factory=lambda: NOTHING)
    weights: np.ndarray | None = None
    plane: np.ndarray | None = None
    test_accuracy: np.ndarray = field(default_factory=lambda: NOTHING)
    tangent: np.ndarray | None = None
    end_weights: np.ndarray | None = None
    unscaled_covariance: np.ndarray | None = None
    rank: np.ndarray | None = None
    kernel_change: np.ndarray = field(default_factory=lambda: NOTHING)
    apriori: np.ndarray = field(default_factory=lambda: NOTHING)
    end_time: np.ndarray = field(default_factory=lambda: NOTHING)
    end_loss: np.ndarray = field(default_factory=lambda: NOTHING)
    apriori_until: np.ndarray = field(default_factory=lambda: NOTHING)
