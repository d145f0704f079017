"""Curves that are fitted to data; residuals are curve less data or the other way round, as in the paper."""

from __future__ import annotations

import torch
from torch import Tensor

from gnviz.problem.published.more_garbow_hillstrom.least_squares import LeastSquares, constants, indices

BARD = (0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39)

GAUSSIAN = (0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989)
"""The left half and the top; the right half mirrors it."""

MEYER = (
    34780.0, 28610.0, 23650.0, 19630.0, 16370.0, 13720.0, 11540.0, 9744.0,
    8261.0, 7030.0, 6005.0, 5147.0, 4427.0, 3820.0, 3307.0, 2872.0,
)  # fmt: skip

KOWALIK_OSBORNE = (0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246)

KOWALIK_OSBORNE_AT = (4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625)

OSBORNE_1 = (
    0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751,
    0.718, 0.685, 0.658, 0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490,
    0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.420, 0.414, 0.411, 0.406,
)  # fmt: skip

OSBORNE_2 = (
    1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608,
    0.655, 0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661,
    0.612, 0.558, 0.533, 0.495, 0.500, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428,
    0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559,
    0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054,
)  # fmt: skip


def bard(w: Tensor) -> Tensor:
    """Return y_i - (w1 + u / (v w2 + z w3)), u = i, v = 16 - i, z = min(u, v), i = 1 .. 15."""
    u = indices(w, 15)
    v = 16 - u
    return constants(w, BARD) - (w[0] + u / (v * w[1] + torch.minimum(u, v) * w[2]))


def gaussian(w: Tensor) -> Tensor:
    """Return w1 exp(-w2 (t - w3)^2 / 2) - y_i, t = (8 - i) / 2, i = 1 .. 15."""
    t = (8 - indices(w, 15)) / 2
    return w[0] * torch.exp(-w[1] * (t - w[2]) ** 2 / 2) - constants(w, GAUSSIAN + GAUSSIAN[-2::-1])


def meyer(w: Tensor) -> Tensor:
    """Return w1 exp(w2 / (t + w3)) - y_i, t = 45 + 5 i, i = 1 .. 16; NIST's MGH10."""
    t = 45 + 5 * indices(w, 16)
    return w[0] * torch.exp(w[1] / (t + w[2])) - constants(w, MEYER)


def gulf(w: Tensor) -> Tensor:
    """Return exp(-|y - w2|^w3 / w1) - t, y = 25 + (-50 log t)^(2/3), t = i / 100, i = 1 .. 99.

    The paper prints |y m i w2|; its program and its root (50, 25, 1.5) have y minus w2.
    """
    t = indices(w, 99) / 100
    y = 25 + (-50 * t.log()) ** (2 / 3)
    return torch.exp(-((y - w[1]).abs() ** w[2]) / w[0]) - t


def kowalik_osborne(w: Tensor) -> Tensor:
    """Return y_i - w1 (u^2 + u w2) / (u^2 + u w3 + w4) at eleven u; NIST's MGH09."""
    u = constants(w, KOWALIK_OSBORNE_AT)
    return constants(w, KOWALIK_OSBORNE) - w[0] * (u**2 + u * w[1]) / (u**2 + u * w[2] + w[3])


def osborne_1(w: Tensor) -> Tensor:
    """Return y_i - (w1 + w2 exp(-t w4) + w3 exp(-t w5)), t = 10 (i - 1), i = 1 .. 33; NIST's MGH17."""
    t = 10 * (indices(w, 33) - 1)
    return constants(w, OSBORNE_1) - (w[0] + w[1] * torch.exp(-t * w[3]) + w[2] * torch.exp(-t * w[4]))


def biggs(w: Tensor) -> Tensor:
    """Return w3 exp(-t w1) - w4 exp(-t w2) + w6 exp(-t w5) - y(t), t = i / 10, i = 1 .. 13.

    y is the same with (1, 10, 1, 5, 4, 3), a root.
    """
    t = indices(w, 13) / 10
    y = torch.exp(-t) - 5 * torch.exp(-10 * t) + 3 * torch.exp(-4 * t)
    a, b, c = torch.exp(-t * w[0]), torch.exp(-t * w[1]), torch.exp(-t * w[4])
    return w[2] * a - w[3] * b + w[5] * c - y


def osborne_2(w: Tensor) -> Tensor:
    """Return y_i less w1 exp(-t w5) and three bells w_k exp(-(t - w_(k+7))^2 w_(k+4)), t = (i - 1) / 10."""
    t = (indices(w, 65) - 1) / 10
    bells = w[1:4, None] * torch.exp(-((t - w[8:11, None]) ** 2) * w[5:8, None])
    return constants(w, OSBORNE_2) - w[0] * torch.exp(-t * w[4]) - bells.sum(0)


FAR_BARD = 17.42869333333
"""As w2 and w3 go to -infinity: w1 is the mean of the data, and this n times their variance."""

FAR_KOWALIK_OSBORNE = 1.0273430487e-3
"""As w1 goes to infinity, w3 and w4 to -infinity."""

PROBLEMS = (
    LeastSquares("bard", 8, bard, 15, (1.0, 1.0, 1.0), 8.214877306579e-3, (FAR_BARD,)),
    LeastSquares("gaussian", 9, gaussian, 15, (0.4, 1.0, 0.0), 1.127932769619e-8),
    LeastSquares("meyer", 10, meyer, 16, (0.02, 4000.0, 250.0), 87.9458551706),
    LeastSquares("gulf", 11, gulf, 99, (5.0, 2.5, 0.15)),
    LeastSquares(
        "kowalik-osborne",
        15,
        kowalik_osborne,
        11,
        (0.25, 0.39, 0.415, 0.39),
        3.075056038492e-4,
        (FAR_KOWALIK_OSBORNE,),
    ),
    LeastSquares("osborne-1", 17, osborne_1, 33, (0.5, 1.5, -1.0, 0.01, 0.02), 5.464894697483e-5),
    LeastSquares("biggs", 18, biggs, 13, (1.0, 2.0, 1.0, 1.0, 1.0, 1.0), 0.0, (5.6556499255e-3,)),
    LeastSquares(
        "osborne-2",
        19,
        osborne_2,
        65,
        (1.3, 0.65, 0.65, 0.7, 0.6, 3.0, 5.0, 7.0, 2.0, 4.5, 5.5),
        4.013773629355e-2,
    ),
)
