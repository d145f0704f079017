"""NIST's nonlinear regression sets: 27 data sets with two starts each and values certified to 11 digits.

Statistical Reference Datasets, National Institute of Standards and Technology (public domain),
https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml. The files are NIST's own; the formulas below are
written by hand from the model text in each.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import resources

import torch
from torch import Tensor

from gnviz.problem.user.make import UserProblem, make_problem

Formula = Callable[..., Tensor]
"""Maps inputs x and the parameters b1, b2, ... to outputs, shape (n,)."""


def _waves(x: Tensor, b1: Tensor, *b: Tensor) -> Tensor:
    """b1 and three waves, of 12 months and of the periods b4 and b7."""
    b2, b3, b4, b5, b6, b7, b8, b9 = b
    turn = 2 * math.pi * x
    year = b2 * torch.cos(turn / 12) + b3 * torch.sin(turn / 12)
    second = b5 * torch.cos(turn / b4) + b6 * torch.sin(turn / b4)
    return b1 + year + second + b8 * torch.cos(turn / b7) + b9 * torch.sin(turn / b7)


def _two_bumps(x: Tensor, *b: Tensor) -> Tensor:
    """A decay and two Gaussian bumps."""
    b1, b2, b3, b4, b5, b6, b7, b8 = b
    bumps = b3 * torch.exp(-((x - b4) ** 2) / b5**2) + b6 * torch.exp(-((x - b7) ** 2) / b8**2)
    return b1 * torch.exp(-b2 * x) + bumps


def _cubics(x: Tensor, *b: Tensor) -> Tensor:
    """A cubic over a cubic."""
    b1, b2, b3, b4, b5, b6, b7 = b
    return (b1 + b2 * x + b3 * x**2 + b4 * x**3) / (1 + b5 * x + b6 * x**2 + b7 * x**3)


def _three_decays(x: Tensor, *b: Tensor) -> Tensor:
    """A sum of three exponentials."""
    b1, b2, b3, b4, b5, b6 = b
    return b1 * torch.exp(-b2 * x) + b3 * torch.exp(-b4 * x) + b5 * torch.exp(-b6 * x)


def _saturating(x: Tensor, b1: Tensor, b2: Tensor) -> Tensor:
    return b1 * (1 - torch.exp(-b2 * x))


def _decay_over_line(x: Tensor, b1: Tensor, b2: Tensor, b3: Tensor) -> Tensor:
    return torch.exp(-b1 * x) / (b2 + b3 * x)


FORMULAS: dict[str, Formula] = {
    "Bennett5": lambda x, b1, b2, b3: b1 * (b2 + x) ** (-1 / b3),
    "BoxBOD": _saturating,
    "Chwirut1": _decay_over_line,
    "Chwirut2": _decay_over_line,
    "DanWood": lambda x, b1, b2: b1 * x**b2,
    "ENSO": _waves,
    "Eckerle4": lambda x, b1, b2, b3: (b1 / b2) * torch.exp(-0.5 * ((x - b3) / b2) ** 2),
    "Gauss1": _two_bumps,
    "Gauss2": _two_bumps,
    "Gauss3": _two_bumps,
    "Hahn1": _cubics,
    "Kirby2": lambda x, b1, b2, b3, b4, b5: (b1 + b2 * x + b3 * x**2) / (1 + b4 * x + b5 * x**2),
    "Lanczos1": _three_decays,
    "Lanczos2": _three_decays,
    "Lanczos3": _three_decays,
    "MGH09": lambda x, b1, b2, b3, b4: b1 * (x**2 + x * b2) / (x**2 + x * b3 + b4),
    "MGH10": lambda x, b1, b2, b3: b1 * torch.exp(b2 / (x + b3)),
    "MGH17": lambda x, b1, b2, b3, b4, b5: b1 + b2 * torch.exp(-x * b4) + b3 * torch.exp(-x * b5),
    "Misra1a": _saturating,
    "Misra1b": lambda x, b1, b2: b1 * (1 - (1 + b2 * x / 2) ** -2),
    "Misra1c": lambda x, b1, b2: b1 * (1 - (1 + 2 * b2 * x) ** -0.5),
    "Misra1d": lambda x, b1, b2: b1 * b2 * x / (1 + b2 * x),
    "Nelson": lambda x, b1, b2, b3: b1 - b2 * x[:, 0] * torch.exp(-b3 * x[:, 1]),
    "Rat42": lambda x, b1, b2, b3: b1 / (1 + torch.exp(b2 - b3 * x)),
    "Rat43": lambda x, b1, b2, b3, b4: b1 / (1 + torch.exp(b2 - b3 * x)) ** (1 / b4),
    "Roszman1": lambda x, b1, b2, b3, b4: b1 - b2 * x - torch.atan(b3 / (x - b4)) / math.pi,
    "Thurber": _cubics,
}

LOGARITHMIC = ("Nelson",)
"""Sets that fit log y."""


@dataclass(frozen=True)
class Certified:
    """One set, float64.

    Attributes:
        name: NIST's name.
        level: NIST's level of difficulty: Lower, Average or Higher.
        x: Inputs, shape (n,), or (n, 2) for Nelson.
        y: Targets (log y for Nelson), shape (n,).
        starts: The two starts, the second one nearer, shape (2, p).
        parameters: Certified values, shape (p,).
        deviations: Certified standard deviations of the parameters, shape (p,).
        sum_of_squares: Certified residual sum of squares.
    """

    name: str
    level: str
    x: Tensor
    y: Tensor
    starts: Tensor
    parameters: Tensor
    deviations: Tensor
    sum_of_squares: float

    @property
    def formula(self) -> Callable[[Tensor, Tensor], Tensor]:
        """The model as a function f(w, x)."""
        return partial(_evaluate, FORMULAS[self.name])

    def problem(self) -> UserProblem:
        """Return the regression from both starts: seeds 0 and 1 are NIST's starts 1 and 2."""
        return make_problem(self.formula, self.x, self.y, self.starts, name=f"NIST {self.name}")


