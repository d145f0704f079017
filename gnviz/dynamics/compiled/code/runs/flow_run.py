"""A run of the flow from moment to moment: what `flow.state` and `flow.clock` do, one run at a time."""

from __future__ import annotations

import math

import numpy as np

from gnviz.dynamics.compiled.code.model.schedules import worst
from gnviz.dynamics.compiled.code.numerics.arrays import (
    EPS,
    TINY,
    axpy,
    clip,
    copy,
    fill,
    length,
    norm,
    smaller,
)
from gnviz.dynamics.compiled.code.numerics.polynomials import PAST, derivatives
from gnviz.dynamics.compiled.code.numerics.spectrum import spectral_norm
from gnviz.dynamics.compiled.code.runs.layout import (
    ATTEMPTS,
    BEFORE,
    BROKEN,
    C1,
    CORRECTION,
    COUNT,
    DECAY,
    DEFECT,
    DM,
    DRIVE,
    DRIVE_BEFORE,
    DRIVE_NEW,
    END,
    ERROR,
    EVALUATIONS,
    EVER_LIFTED,
    EXTRA,
    FLOOR,
    FORCE,
    GAIN,
    GLOBAL_ERROR,
    HALF,
    HERE,
    KEPT,
    LAMBDA,
    LAST,
    LATE,
    LEAST,
    LIFTED,
    LIN_GAIN,
    LOSS,
    MISSED,
    MODES,
    NEW,
    NEW_CORRECTION,
    NEW_LOSS,
    NEW_REFUSAL,
    NODES,
    NOW,
    OLD,
    OLD_MODES,
    PAST_F,
    PAST_T,
    PAST_W,
    PROMISE,
    PROMISED,
    RATE,
    RATE_NOW,
    RATE_PROMISED,
    READ_DECAY,
    READ_PROMISED,
    REFUSAL,
    REFUSED,
    RHO,
    ROOT,
    SCALE,
    SCALE_BEFORE,
    SCHEDULE,
    SCHEDULE_A,
    SETTINGS,
    SLOW,
    SLOW_PROMISED,
    SLOWEST,
    SPARE,
    SPEED,
    START,
    STEP,
    TIME,
    TRAVELLED,
    W_BEFORE,
    W_RECORDED,
    W_SEEN,
    W_START,
    S,
    V,
    W,
    few,
    rows_at,
    scalars_at,
)  # fmt: skip
from gnviz.dynamics.compiled.code.runs.parameter_space import way_between
from gnviz.dynamics.compiled.code.runs.point import drive_at, linear_along, linear_back, linearize
from gnviz.dynamics.compiled.code.runs.scheme import attempt, nodes, third, travel
from gnviz.dynamics.compiled.machine.jit import jit
from gnviz.dynamics.flow.apriori import CLEAR
from gnviz.dynamics.flow.clock import FIRST_STEP, MAX_STEPS
from gnviz.dynamics.flow.state import GROW, PATIENCE, SAFETY, SHRINK, SMALLEST_STEP


@jit
def begin(run):
    """Put a run to its start, whose weights are in W."""
    num, vec, mode, p, t = run.num, run.vec, run.mode, rows_at(START), scalars_at(START)
    for slot in (W_START, W_BEFORE, W_SEEN, W_RECORDED):
        copy(vec[W], vec[slot])
    fill(0.0, num[SETTINGS:])
    for k in (HERE, START):
        linearize(run, vec[W], 0.0, k)
    num[BEFORE], num[STEP], num[SCALE], num[SCALE_BEFORE] = 1.0, FIRST_STEP, 1.0, 1.0
    num[LEAST], num[EVER_LIFTED], num[EVALUATIONS], num[MISSED] = (
        num[t + LOSS],
        num[t + LIFTED],
        1.0,
        math.nan,
    )
    half = mode[p + LAMBDA, mode.shape[1] - 1] / 2.0
    num[HALF] = half if not few(run) and half > CLEAR * num[t + FLOOR] else math.nan
    num[RATE_NOW] = num[SLOW] = num[t + SLOWEST]
    num[RATE_PROMISED] = num[SLOW_PROMISED] = promised_rate(num, START)
    drive_at(run, HERE, mode[DRIVE])
    fill(0.0, vec[SPEED])
    linear_back(run, HERE, mode[DRIVE], vec[SPEED])


@jit
def promised_rate(num, k):
    """Return the least rate of every S with lambda_min(S) >= lambda_0 / 2: `flow.apriori.apriori_rate`."""
    half, t = num[HALF], scalars_at(k)
    rho = worst(int(num[SCHEDULE]), num[SCHEDULE_A], num[t + RHO], half)
    below = rho + (1.0 - rho) * half
    return half * (1.0 / below if below > max(num[t + FLOOR], TINY) else 0.0)


@jit
def stuck(num):
    """Return whether the step has shrunk to nothing."""
    return num[STEP] < SMALLEST_STEP * max(num[TIME], 1e-3)


