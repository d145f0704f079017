"""A run of the steps clock from moment to moment: what `steps.clock` does, one run at a time."""

from __future__ import annotations

import math

from gnviz.dynamics.compiled.code.codes import AS_IT_IS, CHOLESKY, MOMENTUM, SPECTRAL
from gnviz.dynamics.compiled.code.model.schedules import requested
from gnviz.dynamics.compiled.code.numerics.arrays import EPS, TINY, axpy, clip, copy, dot, fill, norm
from gnviz.dynamics.compiled.code.numerics.cholesky import factorize, solve
from gnviz.dynamics.compiled.code.runs.layout import (
    ACCEPTED,
    ALPHA,
    C1,
    COEF,
    DIRECTION,
    ETA,
    ETA_SINCE,
    EVALUATIONS,
    FIRST_SOLVER,
    FIRST_STEP_SIZE,
    GAIN,
    HALF,
    HERE,
    LOSS,
    LOSS_SCALE,
    MEMORY,
    MISSED,
    MOMENT,
    READ_DECAY,
    READ_PROMISED,
    RHO,
    ROOT,
    SCHEDULE,
    SCHEDULE_A,
    SCHEDULE_B,
    SCHEDULE_C,
    SETTINGS,
    SINCE,
    SOLVER,
    STABLE,
    START,
    STEP_SIZE,
    STRETCH,
    TIME,
    TOP,
    TOP_SINCE,
    TURN,
    TURN_A,
    TURN_B,
    TURN_C,
    V0,
    W_RECORDED,
    W_SEEN,
    W_SINCE,
    W_START,
    E,
    F,
    K,
    S,
    V,
    W,
    rows_at,
    scalars_at,
)  # fmt: skip
from gnviz.dynamics.compiled.code.runs.model import kernel, pull, tangent
from gnviz.dynamics.compiled.code.runs.point import add_back, linearize, predict, weigh
from gnviz.dynamics.compiled.machine.jit import jit
from gnviz.dynamics.steps.step_sizes import EVERY, POWER_ITERATIONS, SAFETY


@jit
def begin(run):
    """Put a run to its start, whose weights are in W."""
    num, vec = run.num, run.vec
    for slot in (W_START, W_SEEN, W_RECORDED):
        copy(vec[W], vec[slot])
    fill(0.0, num[SETTINGS:])
    linearize(run, vec[W], 0.0, START)
    copy(run.square[START, V, 0], run.mode[TOP])
    for slot in (HALF, MISSED, READ_DECAY, READ_PROMISED, STEP_SIZE, ACCEPTED):
        num[slot] = math.nan  # nothing is promised, and no step has been taken
    num[SOLVER], num[ETA] = num[FIRST_SOLVER], num[FIRST_STEP_SIZE]


@jit
def advance(run, moment, most):
    """Step a run until `moment` steps have been taken in all, by at most so many of them.

    Where a factorization fails, all steps since the moment before are taken again, by the spectrum.
    Returns whether it has come there; then its weights are to be read.

    Args:
        run: The run, changed in place; see `layout.Run`.
        moment: The number of steps in all.
        most: Steps that it may take now; a factorization that fails counts as one.
    """
    num, vec, left = run.num, run.vec, most
    if num[MOMENT] != moment:
        num[MOMENT], num[SINCE], num[ETA_SINCE] = moment, num[TIME], num[ETA]
        copy(vec[W], vec[W_SINCE])
        copy(run.mode[TOP], run.mode[TOP_SINCE])
        num[EVALUATIONS] += moment - num[TIME]
    while left and num[TIME] < moment:
        if direction(run):
            step(run)
        else:
            num[SOLVER], num[TIME], num[ETA] = float(SPECTRAL), num[SINCE], num[ETA_SINCE]
            copy(vec[W_SINCE], vec[W])
            copy(run.mode[TOP_SINCE], run.mode[TOP])
            num[EVALUATIONS] += moment - num[TIME]
        left -= 1
    if num[TIME] < moment:
        return False
    num[ACCEPTED] = 1.0
    copy(vec[W], vec[W_SEEN])
    return True


