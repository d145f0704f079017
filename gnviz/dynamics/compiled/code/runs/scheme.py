"""One step of the flow's scheme. The mathematics is in `flow.scheme`; this follows it operation by operation.

What cancels, the defect and the corrections, is formed in the space of the weights, as there: through kernels
between two points it would be known to eps kappa of itself only.
"""

from __future__ import annotations

import math

from gnviz.dynamics.compiled.code.numerics.arrays import axpy, copy, fill, larger, norm
from gnviz.dynamics.compiled.code.numerics.polynomials import FACTORIALS, PAST, PHIS, new_node, phi_1, phis
from gnviz.dynamics.compiled.code.runs.layout import (
    ALPHA,
    BEFORE,
    C1,
    C2,
    COEF,
    COUNT,
    DEFECT,
    DELTA,
    DM,
    DRIVE,
    DRIVE_NEW,
    END,
    ERROR,
    EXTRA,
    FLAT,
    FORCE,
    GAIN,
    LAMBDA,
    LEAST,
    LIN_GAIN,
    LIN_RATE,
    LOSS_SCALE,
    MODES,
    NEW,
    NEW_CORRECTION,
    NEW_LOSS,
    NEW_REFUSAL,
    NODES,
    NOW,
    PAST_T,
    PHI,
    PROMISE,
    RATE,
    ROOT,
    SCALE,
    SECOND_ORDER,
    SHARE,
    SLOPE,
    SPARE,
    STEEPEST,
    STEP,
    TIME,
    TOL,
    TRAVELLED,
    WORK,
    U,
    V,
    W,
    Y,
    few,
    rows_at,
    scalars_at,
)  # fmt: skip
from gnviz.dynamics.compiled.code.runs.parameter_space import size_of, way_between
from gnviz.dynamics.compiled.code.runs.point import (
    along,
    drive_at,
    linear_along,
    linear_back,
    linearize,
    loss_at,
)
from gnviz.dynamics.compiled.machine.jit import jit
from gnviz.dynamics.flow.scheme import LOCAL, PASSING, REFUSED, RISE, Refusal
from gnviz.dynamics.flow.state import FAR

INACCURATE, RISES, NOT_FINITE, COLLAPSED = map(
    float, (Refusal.INACCURATE, Refusal.RISES, Refusal.NOT_FINITE, Refusal.COLLAPSED)
)


@jit
def third(num):
    """Return which point is free for a step to be tried."""
    return 3 - int(num[NOW]) - int(num[BEFORE])


@jit
def nodes(num, scale):
    """Set NODES to the past moments in units of `scale`; return how many there are."""
    known = 0
    for k in range(int(num[COUNT])):
        num[NODES + k] = (num[PAST_T + k] - num[TIME]) / scale
        if num[NODES + k] > -FAR:
            known = k + 1
    return known


@jit
def travel(run, k, start, drive, force, modes, scale, tau, out):
    """Set out to the weights at time tau of a segment: `LocalSolution.at`.

    Args:
        run: The run, whose PHI is set to phi_k(-tau r); else only scratch changes.
        k: The point where the segment was linearized, below POINTS.
        start: w_0, shape (p,).
        drive: c in F_0 = -P c, see `point.linear_back`, shape (n,).
        force: The force's derivatives in units of `scale`, shape (M, p).
        modes: Q of them, see `point.linear_along`, shape (M, n).
        scale: S, the force's unit of flow time.
        tau: Flow time from the segment's start.
        out: Set to w(tau), shape (p,); shares no memory with the others.
    """
    phi, c, gain = run.mode[PHI : PHI + PHIS], run.mode[C1], run.mode[rows_at(k) + LIN_GAIN]
    phis(tau, run.mode[rows_at(k) + LIN_RATE], phi)
    copy(start, out)
    for i in range(len(c)):
        bent, power = 0.0, 1.0
        for j in range(len(modes)):
            power *= tau / scale
            bent += power * phi[j + 3, i] * modes[j, i]
        c[i] = -tau * (phi[1, i] * drive[i] + tau * gain[i] * bent)
    linear_back(run, k, c, out)
    power = tau
    for j in range(len(force)):
        power *= tau / scale
        axpy(power / FACTORIALS[j + 2], force[j], out)


@jit
def attempt(run):
    """Try one step of a run: set NEW, DRIVE_NEW, NEW_CORRECTION, DEFECT and ERROR to PROMISE."""
    num, vec, here, there = run.num, run.vec, int(run.num[NOW]), third(run.num)
    h, force, modes = num[STEP], vec[FORCE : FORCE + PAST], run.mode[MODES : MODES + PAST]
    travel(run, here, vec[W], run.mode[DRIVE], force, modes, num[SCALE], h, vec[SPARE])
    slope_of_path(run, here)
    linearize(run, vec[SPARE], num[TIME] + h, there)
    relaxed_defect(run, here, there)
    error = correct(run, here, there)
    finish(run, there)
    judge(run, there, error)


