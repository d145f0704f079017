"""Measured data: what all tables share."""

from __future__ import annotations

import math
from importlib.resources import files

import param

from gnviz.data.base import DataSet
from gnviz.data.samples import Given, Samples, on_a_line
from gnviz.data.tables.read import Table, parse_table
from gnviz.data.tables.selection import Selection


class Measured(DataSet):
    """Rows of a table: what is read is fitted, standardised or in its own units."""

    standardize = param.Boolean(
        True,
        doc="Give input columns and target mean 0 and standard deviation 1 before they are fitted (measured "
        "data); inputs are then divided by the root of their number.",
    )

    def read(self) -> Table:
        """Return the table, standardised if that is asked for.

        Raises:
            KnobError: It cannot be used; the message names knob, row, column and what is allowed.
        """
        raise NotImplementedError

    def samples(self, given: Given) -> Samples:
        """Return the rows that are used."""
        import torch

        t = self.read()
        x, y, measured = (torch.tensor(a) for a in (t.x, t.y, t.measured))
        coordinate, grid, grid_x = on_a_line(x)
        unknown = torch.full_like(grid, math.nan)
        return Samples(
            x, y, coordinate, grid, grid_x, unknown, t.names, t.target, t.notes, measured, units=t.units
        )


class Bundled(Measured):
    """A table of this package, in the file `gnviz/data/LABEL.csv`; its last column is the target."""

    def read(self) -> Table:
        """Return the table."""
        text = files("gnviz").joinpath("data", f"{self.label}.csv").read_text("utf-8")
        return parse_table(text, Selection(standardize=self.standardize), "data.kind")
