"""Sharing what is shown: its link, the link as a QR code, and a snippet that embeds the page in another."""

from __future__ import annotations

import io
from typing import Any, ClassVar
from urllib.parse import urlsplit

import panel as pn
import param
import segno

from gnviz.lab.look import dialog

LONGEST = 1200
"""Letters of a link whose QR code a camera still reads from a screen."""


class Share(pn.custom.JSComponent):
    """A button that opens the panel. The link is the browser's address, which holds all settings."""

    code = param.List(["", ""], doc="A link, and its QR code as SVG; empty where it is too long for one.")

    _debounce: ClassVar[int] = 0

    _stylesheets: ClassVar[list[str]] = [
        dialog.STYLE
        + """
.row { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 8px; align-items: end;
  margin-top: 8px; }
textarea { resize: vertical; font-family: ui-monospace, monospace; font-size: 12.5px; }
.code { margin: 16px 0 0; display: grid; justify-items: center; gap: 6px; }
.code img { width: min(260px, 70vw); height: auto; background: white; border-radius: 6px; }
"""
    ]

    _esm = (
        dialog.SCRIPT
        + r"""
export function render({model}) {
  const {root, dialog, body} = makeDialog("Share", "Share what is shown",
    "M18 8a3 3 0 1 0 0-6a3 3 0 1 0 0 6M6 15a3 3 0 1 0 0-6a3 3 0 1 0 0 6M18 22a3 3 0 1 0 0-6a3 3 0 1 0 0 6" +
    "M8.6 13.5l6.8 4M15.4 6.5l-6.8 4")
  const said = element("p", "said quiet")
  said.setAttribute("role", "status")
  const copied = (field, what) => async () => {
    field.select()
    try { await navigator.clipboard.writeText(field.value) }
    catch { document.execCommand("copy") }  // on pages without https
    said.textContent = `${what} is copied.`
  }
  const row = (what, field) => {
    const line = element("div", "row"), label = element("label", "", what)
    const copy = element("button", "plain", "Copy")
    field.readOnly = true
    copy.type = "button"
    copy.setAttribute("aria-label", `Copy: ${what}`)
    copy.addEventListener("click", copied(field, what))
    label.append(field)
    line.append(label, copy)
    return line
  }
  const link = element("input"), embed = element("textarea"), code = element("div", "code")
  embed.rows = 3
  const picture = element("img"), words = element("span", "quiet")
  picture.alt = "The link as a QR code"
  code.append(picture, words)
  body.append(
    element("p", "quiet", "The link holds every setting: whoever opens it sees the same experiment."),
    row("Link", link), row("To embed in another page", embed), said, code)
  const draw = () => {
    const [about, svg] = model.code, known = about == link.value
    picture.hidden = !known || !svg
    if (svg) picture.src = "data:image/svg+xml;base64," + btoa(svg)
    words.textContent = !known ? "" : svg ? "For cameras: the same link."
      : "The link is too long for a QR code that a camera can read."
  }
  dialog.addEventListener("opened", () => {
    said.textContent = ""
    link.value = window.location.href.replace(/\?$/, "")
    const title = document.title.replace(/"/g, "&quot;"), href = link.value.replace(/&/g, "&amp;")
    embed.value = `<iframe src="${href}" title="${title}" width="100%" height="900" loading="lazy"></iframe>`
    draw()
    model.send_msg(link.value)
    link.focus()
    link.select()
  })
  model.on("code", draw)
  return root
}
"""
    )

    def __init__(self, **params: Any) -> None:
        super().__init__(**({"margin": 0} | params))

    def _handle_msg(self, data: Any) -> None:
        """Draw the code of the link that the browser is at."""
        if isinstance(data, str) and urlsplit(data).scheme in ("http", "https"):
            self.code = [data, qr_code(data) if len(data) <= LONGEST else ""]


def qr_code(text: str) -> str:
    """Return a QR code as SVG, black on white with the margin that readers want.

    Raises:
        ValueError: The text has more than fits into the largest code, about 2,900 bytes.
    """
    written = io.BytesIO()
    segno.make(text, error="l", micro=False).save(written, kind="svg", light="white", scale=4, xmldecl=False)
    return written.getvalue().decode()
