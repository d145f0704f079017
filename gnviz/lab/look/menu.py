"""A menu as browsers have it: light, named, and opened by the keyboard as by a finger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import panel as pn
import param

from gnviz.lab.look import tip


class Menu(pn.custom.JSComponent):
    """One choice of several.

    Args:
        options: Values by the words that the menu has for them, or words that are values.
        params: Of the component; `value` to begin with, the first option if none is given.
    """

    label = param.String("", doc="What is chosen, for who cannot see where the menu stands.")
    named = param.Selector(default="", objects=["", "beside", "above"], doc="Where the label is shown.")
    help = param.String("", doc="What the choice means, for who asks.")
    options = param.Dict({}, doc="Values, texts, by the words that the menu has for them.")
    value = param.String("", doc="The value that is chosen.")

    _debounce: ClassVar[int] = 0

    _stylesheets: ClassVar[list[str]] = [
        """
.menu { display: flex; align-items: center; gap: 8px; width: 100%; font-size: 14px;
  color: var(--mui-palette-text-primary, inherit); }
.menu.above { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 2px 6px; }
.menu.above .name { font-size: 12px; color: var(--mui-palette-text-secondary, inherit); }
.menu.above select { grid-column: 1 / -1; grid-row: 2; }
select { flex: 1 1 0; min-width: 0; font: inherit; color: inherit; padding: 6px 4px; border-radius: 4px;
  border: 1px solid rgba(128, 135, 145, 0.6); cursor: pointer;
  background: var(--mui-palette-background-paper, transparent); box-sizing: border-box; width: 100%; }
option { background: Canvas; color: CanvasText; }
select:focus-visible { outline: 2px solid var(--mui-palette-primary-main, #0072b5); }
"""
        + tip.STYLE
    ]

    _esm = (
        tip.SCRIPT
        + """
export function render({model}) {
  const menu = document.createElement("div"), help = helpButton()
  menu.className = `menu ${model.named}`
  const name = document.createElement("span"), select = document.createElement("select")
  name.className = "name"
  menu.append(name, select, help)
  const draw = () => {
    name.textContent = model.named ? model.label : ""
    explain(help, model.label, model.help)
    select.setAttribute("aria-label", model.label)
    select.title = model.label
    select.replaceChildren(...Object.entries(model.options).map(([words, value]) => new Option(words, value)))
    select.value = model.value
  }
  select.addEventListener("change", () => { model.value = select.value })
  model.on("value", () => { select.value = model.value })
  model.on("options", draw)
  draw()
  return menu
}
"""
    )

    def __init__(self, options: Mapping[str, str] | Sequence[str], **params: Any) -> None:
        known = dict(options) if isinstance(options, Mapping) else {words: words for words in options}
        params.setdefault("value", next(iter(known.values()), ""))
        super().__init__(options=known, **params)
