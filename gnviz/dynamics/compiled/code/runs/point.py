"""The linearized dynamics of one run at one of its points, as `linearized.dynamics` has them."""

from __future__ import annotations

import math

from gnviz.dynamics.compiled.code.model.losses import curvature, gradient, term
from gnviz.dynamics.compiled.code.model.schedules import requested
from gnviz.dynamics.compiled.code.numerics.arrays import EPS, TINY, clip, dot
from gnviz.dynamics.compiled.code.numerics.spectrum import spectrum
from gnviz.dynamics.compiled.code.runs.layout import (
    ALPHA,
    COEF,
    DECAY_CONSTANT,
    DELTA,
    FLAT,
    FLOOR,
    GAIN,
    LAMBDA,
    LIFTED,
    LOSS,
    LOSS_KIND,
    LOSS_LENGTH,
    LOSS_SCALE,
    OFFSET,
    OMEGA,
    RATE,
    REQUESTED,
    RHO,
    ROOT,
    SCHEDULE,
    SCHEDULE_A,
    SCHEDULE_B,
    SCHEDULE_C,
    SECOND_ORDER,
    SEEN,
    SINGULAR,
    SLOWEST,
    V0,
    E,
    F,
    K,
    S,
    U,
    V,
    Y,
    few,
    rows_at,
    scalars_at,
)  # fmt: skip
from gnviz.dynamics.compiled.code.runs.model import absolute_push, kernel, outputs, pull, push, tangent
from gnviz.dynamics.compiled.code.runs.parameter_space import back, diagonalize, forth
from gnviz.dynamics.compiled.code.runs.second_order import (
    linear_part,
    second_order_back,
    second_order_forth,
    slope_along,
)
from gnviz.dynamics.compiled.machine.jit import jit
from gnviz.dynamics.linearized.dynamics import SHOWS
from gnviz.dynamics.linearized.rounding import NOISE
from gnviz.problem.curvature import LONGEST

LONGEST_STEP = EPS**-LONGEST
LEAST_CURVATURE = math.sqrt(TINY)


@jit
def linearize(run, w, time, k):
    """Linearize and diagonalize the dynamics, as the run's k-th point.

    Args:
        run: The run, changed in place; see `layout.Run`.
        w: Weights, shape (p,).
        time: What its schedule is to see: flow time or step number.
        k: Number of the point, below POINTS.
    """
    layers, p = run.layers[k], rows_at(k)
    tangent(run, w, layers, run.mode[p + F])
    absolute_push(run, layers, w, run.mode[p + DELTA])
    predict(run.num, run.mode, k)
    if not few(run) or k >= SEEN:  # what is recorded
        kernel(run, layers, run.square[k, K])
        weigh(run.mode[p + ROOT], run.square[k, K], run.square[k, S])
    if few(run):
        diagonalize(run, k)
    else:
        spectrum(run.square[k, S], run.square[k, V], run.mode[p + LAMBDA])
    damp(run, time, k)
    linear_part(run, w, k)


@jit
def predict(num, mode, k):
    """Set predictions, what they are known to, loss, gradient and G^{1/2} from the outputs.

    Args:
        num: The run's numbers, shape (NUM,); the point's LOSS is set.
        mode: Its rows, shape (MODE, n); the point's U, E and ROOT are set, and DELTA, which was |J| |w|.
        k: Number of the point, below POINTS.
    """
    kind, length, alpha, p, loss = int(num[LOSS_KIND]), num[LOSS_LENGTH], num[ALPHA], rows_at(k), 0.0
    for i in range(mode.shape[1]):
        f, offset, y, omega = mode[p + F, i], mode[OFFSET, i], mode[Y, i], mode[OMEGA, i]
        parts = mode[p + DELTA, i] + abs(f) + abs(offset)
        u = alpha * (f - offset)
        e, part = gradient(kind, length, omega, u, y), term(kind, length, omega, u, y)
        loss += part
        mode[p + DELTA, i] = NOISE * EPS * (alpha * parts + abs(y))
        mode[p + U, i] = u
        mode[p + E, i] = e
        mode[p + ROOT, i] = 1.0
        if num[FLAT] == 0.0:
            mode[p + ROOT, i] = math.sqrt(usable_curvature(num, omega, u, y, e, part))
    num[scalars_at(k) + LOSS] = loss


