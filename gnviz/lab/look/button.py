"""A button as browsers have it: named by what it says, described by its help, light enough for dozens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import panel as pn
import param

from gnviz.lab.look import dialog

ICONS = {
    "run": "M7 4.5v15l12-7.5z",
    "pause": "M8 5v14M16 5v14",
    "step": "M5 5v14l10-7zM19 5v14",
    "stop": "M6 6h12v12H6z",
    "pin": "M9 3h6l-1 7 4 4H6l4-4zM12 14v7",
    "close": "M6 6l12 12M18 6L6 18",
    "restore": "M4 5v5h5M4.5 10a8 8 0 1 1-.5 4",
    "settings": "M4 7h10M18 7h2M16 4v6M4 17h2M10 17h10M8 14v6",
}
"""What is drawn before the words: an SVG path in a square of 24, by what it stands for."""


class Button(pn.custom.JSComponent):
    """A button; `press` is what a click does.

    Args:
        label: What it says, which is also its name.
        press: Called at each click.
        params: Of the component.
    """

    label = param.String("", doc="What it says.")
    help = param.String("", doc="What it does, for who rests on it.")
    icon = param.Selector(default="", objects=["", *ICONS], doc="What is drawn before the words.")
    kind = param.Selector(
        default="", objects=["", "strong", "bad", "quiet", "link"], doc="How it stands out."
    )
    disabled = param.Boolean(False, doc="Whether it can not be pressed now.")

    _stylesheets: ClassVar[list[str]] = [
        dialog.STYLE
        + """
.open { width: 100%; }
.open.bad:enabled { color: var(--mui-palette-error-main, #b3261e); }
.open.quiet { border-color: transparent; }
.open.link { border: 0; padding: 3px 0; text-decoration: underline; min-height: 24px; }
"""
    ]

    _esm = """
export function render({model}) {
  const button = document.createElement("button")
  button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path></path></svg><span></span>`
  button.type = "button"
  button.addEventListener("click", () => model.send_msg("press"))
  const draw = () => {
    const path = ICONS[model.icon]
    button.firstChild.style.display = path ? "" : "none"
    button.querySelector("path").setAttribute("d", path ?? "")
    button.lastChild.textContent = model.label
    button.className = `open ${model.kind}`
    button.title = model.help
    button.disabled = model.disabled
  }
  for (const what of ["label", "help", "icon", "kind", "disabled"]) model.on(what, draw)
  draw()
  return button
}
""".replace("ICONS", repr(ICONS))

    def __init__(self, label: str, press: Callable[[], Any], **params: Any) -> None:
        super().__init__(label=label, **({"margin": (4, 2)} | params))
        self._press = press

    def press(self) -> None:
        """Do what a click does, unless it is disabled."""
        if not self.disabled:
            self._press()

    def _handle_msg(self, data: Any) -> None:
        if data == "press":
            self.press()