@jit
def slope_of_path(run, here):
    """Set SLOPE to that of the predictor's path at its end."""
    num, mode, c, p = run.num, run.mode, run.mode[C1], rows_at(here)
    h, scale, slope = num[STEP], num[SCALE], run.vec[SLOPE]
    fill(0.0, slope)
    for i in range(len(c)):
        bent, power = 0.0, 1.0
        for j in range(PAST):
            power *= h / scale
            bent += power * mode[PHI + j + 2, i] * mode[MODES + j, i]
        c[i] = -(mode[PHI, i] * mode[DRIVE, i] + h * mode[p + LIN_GAIN, i] * bent)
    linear_back(run, here, c, slope)
    power = 1.0
    for j in range(PAST):
        power *= h / scale
        axpy(power / FACTORIALS[j + 1], run.vec[FORCE + j], slope)


@jit
def slow_share(h, rate):
    """Return (h phi_1(-h r))^2."""
    return (h * phi_1(-h * rate)) ** 2


@jit
def relaxed_defect(run, here, there):
    """Set DRIVE_NEW to that of the point reached, and DEFECT to F - dp/dh there, fast share relaxed.

    Args:
        run: The run, changed in place; see `layout.Run`.
        here: Number of the point that the step starts from.
        there: Number of the point that the step leads to.
    """
    h, mode, p, q = run.num[STEP], run.mode, rows_at(there), rows_at(here)
    c1, c2, share, drive = mode[C1], mode[C2], mode[SHARE], mode[DRIVE_NEW]
    defect, x = run.vec[DEFECT], run.vec[END]
    drive_at(run, there, drive)
    copy(run.vec[SLOPE], defect)
    linear_back(run, there, drive, defect)  # minus the defect
    linear_along(run, there, defect, share)
    for i in range(len(c1)):
        c1[i] = -mode[p + LIN_GAIN, i] * slow_share(h, mode[p + LIN_RATE, i]) * share[i]
        c2[i] = mode[p + LIN_RATE, i] * c1[i]
    fill(0.0, x)
    linear_back(run, there, c1, x)
    linear_along(run, here, x, share)
    for i in range(len(c1)):
        c1[i] = -mode[q + LIN_GAIN, i] * share[i]
    linear_back(run, there, c2, defect)
    linear_back(run, here, c1, defect)
    for j in range(len(defect)):
        defect[j] = -defect[j]


@jit
def correct(run, here, there):
    """Add the response to the defect, as a force that is 0 at all other moments, to SPARE and SLOPE.

    Sets EXTRA and DM, the force's derivatives and modes; returns the error in units of what is allowed.

    Args:
        run: The run, changed in place; see `layout.Run`.
        here: Number of the point that the step starts from.
        there: Number of the point that the step leads to.
    """
    num, mode, vec = run.num, run.mode, run.vec
    h, scale, c1, c2, dm = num[STEP], num[SCALE], mode[C1], mode[C2], mode[DM]
    known, extra = nodes(num, scale), num[EXTRA : EXTRA + PAST + 1]
    new_node(num[NODES : NODES + PAST], known, h / scale, num[WORK : WORK + PAST + 2], extra)
    linear_along(run, here, vec[DEFECT], dm)
    straight, steep, power = 0.0, 0.0, 1.0
    for j in range(PAST + 1):
        power *= h / scale
        straight += h * power * extra[j] / FACTORIALS[j + 2]
        steep += power * extra[j] / FACTORIALS[j + 1]
    passing = lasting = 0.0
    for i in range(len(dm)):
        chi, bent, power, gain = 0.0, 0.0, 1.0, mode[rows_at(here) + LIN_GAIN, i]
        for j in range(PAST + 1):
            power *= h / scale
            chi += power * extra[j] * mode[PHI + j + 2, i]
            bent += power * extra[j] * mode[PHI + j + 3, i]
        c1[i] = -h * h * gain * bent * dm[i]
        c2[i] = -h * gain * chi * dm[i]
        drift = (num[ALPHA] * h * chi * dm[i]) ** 2
        passing += drift
        lasting += drift * mode[PHI + 1, i]
    fill(0.0, vec[END])
    linear_back(run, here, c1, vec[END])
    axpy(straight, vec[DEFECT], vec[END])
    axpy(1.0, vec[END], vec[SPARE])
    linear_back(run, here, c2, vec[SLOPE])
    axpy(steep, vec[DEFECT], vec[SLOPE])
    along(run, there, vec[END], mode[SHARE])
    error = output_error(num, mode, run.square[there, V], there, passing, lasting)
    return larger(error, weight_error(run, there, size_of(run, there, vec[END])))


@jit
def finish(run, there):
    """Set NEW from where the path ends, SPARE, by relaxing the fast share of the defect that is left.

    END is the correction of the predictor, and SHARE what it is in the modes.
    """
    h, mode, p = run.num[STEP], run.mode, rows_at(there)
    c, share, drive, slope = mode[C1], mode[SHARE], mode[DRIVE_NEW], run.vec[SLOPE]
    if run.num[scalars_at(there) + SECOND_ORDER] == 1.0:
        linear_along(run, there, run.vec[END], share)
    for i in range(len(c)):
        drive[i] += mode[p + LIN_GAIN, i] * share[i]
    linear_back(run, there, drive, slope)  # minus the defect that is left
    linear_along(run, there, slope, share)
    for i in range(len(c)):
        c[i] = -mode[p + LIN_GAIN, i] * slow_share(h, mode[p + LIN_RATE, i]) * share[i]
        drive[i] += mode[p + LIN_RATE, i] * c[i]
    copy(run.vec[SPARE], run.vec[NEW])
    linear_back(run, there, c, run.vec[NEW])


