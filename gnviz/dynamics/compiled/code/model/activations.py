"""Activations and their derivatives, in place over rows of neurons."""

from __future__ import annotations

import math

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from gnviz.dynamics.compiled.code.codes import ERF, GELU, RELU, SIGMOID, SIN, SOFTPLUS, TANH
from gnviz.dynamics.compiled.machine.jit import exact, jit

FLAT = 20.0
"""|z| from which tanh z is 1 in float64."""

ROUND = 6755399441055744.0
"""1.5 * 2^52: adding it rounds to a whole number, which is left in the lowest bits."""

TWO_LOG2_E = 2.885390081777927
HALF_LN2_HIGH, HALF_LN2_LOW = 0.3465735901845619, 9.541074646352939e-11
"""log(2) / 2 in two parts, the first with zeros at its end, so that whole multiples of it are exact."""


@intrinsic  # type: ignore[arg-type]
def bits(context, x):
    """Return the 64 bits of a float as a whole number."""

    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic  # type: ignore[arg-type]
def from_bits(context, i):
    """Return the float that has these 64 bits."""

    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), generate


@exact
def tanh_row(z):
    """Turn z into tanh z, to 3 units in the last place, without branches, so that the loop vectorizes.

    e^(-2 |z|) = 2^k e^(2 y) with |y| <= log(2) / 4, where Lambert's continued fraction of tanh y, broken off
    at 11, is exact to rounding: tanh y = P / Q. With T = tanh y and E = 2^k this is
    tanh |z| = ((1 - E) - (1 + E) T) / ((1 + E) - (1 - E) T), and both are multiplied by Q.
    NaN where z is not finite: a run that blows up must show it.
    """
    for j in range(len(z)):
        x = min(abs(z[j]), FLAT)
        shifted = ROUND - x * TWO_LOG2_E
        k = shifted - ROUND
        y = -x - k * HALF_LN2_HIGH - k * HALF_LN2_LOW
        power = from_bits((bits(shifted) + 1023) << 52)  # pyright: ignore[reportCallIssue]
        s = y * y
        p = y * ((21.0 * s + 1260.0) * s + 10395.0)
        q = ((s + 210.0) * s + 4725.0) * s + 10395.0
        less, more = 1.0 - power, 1.0 + power
        z[j] = math.copysign((less * q - more * p) / (more * q - less * p), z[j]) + 0.0 * z[j]


@exact
def logistic(z):
    """Return 1 / (1 + e^-z) without overflow."""
    e = math.exp(-abs(z))
    return 1.0 / (1.0 + e) if z >= 0 else e / (1.0 + e)


@exact
def softplus(z):
    """Return log(1 + e^z) without overflow."""
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


@exact
def normal_cdf(z):
    """Return the normal distribution function, without cancellation for large negative z."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


@jit
def activate(code, z, slope):
    """Turn z into sigma(z) and write sigma'(z).

    Args:
        code: Which activation, as in `codes.ACTIVATIONS`.
        z: A row of neurons, shape (m,); turned into sigma(z) in place.
        slope: Set to sigma'(z), shape (m,); one of shape (0,) is not written.
    """
    wanted = len(slope)
    if code == TANH:
        tanh_row(z)
        for j in range(wanted):
            slope[j] = 1.0 - z[j] * z[j]
        return
    for j in range(len(z)):
        x, rise = z[j], 0.0
        if code == SIN:
            z[j], rise = math.sin(x), math.cos(x) if wanted else 0.0
        elif code == RELU:  # NaN stays
            z[j], rise = 0.0 if x <= 0.0 else x, 1.0 if x > 0.0 else 0.0
        elif code == ERF:
            z[j], rise = math.erf(x), 2.0 / math.sqrt(math.pi) * math.exp(-x * x) if wanted else 0.0
        elif code == SOFTPLUS:
            z[j], rise = softplus(x), logistic(x) if wanted else 0.0
        elif code == GELU:
            share = normal_cdf(x)
            z[j] = x * share
            rise = share + x * math.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi) if wanted else 0.0
        else:
            s = logistic(x)
            z[j], rise = (s, s * (1.0 - s)) if code == SIGMOID else (x * s, s + x * s * (1.0 - s))
        if wanted:
            slope[j] = rise


@jit
def activate_twice(code, z, slope, bent):
    """Write sigma'(z) and sigma''(z).

    Args:
        code: Which activation, as in `codes.ACTIVATIONS`.
        z: A row of neurons, shape (m,); turned into sigma(z) in place.
        slope: Set to sigma'(z), shape (m,).
        bent: Set to sigma''(z), shape (m,).
    """
    for j in range(len(z)):
        bent[j] = z[j]
    activate(code, z, slope)
    for j in range(len(z)):
        x, a, rise = bent[j], z[j], slope[j]
        if code == TANH:
            bent[j] = -2.0 * a * rise
        elif code == SIN:
            bent[j] = -a
        elif code == RELU:
            bent[j] = 0.0 * x
        elif code == ERF:
            bent[j] = -2.0 * x * rise
        elif code == SOFTPLUS:
            bent[j] = rise * (1.0 - rise)
        elif code == GELU:
            bent[j] = (2.0 - x * x) * math.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
        elif code == SIGMOID:
            bent[j] = rise * (1.0 - 2.0 * a)
        else:
            s = logistic(x)
            bent[j] = s * (1.0 - s) * (2.0 + x * (1.0 - 2.0 * s))
