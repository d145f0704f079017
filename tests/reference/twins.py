"""The problems of Moré, Garbow and Hillstrom in NumPy, term by term as their paper writes them, i from 1.

Each takes x as the paper does, with x[0] unused, and returns f_1 .. f_m.
"""

import math
from math import atan, cos, exp, log, sin, sqrt

import numpy as np

from gnviz.problem.published.more_garbow_hillstrom import curves


def rosenbrock(x):
    return [10 * (x[2] - x[1] ** 2), 1 - x[1]]


def freudenstein_roth(x):
    return [-13 + x[1] + ((5 - x[2]) * x[2] - 2) * x[2], -29 + x[1] + ((x[2] + 1) * x[2] - 14) * x[2]]


def powell_badly_scaled(x):
    return [1e4 * x[1] * x[2] - 1, exp(-x[1]) + exp(-x[2]) - 1.0001]


def brown_badly_scaled(x):
    return [x[1] - 10**6, x[2] - 2 * 10**-6, x[1] * x[2] - 2]


def beale(x):
    return [y - x[1] * (1 - x[2] ** i) for i, y in enumerate((1.5, 2.25, 2.625), 1)]


def jennrich_sampson(x):
    return [2 + 2 * i - (exp(i * x[1]) + exp(i * x[2])) for i in range(1, 11)]


def helical_valley(x):
    if x[1] == 0:
        theta = 0.25 if x[2] > 0 else -0.25  # the limit from the right
    else:
        theta = atan(x[2] / x[1]) / (2 * math.pi) + (0.5 if x[1] < 0 else 0)
    return [10 * (x[3] - 10 * theta), 10 * ((x[1] ** 2 + x[2] ** 2) ** 0.5 - 1), x[3]]


def bard(x):
    u = range(1, 16)
    return [
        y - (x[1] + i / ((16 - i) * x[2] + min(i, 16 - i) * x[3]))
        for i, y in zip(u, curves.BARD, strict=True)
    ]


def gaussian(x):
    y = [*curves.GAUSSIAN, *reversed(curves.GAUSSIAN[:7])]
    return [x[1] * exp(-x[2] * ((8 - i) / 2 - x[3]) ** 2 / 2) - y[i - 1] for i in range(1, 16)]


def meyer(x):
    return [x[1] * exp(x[2] / (45 + 5 * i + x[3])) - y for i, y in enumerate(curves.MEYER, 1)]


def gulf(x):
    f = []
    for i in range(1, 100):
        y = 25 + (-50 * log(i / 100)) ** (2 / 3)
        f.append(exp(-(abs(y - x[2]) ** x[3]) / x[1]) - i / 100)
    return f


def box(x):
    t = [0.1 * i for i in range(1, 11)]
    return [exp(-s * x[1]) - exp(-s * x[2]) - x[3] * (exp(-s) - exp(-10 * s)) for s in t]


def powell_singular(x):
    return [x[1] + 10 * x[2], sqrt(5) * (x[3] - x[4]), (x[2] - 2 * x[3]) ** 2, sqrt(10) * (x[1] - x[4]) ** 2]


def wood(x):
    f = [10 * (x[2] - x[1] ** 2), 1 - x[1], sqrt(90) * (x[4] - x[3] ** 2), 1 - x[3]]
    return [*f, sqrt(10) * (x[2] + x[4] - 2), (x[2] - x[4]) / sqrt(10)]


def kowalik_osborne(x):
    pairs = zip(curves.KOWALIK_OSBORNE, curves.KOWALIK_OSBORNE_AT, strict=True)
    return [y - x[1] * (u * u + u * x[2]) / (u * u + u * x[3] + x[4]) for y, u in pairs]


def brown_dennis(x):
    t = [i / 5 for i in range(1, 21)]
    return [(x[1] + s * x[2] - exp(s)) ** 2 + (x[3] + x[4] * sin(s) - cos(s)) ** 2 for s in t]


def osborne_1(x):
    f = []
    for i, y in enumerate(curves.OSBORNE_1, 1):
        t = 10 * (i - 1)
        f.append(y - (x[1] + x[2] * exp(-t * x[4]) + x[3] * exp(-t * x[5])))
    return f


