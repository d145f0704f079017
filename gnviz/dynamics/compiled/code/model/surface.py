"""Surfaces: outputs and slopes of `problem.models.surface`, whose parameters are those of a chart."""

from __future__ import annotations

import math

from gnviz.dynamics.compiled.code.codes import BENT, PLAIN, STRETCHED
from gnviz.dynamics.compiled.code.model.formula import evaluate
from gnviz.dynamics.compiled.machine.jit import exact
from gnviz.problem.models.charts import STRETCH, TWIST


@exact
def base(chart, a, b):
    """Return w1 and w2, and dw1/da, dw1/db, dw2/da, dw2/db.

    Args:
        chart: Which, as in `codes.CHARTS`.
        a: Its first parameter.
        b: Its second one.
    """
    if chart == PLAIN:
        return a, b, 1.0, 0.0, 0.0, 1.0
    if chart == BENT:
        return math.sinh(a), b + a * a, math.cosh(a), 0.0, 2.0 * a, 1.0
    if chart == STRETCHED:
        return STRETCH * a, b / STRETCH, STRETCH, 0.0, 0.0, 1.0 / STRETCH
    angle = TWIST * (a * a + b * b)
    cos, sin, turn = math.cos(angle), math.sin(angle), 2.0 * TWIST
    w1, w2 = a * cos - b * sin, a * sin + b * cos
    return w1, w2, cos - turn * a * w2, -sin - turn * b * w2, sin + turn * a * w1, cos + turn * b * w1


@exact
def surface_slopes(chart, program, v, x, stack, J, f):
    """Set J and f at a point.

    Args:
        chart: Which, as in `codes.CHARTS`.
        program: The formula, or one for each sample, shape (1 or n, length, 2): see `formula`.
        v: Parameters, shape (2,).
        x: Inputs, shape (n, 1).
        stack: Scratch, shape (room, NUMBERS).
        J: Set, shape (n, 2).
        f: Set, shape (n,).
    """
    w1, w2, d11, d12, d21, d22 = base(chart, v[0], v[1])
    for i in range(len(f)):
        evaluate(program[min(i, len(program) - 1)], w1, w2, x[i, 0], stack)
        f[i], along_1, along_2 = stack[0, 0], stack[0, 1], stack[0, 2]
        J[i, 0] = times(along_1, d11) + times(along_2, d21)
        J[i, 1] = times(along_1, d12) + times(along_2, d22)


@exact
def times(slope, factor):
    """Return slope times factor; 0 where nothing depends, also if the slope is infinite."""
    return 0.0 if factor == 0.0 else slope * factor


@exact
def surface_outputs(chart, program, v, x, stack, f):
    """Set f.

    Args:
        chart: Which, as in `codes.CHARTS`.
        program: The formula, or one for each sample, shape (1 or n, length, 2).
        v: Parameters, shape (2,).
        x: Inputs, those trained on or others, shape (k, 1).
        stack: Scratch, shape (room, NUMBERS).
        f: Set, shape (k,).
    """
    place = base(chart, v[0], v[1])
    for i in range(len(f)):
        evaluate(program[min(i, len(program) - 1)], place[0], place[1], x[i, 0], stack)
        f[i] = stack[0, 0]