@jit
def advance(run, moment, most):
    """Bring a run to flow time `moment`, or to where it gets stuck, by at most so many steps.

    Returns whether it has come there; then weights and decays are to be read.

    Args:
        run: The run, changed in place; see `layout.Run`.
        moment: The flow time.
        most: Steps that it may try now.
    """
    num, left = run.num, most
    while left and not (stuck(num) or num[ATTEMPTS] >= MAX_STEPS or num[TIME] >= moment):
        attempt(run)
        accept_or_retry(run)
        left -= 1
    arrived = stuck(num) or num[ATTEMPTS] >= MAX_STEPS or num[TIME] >= moment
    if arrived:
        read(run, moment)
    return arrived


@jit
def read(run, moment):
    """Set W_SEEN and the decays to those at `moment`, or at the last one that was reached."""
    num, vec, mode = run.num, run.vec, run.mode
    num[LATE] = 1.0 if num[TIME] < moment else 0.0
    back = max(num[TIME] - moment, 0.0)
    num[READ_DECAY] = num[DECAY] - back * num[SLOW]
    num[READ_PROMISED] = num[PROMISED] - back * num[SLOW_PROMISED]
    if back == 0.0:
        copy(vec[W], vec[W_SEEN])
        return
    force, modes = vec[OLD : OLD + PAST + 1], mode[OLD_MODES : OLD_MODES + PAST + 1]
    start, drive, tau = vec[W_BEFORE], mode[DRIVE_BEFORE], num[LAST] - back
    travel(run, int(num[BEFORE]), start, drive, force, modes, num[SCALE_BEFORE], tau, vec[W_SEEN])


@jit
def accept_or_retry(run):
    """Take the outcome of a trial: go on where it is good, else try a smaller step."""
    num, h = run.num, run.num[STEP]
    order = min(num[COUNT], PAST) + 2.0
    factor = clip(SAFETY * max(num[ERROR], 1e-10) ** (-1.0 / order), SHRINK, GROW)
    num[ATTEMPTS] += 1.0
    num[EVALUATIONS] += 1.0
    if num[ERROR] <= 1.0:
        num[STEP] = h * (min(factor, 1.0) if num[REFUSED] > 0.0 else factor)
        num[REFUSED] = 0.0
        accept(run, h)
        return
    num[STEP], num[REFUSAL] = h * factor, num[NEW_REFUSAL]
    num[REFUSED] += 1.0
    if num[REFUSED] >= PATIENCE:
        num[COUNT] = 0.0
        for j in range(PAST):
            fill(0.0, run.vec[FORCE + j])
            fill(0.0, run.mode[MODES + j])


@jit
def accept(run, h):
    """Move a run to the end of the step h that was tried."""
    num, vec, mode, there = run.num, run.vec, run.mode, third(run.num)
    pave(num, vec, mode)
    accumulate_error(num, mode, run.square[there, V], there, h)
    remember(num, vec)
    slowest, promised = num[scalars_at(there) + SLOWEST], promised_rate(num, there)
    num[SLOW] = smaller(num[RATE_NOW], slowest)
    num[SLOW_PROMISED] = smaller(num[RATE_PROMISED], promised)
    num[RATE_NOW], num[RATE_PROMISED], num[LAST] = slowest, promised, h
    num[EVER_LIFTED] = max(num[EVER_LIFTED], num[scalars_at(there) + LIFTED])
    num[DECAY] += h * num[SLOW]
    num[PROMISED] += h * num[SLOW_PROMISED]
    num[TIME] += h
    num[TRAVELLED] += way_between(run, there, vec[NEW], vec[W])
    copy(vec[W], vec[W_BEFORE])
    copy(vec[NEW], vec[W])
    check(num, run.square[there, S], run.square[START, S])
    num[LEAST] = smaller(num[LEAST], num[NEW_LOSS])
    num[BEFORE], num[NOW] = num[NOW], float(there)
    copy(mode[DRIVE], mode[DRIVE_BEFORE])
    copy(mode[DRIVE_NEW], mode[DRIVE])
    num[SCALE_BEFORE], num[SCALE] = num[SCALE], h
    extrapolate(run, there)


@jit
def pave(num, vec, mode):
    """Set OLD to the derivatives of N on the last step: the predictor's, and EXTRA_j times the defect.

    Args:
        num: The run's numbers, shape (NUM,).
        vec: Its weights and displacements, shape (VEC, p); OLD is set.
        mode: Its rows, shape (MODE, n); OLD_MODES is set.
    """
    for j in range(PAST + 1):
        if j < PAST:
            copy(vec[FORCE + j], vec[OLD + j])
            copy(mode[MODES + j], mode[OLD_MODES + j])
        else:
            fill(0.0, vec[OLD + j])
            fill(0.0, mode[OLD_MODES + j])
        axpy(num[EXTRA + j], vec[DEFECT], vec[OLD + j])
        axpy(num[EXTRA + j], mode[DM], mode[OLD_MODES + j])


