"""What a figure says of its drawing: axes, and a mark for each table. No plotting library is named here.

A `View` returns a `Plot` beside its tables; a backend (`gnviz.views.backends`) draws it. Two plots are equal
if they differ in numbers at most, ranges included: then a drawing of one can be brought up to the other in
place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from gnviz.methods import display_name

GREY = "#808791"
"""For everything that is nobody's: 3.6 : 1 on white, 4.6 : 1 on #1e1e1e."""

Range = tuple[float, float]
"""The lower and the upper end of an axis."""

Kind = Literal["line", "points", "band", "text", "cells", "contours", "surface", "arrow", "sheet"]
"""Lines and points may be flat or in three dimensions; cells and contours are flat, the last three are not.

The first two columns of a flat table are where its marks stand; a `band` lies between its second column and
its third; `text` writes its column `text`. A table of
`cells` has their sides in left, right, bottom and top, what is coloured in value, in color its own colour
for a plot without shades, and 0 in shown for a cell that is not there yet. A table of
`contours` has the columns x, y and height of a grid, row by row; lines of opacity 0 are not drawn between its
bands. In three dimensions the columns are x, y, z.
A `surface` has its column `color` besides, and its points row by row; an `arrow` goes from its first point to
its second; a `sheet` has four corners, and the first again.
"""

Tip = tuple[str, str, str]
"""Words, a column, and the format of its number: as Bokeh has it, or such as 0.00e for powers of ten.

The column `$name` is the label."""


@dataclass(frozen=True)
class Axis:
    """An axis.

    Attributes:
        label: Words beside it; empty for an axis that is not drawn.
        log: Whether it is logarithmic.
        whole: Whether its ticks are whole numbers.
    """

    label: str
    log: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Mark:
    """How one table is drawn.

    Attributes:
        table: Its label.
        kind: See `Kind`.
        color: As #rrggbb, or @column.
        width: Of lines, and of the rims of points, in pixels.
        dash: Lengths of dashes and gaps in pixels; empty for a solid line.
        alpha: Opacity of lines.
        marker: Shape of points, by Bokeh's name, or @column.
        size: Of points, in pixels.
        fill: Opacity of what is inside points.
        rim: Colour of the rims of points; empty for that of the points.
        entry: Text of the legend's entry that it belongs to; empty for none.
        follows: Label of the table that it is hidden with; empty for none.
        moves: Whether it follows the moment shown while the others stay.
        shadow: Whether it casts a shadow on the floor, in a plot seen by a camera.
        layer: How high it lies over a surface: 0 is the lowest line; None for where it is.
        tips: What is said where the pointer is over it.
    """

    table: str
    kind: Kind = "line"
    color: str = GREY
    width: float = 2.2
    dash: tuple[int, ...] = ()
    alpha: float = 1.0
    marker: str = "circle"
    size: float = 8.0
    fill: float = 1.0
    rim: str = ""
    entry: str = ""
    follows: str = ""
    moves: bool = False
    shadow: bool = False
    layer: float | None = None
    tips: tuple[Tip, ...] = ()


@dataclass(frozen=True)
class Key:
    """What the legend says of a kind of lines or points.

    Attributes:
        words: What it means.
        mark: An example; its table is not used.
        there: Whether there are some now.
    """

    words: str
    mark: Mark
    there: bool = field(default=True, compare=False)


@dataclass(frozen=True)
class Shades:
    """What the colour of a surface or of contours means.

    Attributes:
        words: What is coloured; empty for a surface of one colour.
        palette: Colours from the first to the last, evenly.
        log: Whether they are spread evenly over the number's logarithm.
        low: The number with the first colour.
        high: The number with the last colour.
    """

    words: str
    palette: tuple[str, ...]
    log: bool = field(default=False, compare=False)
    low: float = field(default=0.0, compare=False)
    high: float = field(default=1.0, compare=False)


@dataclass(frozen=True)
class Scene:
    """Three dimensions of one scale.

    Attributes:
        names: Words on the axes.
        spans: Range of each.
        eye: Direction from which it is seen at first, a unit vector.
        shape: Rows and columns of the surface's mesh.
    """

    names: tuple[str, str, str]
    spans: tuple[Range, Range, Range]
    eye: tuple[float, float, float]
    shape: tuple[int, int]

    @property
    def size(self) -> float:
        """Length of the longest axis."""
        return max(high - low for low, high in self.spans)


@dataclass(frozen=True)
class Plot:
    """A figure without its numbers.

    Attributes:
        title: Of the figure.
        x: The horizontal axis.
        y: The vertical axis.
        marks: What is drawn, from the lowest to the uppermost.
        across: Range of the horizontal axis.
        upright: Range of the vertical axis.
        entries: The legend's entries, in order; a click hides the marks of one.
        key: What kinds of lines and points mean.
        modes: Number of modes that a colour bar explains; 0 for no such bar.
        shades: What the contours' or the surface's colours mean.
        camera: Whether it is seen by a camera that can be turned: tables have columns x, y, z.
        scene: Of a figure in three dimensions; else None.
        clock: `clock.kind` of the runs: what the discrete steps of a method are called.
        square: Whether a unit across is as long as one upright; where there is more room, it stays empty.
    """

    title: str
    x: Axis
    y: Axis
    marks: tuple[Mark, ...]
    across: Range = field(compare=False)
    upright: Range = field(compare=False)
    entries: tuple[str, ...] = ()
    key: tuple[Key, ...] = ()
    modes: int = 0
    shades: Shades | None = None
    camera: bool = False
    scene: Scene | None = field(default=None, compare=False)
    clock: str = "flow"
    square: bool = False

    def of(self, entry: str) -> list[Mark]:
        """Return the marks of one of the legend's entries."""
        return [mark for mark in self.marks if mark.entry == entry]

    def called(self, entry: str) -> str:
        """Return the words for one of the legend's entries, or for a run."""
        return display_name(entry, self.clock)