def _evaluate(formula: Formula, w: Tensor, x: Tensor) -> Tensor:
    return formula(x, *w.unbind())


def names() -> list[str]:
    """Return the names of all 27 sets."""
    return list(FORMULAS)


def read(name: str) -> Certified:
    """Return one of NIST's sets.

    Raises:
        ValueError: There is none of that name.
    """
    if name not in FORMULAS:
        raise ValueError(f"no NIST set {name!r}; there are {', '.join(FORMULAS)}")
    text = (resources.files("gnviz.problem") / "data" / "nist" / f"{name}.dat").read_text(encoding="ascii")
    number = r"\s+(-?[\d.E+-]+)"
    rows = re.findall(rf"^\s*b\d+\s+={number}{number}{number}{number}\s*$", text, re.MULTILINE)
    table = torch.tensor([[float(v) for v in row] for row in rows], dtype=torch.float64)
    head, level, total = _numbers_of(text)
    lines = [[float(v) for v in line.split()] for line in text.splitlines()[head - 1 :] if line.strip()]
    data = torch.tensor(lines, dtype=torch.float64)
    y, x = data[:, 0], data[:, 1:]
    return Certified(
        name=name,
        level=level,
        x=x[:, 0] if x.shape[1] == 1 else x,
        y=y.log() if name in LOGARITHMIC else y,
        starts=table[:, :2].T.contiguous(),
        parameters=table[:, 2],
        deviations=table[:, 3],
        sum_of_squares=total,
    )


def _numbers_of(text: str) -> tuple[int, str, float]:
    """Return the first line of the data (counted from 1), the level, and the certified sum of squares."""
    line = re.search(r"Data\s+\(lines (\d+) to", text)
    level = re.search(r"(Lower|Average|Higher) Level", text)
    total = re.search(r"Residual Sum of Squares:\s+(\S+)", text)
    if not (line and level and total):
        raise ValueError("not a file of NIST's nonlinear regression sets")
    return int(line.group(1)), level.group(1), float(total.group(1))