@jit
def direction(run):
    """Set DIRECTION and what is known of the point HERE; return whether it means anything: `directions`."""
    num, mode, p = run.num, run.mode, rows_at(HERE)
    solver, d, v = int(num[SOLVER]), run.vec[DIRECTION], mode[C1]
    fill(0.0, d)
    if solver == SPECTRAL:
        linearize(run, run.vec[W], num[TIME], HERE)
        for q in range(len(v)):
            v[q] = mode[p + GAIN, q] * mode[p + COEF, q]
        add_back(run, HERE, v, d)
        return True
    layers = run.layers[HERE]
    tangent(run, run.vec[W], layers, mode[p + F])
    predict(num, mode, HERE)
    if solver == CHOLESKY or (num[STABLE] == 1.0 and due(num)):
        kernel(run, layers, run.square[HERE, K])
        weigh(mode[p + ROOT], run.square[HERE, K], run.square[HERE, S])
    num[scalars_at(HERE) + RHO] = 1.0
    copy(mode[p + E], v)
    if solver == CHOLESKY and not damped(run, v):
        return False
    pull(run, layers, v, mode[V0], d)
    return True


@jit
def damped(run, v):
    """Turn the gradient v (n,) into G^{1/2} (rho I + (1 - rho) S)^{-1} z; return whether that can be."""
    num, S_here, factor, p = run.num, run.square[HERE, S], run.square[HERE, V], rows_at(HERE)
    n, highest, own = len(v), 0.0, (num[SCHEDULE_A], num[SCHEDULE_B], num[SCHEDULE_C])
    loss = num[scalars_at(HERE) + LOSS]
    asked = requested(int(num[SCHEDULE]), own[0], own[1], own[2], num[TIME], loss, math.nan)
    rho = clip(asked, 0.0, 1.0)
    num[scalars_at(HERE) + RHO] = rho
    for i in range(n):
        highest = max(highest, S_here[i, i])
        v[i] /= run.mode[p + ROOT, i]
        for j in range(i + 1):
            factor[i, j] = (1.0 - rho) * S_here[i, j]
        factor[i, i] += rho
    if not rho > n * EPS * highest or not factorize(factor):
        return False
    solve(factor, v)
    for i in range(n):
        v[i] *= run.mode[p + ROOT, i]
    return True


@jit
def due(num):
    """Return whether the stable step size is to be looked at: `step_sizes.Stable`."""
    return int(num[TIME]) % EVERY == 0 or num[LOSS_SCALE] < math.inf


@jit
def step(run):
    """Go along the direction."""
    num, vec = run.num, run.vec
    turn(num, vec)
    if num[STABLE] == 1.0 and due(num):
        look_at_top(num, run.mode, run.square[HERE, S])
    axpy(-num[ETA] / num[ALPHA], vec[DIRECTION], vec[W])
    num[STEP_SIZE] = num[ETA]
    num[TIME] += 1.0


@jit
def turn(num, vec):
    """Make an optimizer's direction of the gradient in DIRECTION: `Momentum.turn` and `Adam.turn`."""
    kind, d, done = int(num[TURN]), vec[DIRECTION], num[TIME] + 1.0
    if kind == AS_IT_IS:
        return
    first, second, beta = vec[MEMORY], vec[MEMORY + 1], num[TURN_A]
    if kind == MOMENTUM:
        ahead = num[TURN_B] == 1.0
        for j in range(len(d)):
            first[j] = beta * first[j] + d[j]
            d[j] = d[j] + beta * first[j] if ahead else first[j]
        return
    beta2, eps = num[TURN_B], num[TURN_C]
    root, mean = math.sqrt(1.0 - beta2**done), 1.0 - beta**done
    for j in range(len(d)):
        first[j] = beta * first[j] + (1.0 - beta) * d[j]
        second[j] = beta2 * second[j] + (1.0 - beta2) * d[j] * d[j]
        d[j] = first[j] / mean / (math.sqrt(second[j]) / root + eps)


@jit
def look_at_top(num, mode, S_here):
    """Set eta to a safe one, from a few power iterations: `Stable._look`.

    Args:
        num: The run's numbers, shape (NUM,); ETA is set.
        mode: Its rows, shape (MODE, n); TOP is set.
        S_here: S at the point HERE, shape (n, n).
    """
    n, top, image, before = len(S_here), mode[V0], mode[V0 + 1], mode[C1]
    copy(mode[TOP], top)
    for _ in range(POWER_ITERATIONS):
        multiply(S_here, top, image)
        size = max(norm(image), TINY)
        for i in range(n):
            top[i] = image[i] / size
    multiply(S_here, top, before)
    largest, rho = dot(top, before), num[scalars_at(HERE) + RHO]
    eta = SAFETY * num[STRETCH] * 2.0 / (largest / (rho + (1.0 - rho) * largest))
    if 0.0 < eta < math.inf:
        num[ETA] = eta
        copy(top, mode[TOP])


@jit
def multiply(A, v, out):
    """Set out to A v.

    Args:
        A: A matrix, shape (n, n).
        v: A row, shape (n,).
        out: Set to A v, shape (n,); shares no memory with v.
    """
    for i in range(len(v)):
        out[i] = dot(A[i], v)
