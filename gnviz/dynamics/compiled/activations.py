"""Activations and their derivatives, in place over rows of neurons."""

from __future__ import annotations

import math

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from gnviz.dynamics.compiled.codes import ERF, GELU, SIGMOID, SIN, SOFTPLUS, TANH
from gnviz.dynamics.compiled.jit import exact, jit

FLAT = 20.0
"""|z| from which tanh z is 1 in float64."""

ROUND = 6755399441055744.0
"""1.5 * 2^52: adding it rounds to a whole number, which is left in the lowest bits."""

LOG2_E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
"""log 2 in two parts, the first with zeros at its end, so that whole multiples of it are exact."""


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
    """Turn z into tanh z, to 2 units in the last place, without branches, so that the loop vectorizes.

    tanh |z| = -t / (2 + t) with t = expm1(-2 |z|) = 2^k expm1(r) + (2^k - 1) and |r| <= log(2)/2, where the
    series of expm1 ends with r^13.
    """
    for j in range(len(z)):
        x = -2.0 * min(abs(z[j]), FLAT)
        shifted = x * LOG2_E + ROUND
        k = shifted - ROUND
        r = x - k * LN2_HIGH - k * LN2_LOW
        power = from_bits((bits(shifted) + 1023) << 52)  # pyright: ignore[reportCallIssue]
        s = 1.6059043836821613e-10
        s = s * r + 2.08767569878681e-09
        s = s * r + 2.505210838544172e-08
        s = s * r + 2.755731922398589e-07
        s = s * r + 2.7557319223985893e-06
        s = s * r + 2.48015873015873e-05
        s = s * r + 0.0001984126984126984
        s = s * r + 0.001388888888888889
        s = s * r + 0.008333333333333333
        s = s * r + 0.041666666666666664
        s = s * r + 0.16666666666666666
        s = s * r + 0.5
        t = power * (r + r * r * s) + (power - 1.0)
        z[j] = math.copysign(-t / (2.0 + t), z[j])


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
    """Turn z into sigma(z) in place and write sigma'(z), each a row."""
    if code == TANH:
        finite = 0.0
        for j in range(len(z)):
            finite += 0.0 * z[j]
        tanh_row(z)
        for j in range(len(z)):
            z[j] += finite  # 0, or NaN where an input was: a run that blows up must show it
            slope[j] = 1.0 - z[j] * z[j]
        return
    for j in range(len(z)):
        x = z[j]
        if code == SIN:
            z[j], slope[j] = math.sin(x), math.cos(x)
        elif code == ERF:
            z[j], slope[j] = math.erf(x), 2.0 / math.sqrt(math.pi) * math.exp(-x * x)
        elif code == SOFTPLUS:
            z[j], slope[j] = softplus(x), logistic(x)
        elif code == GELU:
            share = normal_cdf(x)
            z[j], slope[j] = x * share, share + x * math.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
        else:
            s = logistic(x)
            z[j], slope[j] = (s, s * (1.0 - s)) if code == SIGMOID else (x * s, s + x * s * (1.0 - s))
