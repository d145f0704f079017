"""Opening the user's own CSV: the file, and which of its columns to use."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from gnviz.experiment import Data, Experiment
from gnviz.knobs import KnobError
from gnviz.lab.layout import WIDE, plain, stack
from gnviz.problem.tables import MAX_BYTES, column_names, decode_table, parse_table


class CsvUpload(pn.viewable.Viewer):
    """A file input and two column choosers.

    `choice` holds the knobs `data.table`, `data.x`, `data.y` once a usable table is there.
    """

    choice = param.Dict({}, doc="Knobs of the chosen table; empty until there is a usable one.")

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._text, self._loading = "", False
        self.file = pmui.FileInput(
            accept=".csv,.txt,.tsv,.dat", label="Open a CSV", max_file_size=MAX_BYTES, **WIDE
        )
        self.y = pmui.Select(label="Target column", options=[], size="small", visible=False, **WIDE)
        self.x = pmui.MultiChoice(label="Input columns (none: all others)", options=[], visible=False, **WIDE)
        self.message = pmui.Alert("", severity="warning", visible=False, margin=10, **WIDE)
        self.column = stack(self.file, self.message, self.y, self.x)
        self.file.param.watch(self._opened, "value")
        self.y.param.watch(self._chosen, "value")
        self.x.param.watch(self._chosen, "value")

    def load(self, data: Data) -> None:
        """Show the table of an experiment."""
        if data.table:
            self._text = data.table
            self._offer(data.x, data.y)

    def _opened(self, event: Any) -> None:
        raw = event.new[0] if isinstance(event.new, list) and event.new else event.new
        if not raw:
            return
        try:
            self._text = decode_table(raw)
            self._offer([], "")
        except KnobError as error:
            self._forget()
            return self._complain(error)
        self._chosen()

    def _offer(self, x: list[str], y: str) -> None:
        names = column_names(self._text)
        self._loading = True
        self.y.param.update(options=names, value=y or names[-1], visible=True)
        self.x.param.update(options=names, value=list(x), visible=True)
        self._loading = False

    def _chosen(self, *_: Any) -> None:
        if self._loading or not self._text:
            return
        try:
            parse_table(self._text, self.x.value, self.y.value)
        except KnobError as error:
            return self._complain(error)
        self.message.visible = False
        self.choice = {"data.table": self._text, "data.x": list(self.x.value), "data.y": self.y.value}

    def _forget(self) -> None:
        """Offer no columns: the last file has none."""
        self._text = ""
        self.y.visible = self.x.visible = False

    def _complain(self, error: KnobError) -> None:
        self.message.param.update(object=plain(str(error)), visible=True)

    def __panel__(self) -> pn.viewable.Viewable:
        return self.column


def lacks_table(experiment: Experiment) -> bool:
    """Return whether an experiment is to read a table, but none has been opened."""
    data = experiment.data
    return data.kind == "csv" and not (data.table or data.path)
