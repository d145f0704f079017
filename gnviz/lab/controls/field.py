"""A field to type a number or a text into."""

from __future__ import annotations

from typing import Any, ClassVar

import panel as pn
import param

from gnviz.lab.look import tip
from gnviz.lab.look.layout import WIDE


class Field(pn.custom.JSComponent):
    """A labelled field; what is typed counts once it is entered."""

    label = param.String("", doc="What the user reads.")
    value = param.Parameter("", doc="A number, or a text.")
    numeric = param.Boolean(False, doc="Whether it is a number; what is none is taken back.")
    whole = param.Boolean(False, doc="Whether the arrow keys and buttons step by 1.")
    placeholder = param.String("", doc="What an empty field means.")
    help = param.String("", doc="What it means, for who asks.")

    _debounce: ClassVar[int] = 0

    _stylesheets: ClassVar[list[str]] = [
        """
.field { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 2px 6px; width: 100%;
  font-size: 14px; color: var(--mui-palette-text-primary, inherit); }
.name { font-size: 12px; color: var(--mui-palette-text-secondary, inherit); }
.typed { grid-column: 1 / -1; grid-row: 2; width: 100%; box-sizing: border-box; font: inherit; color: inherit;
  padding: 6px 8px; border-radius: 4px; border: 1px solid rgba(128, 135, 145, 0.6); background: none; }
.typed:focus-visible { outline: 2px solid var(--mui-palette-primary-main, #0072b5); }
.typed::placeholder { color: inherit; opacity: 0.75; }
"""
        + tip.STYLE
    ]

    _esm = (
        tip.SCRIPT
        + """
export function render({model}) {
  const field = document.createElement("div"), help = helpButton()
  field.className = "field"
  const name = document.createElement("span"), typed = document.createElement("input")
  name.className = "name"
  typed.className = "typed"
  field.append(name, help, typed)
  const draw = () => {
    name.textContent = model.label
    typed.type = model.numeric ? "number" : "text"
    typed.step = model.whole ? "1" : "any"
    typed.placeholder = model.placeholder
    typed.setAttribute("aria-label", model.label)
    typed.value = model.value ?? ""
    explain(help, model.label, model.help)
  }
  typed.addEventListener("change", () => {
    if (!model.numeric) model.value = typed.value
    else if (Number.isFinite(typed.valueAsNumber)) model.value = typed.valueAsNumber
    else draw()
  })
  for (const what of ["label", "value", "placeholder", "help"]) model.on(what, draw)
  draw()
  return field
}
"""
    )

    def __init__(self, **params: Any) -> None:
        super().__init__(**({"margin": (4, 10)} | WIDE | params))