def biggs(x):
    f = []
    for i in range(1, 14):
        t = 0.1 * i
        y = exp(-t) - 5 * exp(-10 * t) + 3 * exp(-4 * t)
        f.append(x[3] * exp(-t * x[1]) - x[4] * exp(-t * x[2]) + x[6] * exp(-t * x[5]) - y)
    return f


def osborne_2(x):
    f = []
    for i, y in enumerate(curves.OSBORNE_2, 1):
        t = (i - 1) / 10
        curve = x[1] * exp(-t * x[5]) + x[2] * exp(-((t - x[9]) ** 2) * x[6])
        curve += x[3] * exp(-((t - x[10]) ** 2) * x[7]) + x[4] * exp(-((t - x[11]) ** 2) * x[8])
        f.append(y - curve)
    return f


def watson(x):
    n, f = len(x) - 1, []
    for i in range(1, 30):
        t = i / 29
        first = sum((j - 1) * x[j] * t ** (j - 2) for j in range(2, n + 1))
        f.append(first - sum(x[j] * t ** (j - 1) for j in range(1, n + 1)) ** 2 - 1)
    return [*f, x[1], x[2] - x[1] ** 2 - 1]


def extended_rosenbrock(x):
    f = []
    for i in range(1, len(x), 2):
        f += [10 * (x[i + 1] - x[i] ** 2), 1 - x[i]]
    return f


def extended_powell_singular(x):
    f = []
    for i in range(1, len(x), 4):
        f += powell_singular([0, *x[i : i + 4]])
    return f


def penalty_1(x):
    return [1e-5**0.5 * (v - 1) for v in x[1:]] + [sum(v * v for v in x[1:]) - 0.25]


def penalty_2(x):
    n, a, f = len(x) - 1, 1e-5, [x[1] - 0.2]
    for i in range(2, n + 1):
        y = exp(i / 10) + exp((i - 1) / 10)
        f.append(a**0.5 * (exp(x[i] / 10) + exp(x[i - 1] / 10) - y))
    for i in range(n + 1, 2 * n):
        f.append(a**0.5 * (exp(x[i - n + 1] / 10) - exp(-1 / 10)))
    return [*f, sum((n - j + 1) * x[j] ** 2 for j in range(1, n + 1)) - 1]


def variably_dimensioned(x):
    n = len(x) - 1
    s = sum(j * (x[j] - 1) for j in range(1, n + 1))
    return [*(x[i] - 1 for i in range(1, n + 1)), s, s**2]


def trigonometric(x):
    n = len(x) - 1
    total = sum(cos(v) for v in x[1:])
    return [n - total + i * (1 - cos(x[i])) - sin(x[i]) for i in range(1, n + 1)]


def brown_almost_linear(x):
    n = len(x) - 1
    return [*(x[i] + sum(x[1:]) - (n + 1) for i in range(1, n)), math.prod(x[1:]) - 1]


def discrete_boundary_value(x):
    n = len(x) - 1
    h, x = 1 / (n + 1), [0, *x[1:], 0]
    return [2 * x[i] - x[i - 1] - x[i + 1] + h**2 * (x[i] + i * h + 1) ** 3 / 2 for i in range(1, n + 1)]


def discrete_integral(x):
    n = len(x) - 1
    h, f = 1 / (n + 1), []
    t = [j * h for j in range(n + 1)]
    for i in range(1, n + 1):
        left = sum(t[j] * (x[j] + t[j] + 1) ** 3 for j in range(1, i + 1))
        right = sum((1 - t[j]) * (x[j] + t[j] + 1) ** 3 for j in range(i + 1, n + 1))
        f.append(x[i] + h * ((1 - t[i]) * left + t[i] * right) / 2)
    return f


def broyden_tridiagonal(x):
    n, x = len(x) - 1, [0, *x[1:], 0]
    return [(3 - 2 * x[i]) * x[i] - x[i - 1] - 2 * x[i + 1] + 1 for i in range(1, n + 1)]


def broyden_banded(x):
    n, f = len(x) - 1, []
    for i in range(1, n + 1):
        near = [j for j in range(max(1, i - 5), min(n, i + 1) + 1) if j != i]
        f.append(x[i] * (2 + 5 * x[i] ** 2) + 1 - sum(x[j] * (1 + x[j]) for j in near))
    return f


