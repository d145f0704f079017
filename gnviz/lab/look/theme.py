"""Light or dark as the visitor likes it: remembered, and as the system has it until a choice is made."""

from __future__ import annotations

from typing import Any, ClassVar

import panel as pn
import panel_material_ui as pmui
import param

KEY = "gnviz-theme"
"""Of the choice in the browser's storage; the cookie of that name tells the server what to begin with."""

DARK, LIGHT = "dark", "light"


class Theme(pn.custom.JSComponent):
    """Keeps the choice in the browser, follows the system's while there is none, and holds what moves still.

    Where the system asks for reduced motion nothing in the page fades or slides, whosever component it is.
    """

    wanted = param.String("", doc="What the browser would have: `DARK` or `LIGHT`; empty until it has said.")
    shown = param.String("", doc="What the page shows.")

    _debounce: ClassVar[int] = 0

    _esm = """
const KEY = "ALL_KEY"
const STILL = "*, *::before, *::after { transition: none !important; animation: none !important; }"

function hold() {  // in each shadow, of now and of later: style sheets do not reach into one
  const sheet = new CSSStyleSheet(), attach = Element.prototype.attachShadow
  sheet.replaceSync(STILL)
  const add = (root) => { root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet] }
  const walk = (root) => {
    add(root)
    for (const element of root.querySelectorAll("*")) if (element.shadowRoot) walk(element.shadowRoot)
  }
  walk(document)
  Element.prototype.attachShadow = function (...how) {
    const root = attach.apply(this, how)
    add(root)
    return root
  }
}

export function render({model}) {
  const system = window.matchMedia("(prefers-color-scheme: dark)"), storage = window.localStorage
  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) hold()
  const follow = () => {
    const theme = storage.getItem(KEY) ?? (system.matches ? "dark" : "light")
    document.cookie = `${KEY}=${theme}; path=/; max-age=31536000; SameSite=Lax`
    model.wanted = theme
  }
  model.on("shown", () => {
    if (model.shown == model.wanted) return
    storage.setItem(KEY, model.shown)
    follow()
  })
  system.addEventListener("change", follow)
  model.on("remove", () => system.removeEventListener("change", follow))
  follow()
}
""".replace("ALL_KEY", KEY)

    def __init__(self, **params: Any) -> None:
        super().__init__(**({"height": 0, "margin": 0, "shown": DARK if begins_dark() else LIGHT} | params))

    def dress(self, page: pmui.Page) -> None:
        """Let a page show what the browser would have, and the browser remember what is chosen in it.

        Before a page is drawn its components would set the theme back, each to the one that it began with.
        """

        def show(*_: Any) -> None:
            if self.wanted:
                page.dark_theme = self.wanted == DARK

        self.param.watch(show, "wanted")
        page.param.watch(lambda event: self.param.update(shown=DARK if event.new else LIGHT), "dark_theme")
        show()


def begins_dark() -> bool:
    """Return whether the session's browser has had the page dark before."""
    return pn.state.cookies.get(KEY) == DARK
