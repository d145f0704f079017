"""One look for all figures: colours that hold on light and dark pages and for colour-blind readers.

Backgrounds are transparent and all fixed greys are of middle lightness, so that a figure needs no second
version for the dark theme; the page recolours axes, grids and legends itself.

A colour belongs to a kind of method, whatever else is in the figure. Runs of one kind, such as two values of
rho or of alpha, differ in lightness, and beyond three in their dashes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from gnviz.methods import METHODS
from gnviz.views.plot import GREY, Mark

SPARES = ("#c03fd0", "#858a1f", "#76828f", "#d0683f", "#3f9a8a")
"""For methods that state no colour."""

LIGHTNESS = (0.153, 0.205, 0.275)
"""Relative luminances of a hue's three shades: all at least 3.2 : 1 against white and against #1e1e1e."""

DASHES: tuple[tuple[int, ...], ...] = ((), (14, 4), (14, 4, 4, 4))
"""Of the runs of one kind beyond the third, the sixth and so on."""

MARKERS = ("circle", "square", "triangle", "diamond", "inverted_triangle", "hex")
"""A marker per run, so that colour is never the only difference."""

WIDEST, NARROWEST = 10.0, 4.0
"""Widths of the first and the last run's path, in pixels."""

MODE_PALETTE = (
    "#8e0ca4", "#9511a1", "#9b179e", "#a21c9a", "#a82296", "#ae2791", "#b42d8d", "#b93388", "#be3883",
    "#c33e7f", "#c8447a", "#cd4975", "#d14f71", "#d6556d", "#da5a68", "#de6064", "#e26660", "#e56c5b",
    "#e97257", "#ec7853", "#ef7e4e", "#f2854a", "#f58b46", "#f79241",
)  # fmt: skip
"""The middle of the plasma palette: perceptually uniform, without ends that vanish on dark or light pages."""

INK = "#4a515c"
"""For what is nobody's and lies on a coloured ground: 6 : 1 on the palest, 2 : 1 on the runs' colours."""

LOSS_PALETTE = (
    "#f4efdc", "#e9e6d3", "#dcdecf", "#ced5cc", "#c0cbc9", "#b1c0c6",
    "#a4b5c2", "#98a9be", "#8d9cb7", "#848fae",
)  # fmt: skip
"""From low to high loss: pale and quiet, as a ground on which the runs' colours stand out."""

CURVATURE_PALETTE = ("#2f8f83", "#74b3aa", "#afd3cd", "#e4e4e0", "#dcc3a3", "#c29a69", "#98692f")
"""From negative (saddle) through flat to positive (dome): teal and brown differ for every reader."""

PLAIN = "#b9c0cc"
"""A surface of one colour."""


@dataclass(frozen=True)
class Look:
    """How a run is told from others.

    Attributes:
        color: Its method's, in a shade of its own.
        dash: Of its curves.
        marker: Of its points.
        rank: Its number, from 0, among those told apart.
        count: How many there are.
    """

    color: str
    dash: tuple[int, ...]
    marker: str
    rank: int
    count: int

    @property
    def path(self) -> float:
        """Width of its path, in pixels: wide first, so that what covers it shows it."""
        return 6.0 if self.count < 2 else WIDEST - (WIDEST - NARROWEST) * self.rank / (self.count - 1)

    @property
    def layer(self) -> float:
        """How high its path lies over a surface, from 0."""
        return float(self.rank)


def looks_of(methods: Sequence[str]) -> list[Look]:
    """Return a look for each of some runs.

    Args:
        methods: The text of each run's method; equal ones differ in what the text does not say.
    """
    kinds = [method.partition("(")[0] for method in methods]
    hues, seen, out = hues_of(kinds), Counter[str](), []
    for rank, kind in enumerate(kinds):
        variant = seen[kind]
        seen[kind] += 1
        dash = DASHES[variant // len(LIGHTNESS) % len(DASHES)]
        marker = MARKERS[rank % len(MARKERS)]
        out.append(Look(shades_of(hues[kind])[variant % len(LIGHTNESS)], dash, marker, rank, len(kinds)))
    return out


def hues_of(kinds: Iterable[str]) -> dict[str, str]:
    """Return the colour of each kind of method.

    A kind that states none has one of `SPARES`: always the same where it is registered, and the next ones if
    only the process that ran it knew it.
    """
    stated = {kind: cls.color for kind, cls in METHODS.items() if cls.color}
    kinds = list(dict.fromkeys(kinds))
    silent = [kind for kind in METHODS if kind not in stated] + [
        kind for kind in kinds if kind not in METHODS
    ]
    return {k: stated[k] if k in stated else SPARES[silent.index(k) % len(SPARES)] for k in kinds}


def shades_of(color: str) -> list[str]:
    """Return a colour and its two other shades, of the luminances in `LIGHTNESS` that it has not."""
    own = min(range(len(LIGHTNESS)), key=lambda k: abs(LIGHTNESS[k] - luminance(color)))
    return [color, *(_with(color, level) for k, level in enumerate(LIGHTNESS) if k != own)]


def luminance(color: str) -> float:
    """Return the relative luminance of #rrggbb, from 0 to 1, as WCAG defines it."""
    return float(_linear(color) @ _WEIGHTS)


_WEIGHTS = np.array([0.2126, 0.7152, 0.0722])


def _linear(color: str) -> np.ndarray:
    share = np.array([int(color[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def _with(color: str, level: float) -> str:
    """Return a colour mixed with black or white, in linear light, until its luminance is `level`."""
    light = _linear(color)
    now = float(light @ _WEIGHTS)
    light = light * level / now if level < now else light + (1 - light) * (level - now) / (1 - now)
    share = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * float(x)):02x}" for x in share)


def mode_color(mode: int, count: int) -> str:
    """Return the colour of mode number `mode` (from 0) of `count`."""
    return MODE_PALETTE[round((len(MODE_PALETTE) - 1) * mode / max(count - 1, 1))]


def blend(palette: Sequence[str], count: int) -> list[str]:
    """Return `count` colours evenly along a palette, blended between its own."""
    known = np.array([[int(color[k : k + 2], 16) for k in (1, 3, 5)] for color in palette])
    where = np.linspace(0, len(palette) - 1, count)
    mixed = [np.interp(where, np.arange(len(palette)), channel) for channel in known.T]
    return ["#" + "".join(f"{round(value):02x}" for value in color) for color in zip(*mixed, strict=True)]


def darker(color: str) -> str:
    """Return a shade of a colour that shows on it, and on a surface."""
    return "#" + "".join(f"{int(0.5 * int(color[k : k + 2], 16)):02x}" for k in (1, 3, 5))


def reference(table: str, **more: object) -> Mark:
    """Return the mark of a line that belongs to no run: a law, a floor, the target."""
    look = {"color": GREY, "dash": (6, 4), "width": 1.5} | more
    return Mark(table, **look)  # type: ignore[arg-type]
