"""Containers and text in the page's look, as light as they can be.

Material components are React components of their own, each with a cost in the browser and on the
server that a page of a hundred feels; these are Panel's native ones, dressed in the theme's colours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import panel as pn

WIDE: dict[str, Any] = {"sizing_mode": "stretch_width"}

INK = ":host { color: var(--mui-palette-text-primary, inherit); }"
"""Text in the theme's colour; Panel's own containers do not follow the dark theme."""

SHEET = (
    INK
    + """
:host {
  background: var(--mui-palette-background-paper, transparent);
  border-radius: 4px;
  box-shadow: 0 1px 3px rgba(0, 0, 0, 0.22);
}
"""
)

WHOLE = ":host { max-height: none !important; flex-shrink: 0 !important; }"
"""As high as what is in it: Panel's containers are at most as high as the window, and let their items
overflow, so that what is sticky in them stays behind."""

GAP = 8
"""Pixels between the items of a grid."""

GRID = f"""
:host {{
  display: grid;
  grid-template-columns: repeat(12, minmax(0, 1fr));
  grid-auto-rows: max-content;
  flex-shrink: 0;
  gap: {GAP}px;
}}
"""

BREAKPOINTS = {"xs": 0, "md": 900, "lg": 1200}
"""Least width of the window, in pixels, for each name of a span."""

PHONE = 700
"""Pixels under which the window has no room for a sidebar beside the pictures."""

SHORT = "(max-height: 500px)"
"""Windows, as of phones that are turned, with no room for a picture and what steers it above each other."""

UPRIGHT = "(orientation: portrait) and (max-width: 1100px)"
"""Windows, as of phones, with more room below the pictures than beside them."""

TEXT = {
    "title": "font-size: 14px; font-weight: 500; white-space: nowrap;",
    "heading": "font-size: 12px; font-weight: 700; letter-spacing: 0.08em; text-transform: uppercase;"
    " color: var(--mui-palette-primary-main);",
    "note": "font-size: 12px; color: var(--mui-palette-text-secondary);",
    "line": "font-size: 12px;",
    "lead": "font-size: clamp(14px, 1.05vw, 18px); color: var(--mui-palette-text-secondary);"
    " max-width: calc(100% - 20px);",
}
"""Styles of text, by their role."""


def stack(*items: Any, **params: Any) -> pn.Column:
    """Return items above each other."""
    return pn.Column(*items, **({"margin": 0, "stylesheets": [INK]} | WIDE | params))


def flow(
    *items: Any,
    gap: str = "0",
    wrap: bool = True,
    align: str = "center",
    justify: str = "flex-start",
    **params: Any,
) -> pn.FlexBox:
    """Return items side by side, in a box that may wrap: Panel's Row is as wide as all its items.

    Args:
        items: What stands there.
        gap: CSS length between them.
        wrap: Whether they go on in another line where there is no room.
        align: CSS, how they stand across.
        justify: CSS, how they stand along.
        params: Of the box.
    """
    flex = {"gap": gap, "flex_wrap": "wrap" if wrap else "nowrap", "align_items": align}
    flex |= {"justify_content": justify, "margin": 0, "stylesheets": [INK]}
    return pn.FlexBox(*items, **(flex | WIDE | params))


def show(item: pn.viewable.Viewable, on: bool) -> None:
    """Show an item, or take it out of the flow.

    Setting `visible` would do the same, but lays out the whole page again, figures and all (0.3 s). Bokeh
    only adds styles: what is no longer named stays as it was, so that an empty value has to take it back.
    """
    item.styles = {"display": "" if on else "none"}


LATE = ":host { transition: opacity 0.1s 0.25s; }"
"""Style of what becomes faint only if it stays so for a while."""


def fade(item: pn.viewable.Viewable, faint: bool) -> None:
    """Draw an item faint, or as usual."""
    item.styles = {"opacity": "0.35" if faint else ""}


def sheet(*items: Any, **params: Any) -> pn.Column:
    """Return items on a sheet of paper that stands out from the page."""
    return stack(*items, **({"stylesheets": [SHEET]} | params))


def grid(*items: Any) -> pn.Column:
    """Return items in a grid of twelve columns; each says its span with `spanning`."""
    return stack(*items, stylesheets=[GRID])


def spanning(spans: Mapping[str, int]) -> str:
    """Return a stylesheet that makes an item of a `grid` take some of its twelve columns.

    Args:
        spans: Columns by the least width of the window, a name in `BREAKPOINTS`.
    """
    rules = [f":host {{ grid-column: span {spans['xs']}; min-width: 0; }}"]
    rules += [
        f"@media (min-width: {BREAKPOINTS[name]}px) {{ :host {{ grid-column: span {columns}; }} }}"
        for name, columns in spans.items()
        if name != "xs"
    ]
    return "\n".join(rules)


FOLD = {
    "& .MuiCardHeader-root": {"position": "relative"},
    "& .MuiCardHeader-action .MuiIconButton-root": {"position": "static", "transform": "none"},
    "& .MuiCardHeader-action .MuiIconButton-root::after": {
        "content": '""',
        "position": "absolute",
        "inset": 0,
    },
    "& .MuiIconButton-root[aria-expanded=true] > svg": {"transform": "rotate(180deg)"},
}
"""Material's style of a card that a click anywhere on its head unfolds, not only on the arrow."""


def text(words: str, role: str, **params: Any) -> pn.pane.HTML:
    """Return text (HTML: escape what users wrote) in the style of its role, a key of `TEXT`."""
    sheets = [INK, f":host {{ {TEXT[role]} }}"]
    return pn.pane.HTML(words, **({"stylesheets": sheets, "margin": (4, 10)} | params))