@jit
def usable_curvature(num, omega, u, y, e, part):
    """Return a sample's G with a floor where it is saturated: `gnviz.problem.curvature`.

    Args:
        num: The run's numbers, shape (NUM,).
        omega: The sample's weight in a quadratic loss.
        u: Its prediction.
        y: Its target.
        e: dg/du there.
        part: Its part of the loss g.
    """
    own = curvature(int(num[LOSS_KIND]), num[LOSS_LENGTH], omega, u, y)
    if not num[LOSS_SCALE] < math.inf:
        return own
    certified = e * e / (2.0 * num[DECAY_CONSTANT] * part) if part > 0.0 else 0.0
    raised = min(abs(e) / (LONGEST_STEP * num[LOSS_SCALE]), certified)
    return max(max(own, raised), LEAST_CURVATURE)


@jit
def weigh(root, K, S):
    """Set S = G^{1/2} K G^{1/2}.

    Args:
        root: G^{1/2}, shape (n,).
        K: J J^T, shape (n, n).
        S: Set, shape (n, n).
    """
    for i in range(len(root)):
        for j in range(len(root)):
            S[i, j] = root[i] * K[i, j] * root[j]


@jit
def damp(run, time, k):
    """Set rho, gains, rates and coefficients from the spectrum.

    Args:
        run: The run, changed in place; see `layout.Run`.
        time: What its schedule is to see: flow time or step number.
        k: Number of the point, below POINTS.
    """
    num, mode, vectors, p, t = run.num, run.mode, run.square[k, V], rows_at(k), scalars_at(k)
    n = mode.shape[1]
    modes = run.tall.shape[2] if few(run) else n
    floor = (n * EPS * mode[p + SINGULAR, 0]) ** 2 if few(run) else n * EPS * mode[p + LAMBDA, 0]
    smallest = mode[p + LAMBDA, 0]
    for i in range(modes):
        if mode[p + LAMBDA, i] > floor:
            smallest = mode[p + LAMBDA, i]
    own = num[SCHEDULE_A], num[SCHEDULE_B], num[SCHEDULE_C]
    asked = requested(int(num[SCHEDULE]), own[0], own[1], own[2], time, num[t + LOSS], smallest)
    rho = clip(asked, 0.0, 1.0)
    num[t + FLOOR] = floor
    num[t + REQUESTED] = asked
    num[t + RHO] = rho
    for q in range(n):
        value = mode[p + LAMBDA, q]
        below = rho + (1.0 - rho) * value
        gain = 1.0 / below if q < modes and below > max(floor, TINY) else 0.0
        total = 0.0
        for i in range(n):
            total += vectors[q, i] * (mode[p + E, i] / mode[p + ROOT, i])
        mode[p + GAIN, q] = gain
        mode[p + RATE, q] = gain * value
        mode[p + COEF, q] = total
    num[t + SLOWEST] = mode[p + RATE, n - 1] if mode[p + LAMBDA, n - 1] > floor else 0.0
    if few(run):
        num[t + SLOWEST] = math.nan
    num[t + LIFTED] = lifted(num, mode, vectors, k) if num[FLAT] == 0.0 else 0.0


@jit
def lifted(num, mode, vectors, k):
    """Return 1 if curvature was added that shows in the direction: `linearized.dynamics._lifted`.

    Args:
        num: The run's numbers, shape (NUM,).
        mode: Its rows, shape (MODE, n).
        vectors: The modes at the point, as rows, shape (n, n).
        k: Number of the point, below POINTS.
    """
    n, p, most, rho = mode.shape[1], rows_at(k), 0.0, num[scalars_at(k) + RHO]
    for i in range(n):
        own = curvature(int(num[LOSS_KIND]), num[LOSS_LENGTH], mode[OMEGA, i], mode[p + U, i], mode[Y, i])
        share = 1.0 - own / (mode[p + ROOT, i] * mode[p + ROOT, i])
        if share > SHOWS:
            total = 0.0
            for q in range(n):
                total += vectors[q, i] * vectors[q, i] * mode[p + LAMBDA, q]
            most = max(most, share * total)
    return 1.0 if (1.0 - rho) * most > SHOWS * rho else 0.0


