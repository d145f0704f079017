"""What the page says over its pictures when something cannot be done, with a way out where one is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import panel as pn
import param

from gnviz.lab.controls.sections import label_of
from gnviz.lab.look import dialog
from gnviz.lab.look.layout import WIDE

SEVERITIES = ["error", "warning", "info"]


class Message(pn.custom.JSComponent):
    """A message, and a button that sets the knobs which would help.

    It may be said at any instant, also while the browser is making the page: Material's alert, a React
    component, loses what changes between its first drawing and its listening.

    Args:
        change: Called with knobs and their values where the remedy is asked for.
        params: Of the component.
    """

    message = param.String("", doc="In words, shown as they are: they may quote what a link or a file says.")
    severity = param.Selector(default="error", objects=SEVERITIES, doc="How bad it is.")
    offer = param.String("", doc="What the button says; empty: there is none.")

    _stylesheets: ClassVar[list[str]] = [
        dialog.STYLE
        + """
.notice { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 16px; padding: 10px 16px;
  margin-bottom: 8px; border-radius: 4px; border-left: 4px solid; font-size: 14px; line-height: 1.45;
  --tone: var(--mui-palette-error-main, #b3261e); border-color: var(--tone);
  background: color-mix(in srgb, var(--tone) 12%, var(--mui-palette-background-paper, Canvas)); }
.notice.warning { --tone: var(--mui-palette-warning-main, #b26a00); }
.notice.info { --tone: var(--mui-palette-info-main, #0072b5); }
.notice p { margin: 0; flex: 1 1 320px; overflow-wrap: anywhere;
  color: var(--mui-palette-text-primary, CanvasText); }
"""
    ]

    _esm = """
export function render({model}) {
  const root = document.createElement("div"), words = document.createElement("p")
  const button = document.createElement("button")
  root.setAttribute("role", "alert")
  button.type = "button"
  button.addEventListener("click", () => model.send_msg("take"))
  root.append(words, button)
  const draw = () => {
    root.className = `notice ${model.severity}`
    root.hidden = !model.message
    words.textContent = model.message
    button.className = "plain strong"
    button.hidden = !model.offer
    button.textContent = model.offer
  }
  for (const what of ["message", "severity", "offer"]) model.on(what, draw)
  draw()
  return root
}
"""

    def __init__(self, change: Callable[[dict[str, Any]], None], **params: Any) -> None:
        super().__init__(**({"margin": 0} | WIDE | params))
        self._change = change
        self._remedy: dict[str, Any] = {}

    def say(self, message: str, remedy: Mapping[str, Any] | None = None, *, severity: str = "error") -> None:
        """Show a message, or take the last one away.

        Args:
            message: In words; empty: nothing to say.
            remedy: Knobs and values that would help, for the button.
            severity: One of `SEVERITIES`.
        """
        self._remedy = dict(remedy or {})
        offer = ", ".join(f"Set {label_of(k)} to {_words(v)}" for k, v in self._remedy.items())
        self.param.update(message=message, severity=severity, offer=offer)

    def take(self) -> None:
        """Set what would help."""
        if self._remedy:
            self._change(self._remedy)

    def _handle_msg(self, data: Any) -> None:
        if data == "take":
            self.take()


def _words(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"
