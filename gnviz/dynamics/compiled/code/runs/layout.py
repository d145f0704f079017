"""Where everything about one run lies: a few arrays, with rows by name.

They are few because compiling takes longer the more arrays a function is given. All that changes is in
`STATE`, so a copy of these arrays is a checkpoint.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnviz.dynamics.compiled.machine.jit import jit


class Run(NamedTuple):
    """One run of p weights on n samples: of a network, rows m of them, or of a surface, two.

    Attributes:
        num: Numbers: settings, the time reached, what is measured; shape (NUM,).
        vec: Weights and displacements, a network's theta row by row, shape (VEC, p).
        mode: One number a mode, or a sample, shape (MODE, n).
        layers: What `model` keeps at the points where the dynamics are linearized, shape
            (POINTS, 2, depth, n, m); of a surface (POINTS, 2, 1, n, 2).
        square: Eigenvectors as rows, K and S there, shape (POINTS, SQUARES, n, n).
        tall: For p < n, what `parameter_space` knows of these points, shape (POINTS, TALL, p, p); else
            (POINTS, TALL, 0, 0). There are p modes then: in `mode` and `square` what is beyond them is 0.
        x: Inputs, shape (n, d).
        rowed: Scratch, shape (2, at least m); of a surface (room, NUMBERS), the stack of its formula.
        program: A surface's formula, or one for each sample, shape (1 or n, length, 2); else (0, 0, 2).
    """

    num: np.ndarray
    vec: np.ndarray
    mode: np.ndarray
    layers: np.ndarray
    square: np.ndarray
    tall: np.ndarray
    x: np.ndarray
    rowed: np.ndarray
    program: np.ndarray


STATE = Run._fields[:6]
"""The arrays that change and matter."""

HERE, SEEN, START, POINTS = np.int64(0), np.int64(3), np.int64(4), 5
"""Points with a fixed place: where a run on the steps clock is, where a run is observed and where it started.
On the flow's, 0, 1 and 2 take turns: where it is, where it was before its last step, and where a step leads
that is tried. They are NumPy's integers, of one type: for Python's, functions of the k-th point would be
compiled anew for each (`jit`)."""

V, K, S, SQUARES = range(4)
"""Of `square`: eigenvectors, K = J J^T and S = G^{1/2} K G^{1/2}."""

(
    MODEL, LOSS_KIND, LOSS_LENGTH, STEEPEST, LOSS_SCALE, FLAT, DECAY_CONSTANT, TOL,
    ALPHA, SCHEDULE, SCHEDULE_A, SCHEDULE_B, SCHEDULE_C, UNDAMPED,
    FIRST_SOLVER, FIRST_STEP_SIZE, STABLE, STRETCH, TURN, TURN_A, TURN_B, TURN_C, SETTINGS,
) = range(23)  # fmt: skip
"""Of `num`: what is set before the run. MODEL: a network's activation, a surface's chart; FLAT: whether
G = I; UNDAMPED: whether rho = 0 at all times; from FIRST_SOLVER on, of the steps clock only. STABLE: whether
its step rule is."""

(
    TIME, STEP, LEAST, DECAY, PROMISED, SLOW, SLOW_PROMISED, RATE_NOW, RATE_PROMISED, LAST, SCALE,
    SCALE_BEFORE, TRAVELLED, REFUSAL, KEPT, BROKEN, ATTEMPTS, EVALUATIONS, MISSED, REFUSED, COUNT, HALF,
    EVER_LIFTED, NOW, BEFORE, PATH, ERROR, NEW_LOSS, NEW_REFUSAL, PROMISE, READ_DECAY, READ_PROMISED, LATE,
    SOLVER, ETA, STEP_SIZE, ACCEPTED, MOMENT, SINCE, ETA_SINCE, PAST_T,
) = range(SETTINGS, SETTINGS + 41)  # fmt: skip
"""Of `num`: see `flow.state.FlowState`. SCALE is the unit of time of the forces, PATH the length of the
polygon through the recorded weights; ERROR to PROMISE are of the step that was tried, READ_DECAY to LATE of
the moment that was asked for, and three past moments begin at PAST_T. SOLVER to ETA_SINCE are of the steps
clock: eta of the next step and of the last, the moment that it is on the way to, and the one before with eta
there."""

NODES, EXTRA, WORK, SCALARS_AT = PAST_T + 3, PAST_T + 6, PAST_T + 10, PAST_T + 15
"""Of `num`, scratch: three nodes, four derivatives, five coefficients."""

LOSS, RHO, REQUESTED, SLOWEST, FLOOR, LIFTED, SECOND_ORDER, SCALARS = range(8)
"""Of `num` from `scalars_at(k)` on: what is known of the k-th point. SECOND_ORDER: whether its linear part
has second derivatives in it."""

MEASURED = SCALARS_AT + POINTS * SCALARS
(
    KERNEL_DRIFT, WEIGHT_DRIFT, BOUND, LAZY_GAP, PATH_LENGTH, KERNEL_CHANGE, APRIORI, SIZE, LEFT, BLUR,
    LARGEST, ROUNDING, FITTED, FINITE, NUM,
) = range(MEASURED, MEASURED + 15)  # fmt: skip
"""Of `num`: what is measured at a moment, and what the verdict rests on (`termination.Seen`)."""

(
    W, W_START, W_BEFORE, W_SEEN, W_RECORDED, FORCE, OLD, PAST_W, PAST_F, SPEED, NEW, DEFECT, SLOPE, END,
    SPARE, VEC,
) = (*range(6), 8, 12, 15, *range(18, 25))  # fmt: skip
"""Of `vec`: FORCE, three derivatives of the force ahead; OLD, four of that on the last step's path; PAST_W
and PAST_F, three past points with -F there; SPEED = -F."""

DIRECTION, MEMORY, W_SINCE = SPEED, PAST_W, W_BEFORE
"""Of `vec`, where the steps clock has what the flow has not: d, two memories of optimizers, and the weights
at the moment before."""

(
    Y,
    OMEGA,
    OFFSET,
    DRIVE,
    DRIVE_BEFORE,
    DRIVE_NEW,
    GLOBAL_ERROR,
    CORRECTION,
    NEW_CORRECTION,
    MODES,
    OLD_MODES,
) = (*range(10), 12)
"""Of `mode`: targets, weights of the samples, what is subtracted from outputs; MODES and OLD_MODES are
V^T G^{1/2} J of FORCE and OLD; the others: see `flow.state.FlowState`."""

V0, C1, C2, SHARE, DM, PHI, POINT_AT = 16, 18, 19, 20, 21, 22, 29
"""Of `mode`, scratch: two rows at V0, phi_0 to phi_6 at PHI."""

F, U, E, ROOT, DELTA, LAMBDA, GAIN, RATE, COEF, LIN_GAIN, LIN_RATE, SINGULAR, POINT = range(13)
"""Of `mode` from `rows_at(k)` on, what is known of the k-th point: outputs, predictions, gradient of the
loss, G^{1/2}, what predictions are known to; eigenvalues, gains, rates and coefficients of the modes: see
`linearized.dynamics.LinearizedDynamics`. LIN_GAIN and LIN_RATE are those of the linear part, the same unless
it is SECOND_ORDER; SINGULAR, for p < n, the singular values of G^{1/2} J."""

RIGHT, BASIS, DUAL, UNITS, TALL = range(5)
"""Of `tall`, for p < n: right singular vectors W as rows, X and X^T H of a linear part that is SECOND_ORDER
(`flow.second_order`), and in the first row the units of the weights."""

TOP, TOP_SINCE = DRIVE, DRIVE_BEFORE
"""Of `mode`, on the steps clock: the leading eigenvector, and what it was at the moment before."""

MODE = POINT_AT + POINTS * POINT


@jit
def few(run):
    """Return whether there are fewer parameters than samples."""
    return run.tall.shape[2] > 0


@jit
def scalars_at(k):
    """Return where in `num` the numbers of the k-th point begin."""
    return SCALARS_AT + k * SCALARS


@jit
def rows_at(k):
    """Return where in `mode` the rows of the k-th point begin."""
    return POINT_AT + k * POINT
