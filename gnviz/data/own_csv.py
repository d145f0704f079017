"""The user's own CSV."""

from __future__ import annotations

from dataclasses import fields

import param

from gnviz.data.samples import MAX_SAMPLES
from gnviz.data.table import Measured
from gnviz.data.tables.files import table_text
from gnviz.data.tables.read import Table, parse_table
from gnviz.data.tables.selection import Selection


class Csv(Measured):
    """Columns of a delimited text: `table` itself, or the file at `path`; every row is a sample."""

    label = "csv"
    meaning = "your own CSV"
    rank = 10

    path = param.String("", doc="CSV file to read when kind is csv (never taken from a URL).")
    table = param.String(
        "", doc="The table's text itself, for uploads and arrays; wins over path (never taken from a URL)."
    )
    x = param.List(
        [], item_type=str, doc="CSV columns used as inputs; empty: all that hold numbers, but the target."
    )
    y = param.String("", doc="CSV column used as target; empty: the last one that holds numbers.")
    missing = param.Selector(
        default="refuse",
        objects=["refuse", "drop"],
        doc="What is done with rows of a CSV that have empty cells in the columns used: refuse the table, or "
        "drop the rows.",
    )
    rows = param.Integer(
        None,
        bounds=(2, MAX_SAMPLES),
        allow_None=True,
        doc="Most rows of a CSV to use; of more, so many are chosen at random with data.seed. None: all.",
    )

    def read(self) -> Table:
        """Return the columns and rows that are used."""
        text, knob = table_text(self.table, self.path)
        chosen = {field.name: getattr(self, field.name) for field in fields(Selection)}
        return parse_table(text, Selection(**chosen), knob)
