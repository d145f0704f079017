"""Saving a run, or one of its figures: a dialog that says as what, and brings the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple, Protocol

import panel as pn
import param
import xarray as xr

from gnviz import export
from gnviz.lab.controls.sections import labelled
from gnviz.lab.figures.browser import print_script
from gnviz.lab.look import dialog
from gnviz.lab.server.aside import aside
from gnviz.results import to_bytes


class Pictures(Protocol):
    """Figures that can be drawn for a file."""

    @property
    def titles(self) -> dict[str, str]:
        """What they are called, by name."""
        ...

    def printed(self, name: str) -> dict[str, Any]:
        """Return what the browser needs to draw one.

        Raises:
            ValueError: There is no such figure now.
        """
        ...


class Format(NamedTuple):
    """What results can be saved as.

    Attributes:
        file: The file's name.
        kind: Its media type.
        words: What it is for.
        make: Returns its content.
    """

    file: str
    kind: str
    words: str
    make: Callable[[xr.Dataset], bytes | bytearray | memoryview | str]


FORMATS = {
    "Data (NetCDF)": Format(
        "gnviz.nc", "application/x-netcdf", "all that was recorded, for gnviz.load and xarray", to_bytes
    ),
    "Python script": Format(
        "gnviz_run.py", "text/x-python", "repeats the run to the last bit", export.script
    ),
    "Notebook": Format(
        "gnviz_run.ipynb", "application/x-ipynb+json", "the same with words and pictures", export.notebook
    ),
    "Tables (CSV)": Format("gnviz.zip", "application/zip", "for pandas, R and spreadsheets", export.csv),
    "Page (HTML)": Format(
        "gnviz.html", "text/html", "opens anywhere, with a slider over time; takes some seconds", export.page
    ),
}  # fmt: skip
"""By what a run can be saved as."""

IMAGES = {"svg": "image/svg+xml", "png": "image/png"}
"""Media types of what a figure can be saved as."""


class Download(pn.custom.JSComponent):
    """A button that opens the list of formats; a file is made in a thread, from what there is by then.

    Figures are drawn for their files by the browser.

    Args:
        dataset: Returns what is saved; None for nothing.
        pictures: Returns the figures that are shown.
        formats: As what it can be saved.
        params: Of the component.
    """

    formats = param.Dict({}, doc="What each is for.")
    about = param.String("Save the run or a figure", doc="What the dialog is for.")
    figures = param.Dict({}, doc="What the figures that are shown are called.")
    said = param.String("", doc="Why a file could not be made.")

    _debounce: ClassVar[int] = 0

    _stylesheets: ClassVar[list[str]] = [
        dialog.STYLE
        + """
.rows { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 6px 14px;
  align-items: center; }
.rows > .plain { justify-content: flex-start; }
.both { display: flex; gap: 6px; }
"""
    ]

    _esm = (
        dialog.SCRIPT
        + print_script.SCRIPT
        + """
export function render({model}) {
  const {root, dialog, body} = makeDialog("Save", model.about,
    "M12 4v11m0 0l-5-5m5 5l5-5M4 20h16")
  const rows = element("div", "rows"), figures = element("div", "rows"), said = element("p", "said quiet")
  said.setAttribute("role", "status")
  body.append(rows, element("h3", "", "A figure, with title and legend"), figures, said)
  const say = (words, bad = false) => { said.textContent = words; said.classList.toggle("bad", bad) }
  for (const [name, words] of Object.entries(model.formats)) {
    const button = element("button", "plain", name)
    button.type = "button"
    button.addEventListener("click", () => { say(`Making ${name}\u2026`); model.send_msg({format: name}) })
    rows.append(button, element("span", "quiet", words))
  }
  const draw = () => figures.replaceChildren(...Object.entries(model.figures).flatMap(([name, title]) => {
    const both = element("span", "both")
    for (const format of ["svg", "png"]) {
      const button = element("button", "plain", format.toUpperCase())
      button.type = "button"
      button.setAttribute("aria-label", `${title} as ${format.toUpperCase()}`)
      button.addEventListener("click", () => {
        say(`Drawing ${title}\u2026`)
        model.send_msg({figure: name, format})
      })
      both.append(button)
    }
    return [both, element("span", "", title)]
  }))
  const arrived = async ({file, kind, data, drawing, format}) => {
    try { bring(file, drawing ? await print(format, drawing) : data, kind) }
    catch (error) { return say(`It could not be drawn: ${error.message}`, true) }
    say(`Saved as ${file}.`)
  }
  dialog.addEventListener("opened", () => { say(""); model.send_msg({}) })
  model.on("msg:custom", arrived)
  model.on("figures", draw)
  draw()
  model.on("said", () => say(model.said, true))
  return root
}
"""
    )

    def __init__(
        self,
        dataset: Callable[[], xr.Dataset | None],
        pictures: Callable[[], Pictures],
        formats: Mapping[str, Format] = FORMATS,
        **params: Any,
    ) -> None:
        words = {name: form.words for name, form in formats.items()}
        super().__init__(**({"margin": 0, "formats": words} | params))
        self._dataset, self._pictures, self._formats = dataset, pictures, formats

    def _handle_msg(self, data: Any) -> None:
        """Make what the browser asks for; without a format, say what there is."""
        asked = data if isinstance(data, dict) else {}
        figure, form = asked.get("figure"), str(asked.get("format"))
        if isinstance(figure, str) and form in IMAGES:
            self._draw(figure, form)
        elif form in self._formats:
            self._make(self._formats[form])
        else:
            self.figures = self._pictures().titles

    def _draw(self, name: str, format: str) -> None:
        try:
            drawing = self._pictures().printed(name)
        except ValueError as error:
            return self._refuse(str(error))
        file = f"gnviz_{name}.{format}"
        self._send_msg({"file": file, "kind": IMAGES[format], "drawing": drawing, "format": format})

    def _make(self, form: Format) -> None:
        if (ds := self._dataset()) is None:
            return self._refuse("nothing is recorded yet")
        aside(lambda: content(form, ds), lambda made: self._bring(form, made), self._refuse)

    def _bring(self, form: Format, made: bytes) -> None:
        self._send_msg({"file": form.file, "kind": form.kind, "data": made})

    def _refuse(self, why: str) -> None:
        self.said = labelled(why)
        self.param.trigger("said")


def content(form: Format, ds: xr.Dataset) -> bytes:
    """Return the content of a file.

    Raises:
        KnobError: There can be none, such as a script of a problem of the user's own.
    """
    made = form.make(ds)
    return made.encode() if isinstance(made, str) else bytes(made)
