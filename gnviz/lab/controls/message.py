"""What the page says over its pictures when something cannot be done, with a way out where one is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import panel as pn
import panel_material_ui as pmui

from gnviz.lab.controls.sections import label_of
from gnviz.lab.layout import WIDE, plain


class Message(pn.viewable.Viewer):
    """A message, and a button that sets the knobs which would help.

    Args:
        change: Called with knobs and their values where the remedy is asked for.
    """

    def __init__(self, change: Callable[[dict[str, Any]], None], **params: Any) -> None:
        super().__init__(**params)
        self._remedy: dict[str, Any] = {}
        self.button = pmui.Button(label="", size="small", variant="contained", margin=(6, 0, 0, 0))
        self.button.on_click(lambda _: change(self._remedy))
        self.alert = pmui.Alert("", severity="error", visible=False, margin=(0, 0, 8, 0), **WIDE)

    @property
    def visible(self) -> bool:
        """Whether there is something to be said."""
        return self.alert.visible

    @property
    def message(self) -> str:
        """What is said, as Material's alert has it."""
        return self.alert.object

    def say(self, message: str, remedy: Mapping[str, Any] | None = None, *, severity: str = "error") -> None:
        """Show a message, or take the last one away.

        Args:
            message: In words; empty: nothing to say.
            remedy: Knobs and values that would help, for the button.
            severity: How bad it is, in Material's words.
        """
        self._remedy = dict(remedy or {})
        self.button.label = ", ".join(f"Set {label_of(k)} to {_words(v)}" for k, v in self._remedy.items())
        objects = [self.button] if self._remedy else []
        if self.alert.objects != objects:
            self.alert.objects = objects
        self.alert.param.update(object=plain(message), severity=severity, visible=bool(message))

    def __panel__(self) -> pn.viewable.Viewable:
        return self.alert


def _words(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"
