"""What is recorded of one run at a moment, as `measure.observer` has it, and what its verdict rests on."""

from __future__ import annotations

import math

from gnviz.dynamics.compiled.code.model.losses import term
from gnviz.dynamics.compiled.code.numerics.arrays import EPS, axpy, copy, largest, length, norm, size
from gnviz.dynamics.compiled.code.runs.flow_run import change_of
from gnviz.dynamics.compiled.code.runs.layout import (
    ALPHA,
    APRIORI,
    BLUR,
    BOUND,
    C1,
    C2,
    COEF,
    DECAY_CONSTANT,
    DELTA,
    FINITE,
    FITTED,
    FLOOR,
    HALF,
    KERNEL_CHANGE,
    KERNEL_DRIFT,
    LAMBDA,
    LARGEST,
    LAZY_GAP,
    LEFT,
    LOSS,
    LOSS_KIND,
    LOSS_LENGTH,
    OMEGA,
    PATH,
    PATH_LENGTH,
    READ_DECAY,
    READ_PROMISED,
    ROOT,
    ROUNDING,
    SEEN,
    SIZE,
    SPARE,
    START,
    STEEPEST,
    W_RECORDED,
    W_SEEN,
    W_START,
    WEIGHT_DRIFT,
    E,
    K,
    S,
    U,
    Y,
    few,
    rows_at,
    scalars_at,
)  # fmt: skip
from gnviz.dynamics.compiled.code.runs.model import outputs, push
from gnviz.dynamics.compiled.code.runs.parameter_space import changeable
from gnviz.dynamics.compiled.code.runs.point import linearize
from gnviz.dynamics.compiled.code.runs.scheme import known_to
from gnviz.dynamics.compiled.machine.jit import jit


@jit
def measure(run, time, elsewhere, f):
    """Observe a run at the weights in W_SEEN: set the numbers from MEASURED on, and f.

    Args:
        run: The run, changed in place; see `layout.Run`.
        time: What its schedule is to see: flow time or step number.
        elsewhere: Inputs that are not trained on, shape (k, d).
        f: Set to the outputs there, shape (k,).
    """
    num, vec, square = run.num, run.vec, run.square
    linearize(run, vec[W_SEEN], time, SEEN)
    outputs(run, vec[W_SEEN], elsewhere, f)
    drifts(num, vec, square[SEEN, K], square[START, K])
    num[BOUND] = math.nan if few(run) else bound(num, vec, run.mode, num[READ_DECAY])
    num[APRIORI] = math.nan if math.isnan(num[HALF]) else bound(num, vec, run.mode, num[READ_PROMISED])
    num[KERNEL_CHANGE] = math.nan if few(run) else change_of(square[SEEN, S], square[START, S])
    num[LAZY_GAP] = lazy_gap(run)
    look(num, run.mode, square[SEEN, K])
    if few(run):
        num[LEFT] = changeable(run)
    num[LARGEST] = largest(vec[W_SEEN])


@jit
def drifts(num, vec, now, start):
    """Set how far kernel and weights are from their start, and how long the path seen was.

    Args:
        num: The run's numbers, shape (NUM,); the two drifts, PATH and PATH_LENGTH are set.
        vec: Its weights and displacements, shape (VEC, p); W_RECORDED is set to W_SEEN.
        now: K at the point SEEN, shape (n, n).
        start: K at the point START, shape (n, n).
    """
    count, whole = len(now) * len(now), size(vec[W_START])
    start = start.reshape(count)
    num[KERNEL_DRIFT] = length(now.reshape(count), start) / size(start)
    num[WEIGHT_DRIFT] = length(vec[W_SEEN], vec[W_START]) / whole
    num[PATH] += length(vec[W_SEEN], vec[W_RECORDED])
    num[PATH_LENGTH] = num[PATH] / whole
    copy(vec[W_SEEN], vec[W_RECORDED])


@jit
def bound(num, vec, mode, decay):
    """Return loss(0) exp(-2 kappa decay), blurred once the weights have moved: `Observer._bound`.

    Args:
        num: The run's numbers, shape (NUM,).
        vec: Its weights and displacements, shape (VEC, p).
        mode: Its rows, shape (MODE, n).
        decay: int_0^t r ds, for the certified or the promised rate.
    """
    start, moved = num[scalars_at(START) + LOSS], False
    for q in range(vec.shape[1]):
        if vec[W_SEEN, q] != vec[W_START, q]:
            moved = True
            break
    if not moved:
        return start
    claimed = start * math.exp(-2.0 * num[DECAY_CONSTANT] * decay)
    return (math.sqrt(claimed) + math.sqrt(num[STEEPEST] / 2.0) * norm(mode[rows_at(SEEN) + DELTA])) ** 2


@jit
def lazy_gap(run):
    """Return ||u - u_lin|| / ||u - u_0||: `measure.diagnostics.lazy_gap`."""
    vec, mode = run.vec, run.mode
    linear, change = mode[C1], mode[C2]
    copy(vec[W_SEEN], vec[SPARE])
    axpy(-1.0, vec[W_START], vec[SPARE])
    push(run, run.layers[START], vec[SPARE], linear)
    for i in range(len(linear)):
        change[i] = mode[rows_at(SEEN) + U, i] - mode[rows_at(START) + U, i]
        linear[i] *= run.num[ALPHA]
    whole = size(change)
    if not whole > 0.0:
        return 0.0
    gap = length(change, linear) / whole
    return gap if not gap > 1.0 / EPS else 1.0 / EPS


@jit
def look(num, mode, kernel):
    """Set what the verdict rests on: `termination.Seen`.

    Args:
        num: The run's numbers, shape (NUM,); SIZE, LEFT, BLUR, ROUNDING, FITTED and FINITE are set.
        mode: Its rows, shape (MODE, n).
        kernel: K at the point SEEN, shape (n, n).
    """
    n, p, floor = len(kernel), rows_at(SEEN), num[scalars_at(SEEN) + FLOOR]
    whole = left = finite = 0.0
    fitted = 1.0
    for i in range(n):
        z, e = mode[p + E, i] / mode[p + ROOT, i], abs(mode[p + E, i])
        whole += z * z
        if mode[p + LAMBDA, i] > floor:
            left += mode[p + COEF, i] ** 2
        part = term(int(num[LOSS_KIND]), num[LOSS_LENGTH], mode[OMEGA, i], mode[p + U, i], mode[Y, i])
        if not 2.0 * part <= e * mode[p + DELTA, i]:
            fitted = 0.0
        finite = largest(kernel[i]) if not largest(kernel[i]) <= finite else finite
    num[SIZE], num[LEFT], num[FITTED] = math.sqrt(whole), math.sqrt(left), fitted
    num[BLUR], num[ROUNDING] = known_to(mode, SEEN), norm(mode[p + DELTA])
    num[FINITE] = 1.0 if finite < math.inf else 0.0