@jit
def accumulate_error(num, mode, vectors, there, h):
    """Add a step's error to the global one, and note when that was first more than is promised.

    Args:
        num: The run's numbers, shape (NUM,); MISSED is set.
        mode: Its rows, shape (MODE, n); GLOBAL_ERROR and CORRECTION are set.
        vectors: The modes where the step ends, as rows, shape (n, n).
        there: Number of that point.
        h: The step, in flow time.
    """
    n, p, c, steady = len(vectors), rows_at(there), mode[C1], num[COUNT] == PAST
    before, total_error = (h / num[LAST]) ** (PAST + 2) if steady else 0.0, 0.0
    for q in range(n):
        total = 0.0
        for i in range(n):
            total += vectors[q, i] * mode[p + ROOT, i] * mode[GLOBAL_ERROR, i]
        c[q] = math.exp(-h * mode[p + RATE, q]) * total
    for i in range(n):
        total = 0.0
        for q in range(n):
            total += vectors[q, i] * c[q]
        inherited = before * mode[CORRECTION, i] if steady else 0.0
        mode[GLOBAL_ERROR, i] = total / mode[p + ROOT, i] + (mode[NEW_CORRECTION, i] - inherited)
        mode[CORRECTION, i] = mode[NEW_CORRECTION, i]
        total_error += mode[GLOBAL_ERROR, i] ** 2
    if math.sqrt(total_error) > num[PROMISE] and math.isnan(num[MISSED]):
        num[MISSED] = num[TIME]


@jit
def remember(num, vec):
    """Add the point that the step started from to the past."""
    for j in range(PAST - 1, 0, -1):
        num[PAST_T + j] = num[PAST_T + j - 1]
        copy(vec[PAST_W + j - 1], vec[PAST_W + j])
        copy(vec[PAST_F + j - 1], vec[PAST_F + j])
    num[PAST_T] = num[TIME]
    copy(vec[W], vec[PAST_W])
    fill(0.0, vec[PAST_F])
    axpy(-1.0, vec[SPEED], vec[PAST_F])
    num[COUNT] = min(num[COUNT] + 1.0, float(PAST))


@jit
def check(num, now, start):
    """Note how long the promise's condition ||S_t - S_0|| <= lambda_0 / 2 holds.

    Args:
        num: The run's numbers, shape (NUM,); KEPT or BROKEN is set.
        now: S_t, shape (n, n).
        start: S_0, shape (n, n).
    """
    if math.isnan(num[HALF]) or num[BROKEN] == 1.0:
        return
    n = len(now)
    size = length(now.reshape(n * n), start.reshape(n * n))  # Frobenius: no smaller than the spectral norm
    if not size <= num[HALF]:
        size = change_of(now, start)
    if size <= num[HALF]:
        num[KEPT] = num[TIME]
    else:
        num[BROKEN] = 1.0


@jit
def change_of(now, start):
    """Return ||S - S_0||_2."""
    n = len(now)
    change = np.empty((n, n))
    for i in range(n):
        for j in range(n):
            change[i, j] = now[i, j] - start[i, j]
    return spectral_norm(change)


@jit
def extrapolate(run, there):
    """Set the force ahead: the polynomial through N = F - F_n - L_n (w - w_n) at the past moments."""
    num, vec, mode, p = run.num, run.vec, run.mode, rows_at(there)
    known, c, speed, change = nodes(num, num[SCALE]), mode[C1], vec[SPEED], vec[SPARE]
    D = np.empty((PAST, PAST))
    derivatives(num[NODES : NODES + PAST], known, D)
    fill(0.0, speed)
    linear_back(run, there, mode[DRIVE], speed)
    highest = 0.0
    for i in range(len(c)):
        highest = max(highest, mode[p + GAIN, i])
    total, condition = norm(speed), max(highest * mode[p + LAMBDA, 0], 1.0)
    for j in range(PAST):
        fill(0.0, vec[FORCE + j])
        fill(0.0, mode[MODES + j])
    for k in range(known):
        copy(vec[PAST_W + k], vec[END])
        axpy(-1.0, vec[W], vec[END])
        linear_along(run, there, vec[END], c)
        for i in range(len(c)):
            c[i] *= mode[p + LIN_GAIN, i]
        fill(0.0, change)
        linear_back(run, there, c, change)
        size = norm(change) + norm(vec[PAST_F + k]) + total
        axpy(1.0, speed, change)
        axpy(1.0, vec[PAST_F + k], change)
        if norm(change) > EPS * condition * size:  # else it is rounding
            linear_along(run, there, change, c)
            for j in range(known):
                axpy(D[j, k], change, vec[FORCE + j])
                axpy(D[j, k], c, mode[MODES + j])
