"""Opening the user's own CSV: the file, and which of its columns and rows to use."""

from __future__ import annotations

import html
from typing import Any

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
from gnviz.lab.layout import WIDE, stack, text


class CsvUpload(pn.viewable.Viewer):
    """A file input, choosers for its columns of numbers, and what is done with its rows where that matters.

    `choice` holds the knobs `data.table`, `data.x`, `data.y`, `data.missing` and `data.rows` once a usable
    table is there.
    """

    choice = param.Dict({}, doc="Knobs of the chosen table; empty until there is a usable one.")

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._text, self._loading = "", False
        self._awaited = Data()
        self._offer: Offer | None = None
        self.file = pmui.FileInput(
            accept=".csv,.txt,.tsv,.dat,.data", label="Open a CSV", max_file_size=MAX_BYTES, **WIDE
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
        self._awaited = data
        if data.table:
            self._open(data.table, data)

    def _opened(self, event: Any) -> None:
        raw = event.new[0] if isinstance(event.new, list) and event.new else event.new
        if not isinstance(raw, bytes) or not raw:
            return
        try:
            opened = decode_table(raw)
        except KnobError as error:
            return self._forget(error)
        self._open(opened, self._awaited)
        self._awaited = Data()
        self._chosen()

    def _open(self, opened: str, data: Data) -> None:
        """Offer the columns of a table, with those of `data` chosen that it has."""
        try:
            found = offer(opened)
        except KnobError as error:
            return self._forget(error)
        names = list(found.names)
        self._text, self._offer = opened, found
        self.complaint.say("")
        self._loading = True
        self.y.param.update(options=names, value=data.y if data.y in names else found.target)
        self.x.param.update(options=names, value=[name for name in data.x if name in names])
        self.missing.value, self.rows.value = data.missing, data.rows
        self._loading = False
        self._show()

    def _chosen(self, *_: Any) -> None:
        if self._loading or not self._text:
            return
        knobs = {"x": list(self.x.value), "y": self.y.value}
        knobs |= {"missing": self.missing.value, "rows": self.rows.value}
        self._show()
        try:
            parse_table(self._text, Selection(**knobs))
        except KnobError as error:
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


def lacks_table(experiment: Experiment) -> bool:
    """Return whether an experiment is to read a table, but none has been opened."""
    data = experiment.data
    return data.kind == "csv" and not (data.table or data.path)
