"""Opening the user's own CSV: the file, and which of its columns and rows to use."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any, NamedTuple

import panel as pn
import panel_material_ui as pmui
import param

from gnviz.data import MAX_SAMPLES
from gnviz.data.tables.delimited import MAX_BYTES
from gnviz.data.tables.files import decode_table
from gnviz.data.tables.read import Offer, offer, parse_table
from gnviz.data.tables.selection import Selection
from gnviz.experiment import Data, Experiment
from gnviz.knobs import KnobError
from gnviz.lab.controls.message import Message
from gnviz.lab.controls.sections import OWN_TABLE, labelled
from gnviz.lab.controls.widgets import STEPPERS, make
from gnviz.lab.look.layout import WIDE, stack, text
from gnviz.lab.server.aside import aside

MOST_SENT = 8 * MAX_BYTES
"""Bytes of a file that the browser sends at all. What it holds back it tells on the button for some seconds
only; what is too large and comes here is refused in a sentence."""


class Opened(NamedTuple):
    """A table that was read.

    Attributes:
        text: It.
        offer: What can be chosen from it.
        knobs: What is chosen: x, y, missing and rows.
        wrong: Why that cannot be fitted; None: it can.
    """

    text: str
    offer: Offer
    knobs: dict[str, Any]
    wrong: KnobError | None


def opened(text: str, data: Data) -> Opened:
    """Return a table with the columns of `data` chosen that it has.

    Raises:
        KnobError: It is none.
    """
    found = offer(text)
    knobs = {
        "x": [name for name in data.x if name in found.names],
        "y": data.y if data.y in found.names else found.target,
        "missing": data.missing,
        "rows": data.rows,
    }
    return Opened(text, found, knobs, wrong(text, knobs))


def wrong(text: str, knobs: dict[str, Any]) -> KnobError | None:
    """Return why a table cannot be fitted with these knobs, None if it can."""
    try:
        parse_table(text, Selection(**knobs))
    except KnobError as error:
        return error
    return None


class CsvUpload(pn.viewable.Viewer):
    """A file input, choosers for its columns of numbers, and what is done with its rows where that matters.

    `choice` holds the knobs `data.table`, `data.x`, `data.y`, `data.missing` and `data.rows` once a usable
    table is there.
    """

    choice = param.Dict({}, doc="Knobs of the chosen table; empty until there is a usable one.")

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._text, self._loading = "", False
        self._awaited, self._newest = Data(), object()
        self._offer: Offer | None = None
        self.file = pmui.FileInput(
            accept=".csv,.txt,.tsv,.dat,.data",
            label=f"Open a CSV (up to {MAX_BYTES / 1e6:g} MB)",
            max_file_size=MOST_SENT,
            **WIDE,
        )
        inputs = f"{OWN_TABLE['data.x']} (none: all others)"
        self.y = pmui.Select(label=OWN_TABLE["data.y"], options=[], size="small", **WIDE)
        self.x = pmui.MultiChoice(label=inputs, options=[], **WIDE)
        knobs = Experiment.knobs()
        self.missing = make(OWN_TABLE["data.missing"], knobs["data.missing"], "refuse")
        self.rows = pmui.IntInput(
            label=OWN_TABLE["data.rows"],
            start=2,
            end=MAX_SAMPLES,
            value=None,
            sx=STEPPERS,
            size="small",
            **WIDE,
        )
        self.note = text("", "note", margin=(0, 10, 4, 10))
        self.complaint = Message(self._take)
        self.column = stack(self.file, self.complaint)
        self.file.param.watch(self._opened, "value")
        for widget in (self.y, self.x, self.missing, self.rows):
            widget.param.watch(self._chosen, "value")

    def load(self, data: Data) -> None:
        """Show the table of an experiment, or await the one that its columns are of."""
        self._awaited, self._newest = data, object()
        self.file.loading = False
        if data.table:
            try:
                self._show_table(opened(data.table, data))
            except KnobError as error:
                self._forget(error)

    def _opened(self, event: Any) -> None:
        """Read a file that has come, beside the server's loop; the last one counts."""
        raw = event.new[0] if isinstance(event.new, list) and event.new else event.new
        if not isinstance(raw, bytes) or not raw:
            return
        data, turn = self._awaited, object()
        self._newest, self.file.loading = turn, True

        def newest(then: Callable[[Any], None]) -> Callable[[Any], None]:
            return lambda found: then(found) if self._newest is turn else None

        aside(lambda: opened(decode_table(raw), data), newest(self._take_table), newest(self._refuse))

    def _take_table(self, table: Opened) -> None:
        self._awaited = Data()
        self._show_table(table)
        self._conclude(table.knobs, table.wrong)
        self.file.loading = False

    def _refuse(self, why: str) -> None:
        self._forget(KnobError(why))
        self.file.loading = False

    def _show_table(self, table: Opened) -> None:
        """Offer the columns of a table."""
        names = list(table.offer.names)
        self._text, self._offer = table.text, table.offer
        self.complaint.say("")
        self._loading = True
        self.y.param.update(options=names, value=table.knobs["y"])
        self.x.param.update(options=names, value=table.knobs["x"])
        self.missing.value, self.rows.value = table.knobs["missing"], table.knobs["rows"]
        self._loading = False
        self._show()

    def _chosen(self, *_: Any) -> None:
        if self._loading or not self._text:
            return
        knobs = {"x": list(self.x.value), "y": self.y.value}
        knobs |= {"missing": self.missing.value, "rows": self.rows.value}
        self._show()
        self._conclude(knobs, wrong(self._text, knobs))

    def _conclude(self, knobs: dict[str, Any], error: KnobError | None) -> None:
        """Choose a table with these knobs, unless something is wrong with that."""
        if error is not None:
            return self._complain(error)
        self.complaint.say("")
        self.choice = {"data.table": self._text} | {f"data.{name}": value for name, value in knobs.items()}

    def _show(self) -> None:
        """Show what is left out, and the widgets that matter for the columns chosen."""
        items: list[Any] = [self.file, self.complaint]
        if found := self._offer:
            self.note.object = html.escape("; ".join(found.notes))
            used = {*(self.x.value or found.usual), self.y.value}
            items += [self.note] * bool(found.notes) + [self.y, self.x]
            items += [self.missing] * bool(used & found.gaps) + [self.rows] * (found.rows > MAX_SAMPLES)
        if self.column.objects != items:
            self.column.objects = items

    def _take(self, remedy: dict[str, Any]) -> None:
        """Set what a complaint says would help."""
        for name, value in remedy.items():
            {"data.missing": self.missing, "data.rows": self.rows}[name].value = value

    def _forget(self, error: KnobError) -> None:
        """Offer no columns: the last file has none."""
        self._text, self._offer = "", None
        self._show()
        self._complain(error)

    def _complain(self, error: KnobError) -> None:
        self.complaint.say(labelled(str(error)), error.remedy, severity="warning")

    def __panel__(self) -> pn.viewable.Viewable:
        return self.column


OPEN_TABLE = "Open a CSV file in the settings, under Data: then training begins."


def lacks_table(experiment: Experiment) -> bool:
    """Return whether an experiment is to read a table, but none has been opened."""
    data = experiment.data
    return data.kind == "csv" and not (data.table or data.path)