@jit
def add_back(run, k, c, out):
    """Add J^T G^{1/2} V c at the k-th point to out.

    Args:
        run: The run, of which only scratch changes; see `layout.Run`.
        k: Number of the point, below POINTS.
        c: Coefficients of its modes, shape (n,); the first p count if p < n.
        out: Added to, shape (p,).
    """
    if few(run):
        back(run, k, c, out)
        return
    vectors, root, v = run.square[k, V], run.mode[rows_at(k) + ROOT], run.mode[V0]
    for i in range(len(c)):
        total = 0.0
        for q in range(len(c)):
            total += c[q] * vectors[q, i]
        v[i] = root[i] * total
    pull(run, run.layers[k], v, run.mode[V0 + 1], out)


@jit
def along(run, k, dw, out):
    """Set out to V^T G^{1/2} J dw at the k-th point.

    Args:
        run: The run, of which only scratch changes; see `layout.Run`.
        k: Number of the point, below POINTS.
        dw: Displacement of the weights, shape (p,).
        out: Set, shape (n,); 0 beyond p if p < n.
    """
    if few(run):
        forth(run, k, dw, out)
        return
    vectors, root, f = run.square[k, V], run.mode[rows_at(k) + ROOT], run.mode[V0]
    push(run, run.layers[k], dw, f)
    for i in range(len(out)):
        f[i] *= root[i]
    for q in range(len(out)):
        out[q] = dot(vectors[q], f)


@jit
def linear_back(run, k, c, out):
    """Add P c to out, where the linear part at the k-th point is L = -P diag(LIN_GAIN) Q.

    Args:
        run: The run, of which only scratch changes; see `layout.Run`.
        k: Number of the point, below POINTS.
        c: Coefficients, shape (n,); the first p count if p < n.
        out: Added to, shape (p,).
    """
    if run.num[scalars_at(k) + SECOND_ORDER] == 1.0:
        second_order_back(run, k, c, out)
    else:
        add_back(run, k, c, out)


@jit
def linear_along(run, k, dw, out):
    """Set out to Q dw: see `linear_back`.

    Args:
        run: The run, of which only scratch changes; see `layout.Run`.
        k: Number of the point, below POINTS.
        dw: Displacement of the weights, shape (p,).
        out: Set, shape (n,); 0 beyond p if p < n.
    """
    if run.num[scalars_at(k) + SECOND_ORDER] == 1.0:
        second_order_forth(run, k, dw, out)
    else:
        along(run, k, dw, out)


@jit
def drive_at(run, k, out):
    """Set out to c in F(w) = -P c at the k-th point: `flow.second_order.drive`.

    Args:
        run: The run; see `layout.Run`.
        k: Number of the point, below POINTS.
        out: Set, shape (n,); 0 beyond p if p < n.
    """
    p, alpha = rows_at(k), run.num[ALPHA]
    bent = run.num[scalars_at(k) + SECOND_ORDER] == 1.0
    if bent:
        slope_along(run, k, out)
    for i in range(len(out)):
        out[i] = out[i] / alpha if bent else run.mode[p + GAIN, i] * run.mode[p + COEF, i] / alpha


@jit
def loss_at(run, w):
    """Return the loss at weights w (p,)."""
    f, total, num, mode = run.mode[V0], 0.0, run.num, run.mode
    outputs(run, w, run.x, f)
    for i in range(len(f)):
        u = num[ALPHA] * (f[i] - mode[OFFSET, i])
        total += term(int(num[LOSS_KIND]), num[LOSS_LENGTH], mode[OMEGA, i], u, mode[Y, i])
    return total