def linear_full_rank(x):
    n, m = len(x) - 1, 10
    return [(x[i] if i <= n else 0) - 2 / m * sum(x[1:]) - 1 for i in range(1, m + 1)]


def linear_rank_1(x):
    return [i * sum(j * x[j] for j in range(1, len(x))) - 1 for i in range(1, 11)]


def linear_rank_1_with_zeros(x):
    n, m = len(x) - 1, 10
    return [-1, *((i - 1) * sum(j * x[j] for j in range(2, n)) - 1 for i in range(2, m)), -1]


def chebyquad(x):
    n, f = len(x) - 1, []
    for i in range(1, n + 1):
        polynomial = np.polynomial.Chebyshev.basis(i, domain=[0, 1])
        f.append(sum(polynomial(v) for v in x[1:]) / n - (0 if i % 2 else -1 / (i**2 - 1)))
    return f


ROOTS = {
    "rosenbrock": [(1, 1)],
    "freudenstein-roth": [(5, 4)],
    "brown-badly-scaled": [(1e6, 2e-6)],
    "beale": [(3, 0.5)],
    "helical-valley": [(1, 0, 0)],
    "gulf": [(50, 25, 1.5)],
    "box": [(1, 10, 1), (10, 1, -1), (7, 7, 0)],
    "powell-singular": [(0, 0, 0, 0)],
    "wood": [(1, 1, 1, 1)],
    "biggs": [(1, 10, 1, 5, 4, 3)],
    "extended-rosenbrock": [(1,) * 10],
    "extended-powell-singular": [(0,) * 12],
    "variably-dimensioned": [(1,) * 10],
    "trigonometric": [(0,) * 10],
    "brown-almost-linear": [(1,) * 10],
}
"""Points that the paper gives in closed form at which every residual is 0."""

MINIMA = {
    "brown-almost-linear": (*(0,) * 9, 11),
    "linear-full-rank": (-1,) * 5,
    "linear-rank-1": (3 / 21, 0, 0, 0, 0),
    "linear-rank-1-with-zeros": (7, 3 / 17 / 2, 0, 0, -7),
}
"""Points in closed form at which the residuals are not 0, but the gradient is."""

PRINTED = {
    "freudenstein-roth": 48.9842,
    "jennrich-sampson": 124.362,
    "bard": (8.21487e-3, 17.4286),
    "gaussian": 1.12793e-8,
    "meyer": 87.9458,
    "kowalik-osborne": (3.07505e-4, 1.02734e-3),
    "brown-dennis": 85822.2,
    "osborne-1": 5.46489e-5,
    "biggs": 5.65565e-3,
    "osborne-2": 4.01377e-2,
    "watson-6": 2.28767e-3,
    "watson-9": 1.39976e-6,
    "watson-12": 4.72238e-10,
    "penalty-1-4": 2.24997e-5,
    "penalty-1-10": 7.08765e-5,
    "penalty-2-4": 9.37629e-6,
    "penalty-2-10": 2.93660e-4,
    "brown-almost-linear": 1,
    "chebyquad-8": 3.51687e-3,
    "chebyquad-10": 6.50395e-3,
    "linear-full-rank": 5,
    "linear-rank-1": 10 * 9 / (2 * 21),
    "linear-rank-1-with-zeros": (100 + 30 - 6) / (2 * 17),
}
"""f at every minimum where it is not 0, as the paper prints it."""

AT_START = {
    "rosenbrock": 4.919350,
    "freudenstein-roth": 20.01250,
    "helical-valley": 50,
    "bard": 6.456136,
    "box": 32.11158,
    "powell-singular": 14.66288,
    "kowalik-osborne": 7.289151e-2,
    "meyer": 41153.47,
    "brown-dennis": 2815.438,
    "osborne-2": 1.446865,
    "watson-6": 5.477226,
    "brown-almost-linear": 16.53022,
    "chebyquad-8": 0.1965139,
    "chebyquad-9": 0.1699499,
    "chebyquad-10": 0.1837478,
    "linear-full-rank": 5,
    "linear-rank-1": 291.5218,
    "linear-rank-1-with-zeros": 126.0397,
}
"""||f|| at the standard start, as MINPACK's test programs print it (Argonne report ANL-80-74)."""
