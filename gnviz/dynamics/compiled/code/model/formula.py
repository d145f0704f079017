"""Formulas of `knobs.formulas` as instructions on a stack, with the derivatives in two parameters.

A program is rows of two numbers: an operation and its argument. A number on the stack is a row of five: its
value, d/dw1 and d/dw2, and whether it depends on w1 and on w2, 1 or 0. Derivatives are those of torch's
backward pass: where there is no dependence, an infinite slope does not matter; in a branch that is not taken,
it does.
"""

from __future__ import annotations

import math

import numpy as np

from gnviz.dynamics.compiled.code.codes import (
    ABS,
    ADD,
    COS,
    DIV,
    END,
    EQ,
    EXP,
    FLOOR,
    GE,
    GT,
    LE,
    LOG,
    LOG10,
    LT,
    MAX,
    MIN,
    MUL,
    NEG,
    NUMBER,
    POW,
    SIN,
    SQRT,
    SUB,
    TANH,
    W1,
    W2,
    WHERE,
    X,
)
from gnviz.dynamics.compiled.code.numerics.arrays import copy, fill
from gnviz.dynamics.compiled.machine.jit import exact

NUMBERS = 5
"""Of a row of the stack."""


@exact
def evaluate(program, w1, w2, x, stack):
    """Compute a formula: its value and derivatives are then in the stack's first row.

    Args:
        program: Instructions, shape (length, 2), the last of them END.
        w1: First parameter.
        w2: Second one.
        x: Input.
        stack: Scratch, shape (room, NUMBERS): as many rows as `programs` says.
    """
    top, at = -1, 0
    while program[at, 0] != END:
        op, argument = int(program[at, 0]), program[at, 1]
        if op <= X:
            top += 1
            stack[top, 0] = argument if op == NUMBER else w1 if op == W1 else w2 if op == W2 else x
            stack[top, 1] = stack[top, 3] = 1.0 if op == W1 else 0.0
            stack[top, 2] = stack[top, 4] = 1.0 if op == W2 else 0.0
        elif op == WHERE:
            top -= 2
            choose(stack[top], stack[top + 1], stack[top + 2])
        elif op <= MAX:
            top -= 1
            combine(op, stack[top], stack[top + 1])
        else:
            apply(op, stack[top])
        at += 1


@exact
def choose(a, yes, no):
    """Set a to `yes` where it is not 0, else to `no`.

    Args:
        a: The condition, shape (NUMBERS,).
        yes: What is chosen then, shape (NUMBERS,).
        no: The other, shape (NUMBERS,).
    """
    chosen = 1.0 if a[0] != 0.0 else 0.0
    copy(yes, a)
    share(a, no, yes[0] if chosen == 1.0 else no[0], chosen, 1.0 - chosen)


@exact
def combine(op, a, b):
    """Set a to an operation of a and b.

    Args:
        op: Which, from ADD to MAX.
        a: The left side, shape (NUMBERS,).
        b: The right side, shape (NUMBERS,).
    """
    p, q = a[0], b[0]
    if op == ADD:
        linear(a, b, p + q, 1.0, 1.0)
    elif op == SUB:
        linear(a, b, p - q, 1.0, -1.0)
    elif op == MUL:
        linear(a, b, p * q, q, p)
    elif op == DIV:
        linear(a, b, p / q, 1.0 / q, -(p / q) / q)
    elif op == POW:
        power = p**q
        if q == 0.0:
            hide(a)
        by_base = 0.0 if q == 0.0 else q * p ** (q - 1.0)
        linear(a, b, power, by_base, 0.0 if p == 0.0 and q >= 0.0 else power * math.log(p))
    elif op in (MIN, MAX):
        first, second = (p < q, q < p) if op == MIN else (p > q, q > p)
        value = p if first else q if second or p == q else p + q  # NaN, which has both slopes in full
        tie = 0.5 if p == q else 1.0
        share(a, b, value, 0.0 if second else tie, 0.0 if first else tie)
    else:
        fill(0.0, a)
        a[0] = 1.0 if compare(op, p, q) else 0.0


@exact
def linear(a, b, value, by_a, by_b):
    """Set a to a number that has slopes in a and b.

    Args:
        a: The left side, shape (NUMBERS,).
        b: The right side, shape (NUMBERS,).
        value: What a becomes.
        by_a: Its slope in a.
        by_b: Its slope in b.
    """
    a[0] = value
    for k in range(1, 3):
        from_b = by_b * b[k] if b[k + 2] == 1.0 else 0.0
        a[k] = by_a * a[k] + from_b if a[k + 2] == 1.0 else from_b
        a[k + 2] = max(a[k + 2], b[k + 2])


@exact
def share(a, b, value, of_a, of_b):
    """Set a to a number that is one of a and b, or half of each, or neither.

    What has no part in it is hidden from what comes after; only a slope that is not finite is still seen, as
    NaN.

    Args:
        a: The left side, shape (NUMBERS,).
        b: The right side, shape (NUMBERS,).
        value: What a becomes.
        of_a: The part of a's slopes: 0, 1/2 or 1.
        of_b: That of b's.
    """
    if of_a == 0.0:
        hide(a)
    if of_b == 0.0:
        hide(b)
    linear(a, b, value, of_a, of_b)


@exact
def hide(a):
    """Let what comes after depend on a number's parameters no more, where it has a slope at all."""
    for k in range(1, 3):
        if math.isfinite(a[k]):
            a[k] = a[k + 2] = 0.0


@exact
def compare(op, p, q):
    """Return whether two numbers are related.

    Args:
        op: How, from LT to NE.
        p: The left one.
        q: The right one.
    """
    if op == LT:
        return p < q
    if op == LE:
        return p <= q
    if op == GT:
        return p > q
    if op == GE:
        return p >= q
    return p == q if op == EQ else p != q


@exact
def apply(op, a):
    """Set a to a function of it.

    Args:
        op: Which, from NEG on.
        a: A number, shape (NUMBERS,).
    """
    value, slope, p = math.nan, math.nan, a[0]
    if op == FLOOR:
        hide(a)
    if op == NEG:
        value, slope = -p, -1.0
    elif op == EXP:
        value = slope = math.exp(p)
    elif op == LOG:
        value, slope = math.log(p), 1.0 / p
    elif op == LOG10:
        value, slope = math.log10(p), 1.0 / (p * math.log(10.0))
    elif op == SQRT:
        value = math.sqrt(p)
        slope = 1.0 / (2.0 * value)
    elif op == ABS:
        value, slope = abs(p), 1.0 if p > 0.0 else -1.0 if p < 0.0 else 0.0
    elif op == SIN:
        value, slope = math.sin(p), math.cos(p)
    elif op == COS:
        value, slope = math.cos(p), -math.sin(p)
    elif op == TANH:
        value = math.tanh(p)
        slope = 1.0 - value * value
    elif op == FLOOR:
        value, slope = np.floor(p), 0.0  # math.floor is a whole number, of 64 bits
    a[0] = value
    for k in range(1, 3):
        if a[k + 2] == 1.0:
            a[k] *= slope