@jit
def output_error(num, mode, vectors, there, passing, lasting):
    """Return the error of the outputs in units of what is allowed, and set NEW_CORRECTION.

    Args:
        num: The run's numbers, shape (NUM,).
        mode: Its rows, shape (MODE, n); the correction V^T G^{1/2} J dw is in SHARE, NEW_CORRECTION is set.
        vectors: The modes at the point reached, as rows, shape (n, n).
        there: Number of that point.
        passing: Square of the correction's norm in the outputs.
        lasting: The same of what the next step inherits.
    """
    n, p, h, tol, alpha = len(vectors), rows_at(there), num[STEP], num[TOL], num[ALPHA]
    noise, residual = known_to(mode, there), norm(mode[p + COEF])
    error = larger(
        math.sqrt(passing) / (PASSING * tol * residual + noise),
        math.sqrt(lasting) / (LOCAL * tol * residual + noise),
    )
    whole = corrected = left = 0.0
    for i in range(n):
        all_of_it = kept = 0.0
        for q in range(n):
            part = vectors[q, i] * mode[SHARE, q]
            all_of_it += part
            kept += part * math.sqrt(phi_1(-h * mode[p + RATE, q]))
        mode[NEW_CORRECTION, i] = alpha * kept / mode[p + ROOT, i]
        corrected += mode[NEW_CORRECTION, i] ** 2
        whole += (alpha * all_of_it / mode[p + ROOT, i]) ** 2
        left += min(abs(mode[p + U, i] - mode[Y, i]), num[LOSS_SCALE]) ** 2
    if num[FLAT] == 0.0:  # `flow.scheme._plain_error`
        left, noise = math.sqrt(left), norm(mode[p + DELTA])
        error = larger(error, math.sqrt(whole) / (PASSING * tol * left + noise))
        error = larger(error, math.sqrt(corrected) / (LOCAL * tol * left + noise))
    return error


@jit
def known_to(mode, k):
    """Return ||G^{1/2} delta||, what the weighted residual is known to: `linearized.rounding.in_metric`."""
    total, p = 0.0, rows_at(k)
    for i in range(mode.shape[1]):
        total += (mode[p + ROOT, i] * mode[p + DELTA, i]) ** 2
    return math.sqrt(total)


@jit
def weight_error(run, there, correction):
    """Return the correction of the weights in units of what is allowed: `flow.scheme._weight_error`.

    Args:
        run: The run; see `layout.Run`.
        there: Number of the point that the step leads to.
        correction: Length of the weights' correction, in the units of that point; see `size_of`.
    """
    if not correction > 0.0:
        return correction  # 0, or NaN
    mode, p, h, blur, end = run.mode, rows_at(there), run.num[STEP], 0.0, run.vec[SPARE]
    for i in range(mode.shape[1]):
        lasting = h * phi_1(-h * mode[p + RATE, i])
        blur = larger(blur, math.sqrt(mode[p + LAMBDA, i]) * mode[p + GAIN, i] * lasting)
    blur *= known_to(mode, there) / run.num[ALPHA]
    way = run.num[TRAVELLED] + way_between(run, there, end, run.vec[W])
    size = larger(size_of(run, there, end), way)
    return correction / (run.num[TOL] * size + blur)


@jit
def judge(run, there, error):
    """Set the numbers of the step that was tried: its error, loss, and why it is refused if it is.

    Args:
        run: The run, changed in place; see `layout.Run`.
        there: Number of the point that the step leads to.
        error: The error in units of what is allowed, from `correct`.
    """
    num, mode, p = run.num, run.mode, rows_at(there)
    loss, delta, refusal, left = loss_at(run, run.vec[NEW]), norm(mode[p + DELTA]), INACCURATE, 0.0
    lost = False
    if loss > (math.sqrt(num[LEAST]) + math.sqrt(num[STEEPEST] / 2.0) * delta) ** 2:
        error, refusal = larger(error, RISE), RISES
    if few(run) and usable(mode[p + GAIN]) < usable(mode[rows_at(int(num[NOW])) + LIN_GAIN]):
        refusal, lost = COLLAPSED, True
    if not (abs(error) < math.inf and abs(loss) < math.inf):
        refusal, lost = NOT_FINITE, True
    error = REFUSED if lost else error
    for i in range(mode.shape[1]):
        left += (mode[p + U, i] - mode[Y, i]) ** 2
    num[ERROR], num[NEW_LOSS], num[NEW_REFUSAL] = error, loss, refusal
    num[PROMISE] = num[TOL] * math.sqrt(left) + delta


@jit
def usable(gain):
    """Return how many modes can be trained: `linearized.dynamics.collapsed`."""
    count = 0
    for i in range(len(gain)):
        count += 1 if gain[i] > 0.0 else 0
    return count
