"""A lesson's card in the browser: its words, its links and its buttons, as plain HTML.

Formulas are MathML, which browsers set themselves: nothing is loaded for them.
"""

from __future__ import annotations

from typing import ClassVar

import panel as pn
import param

from gnviz.lab.look.layout import UPRIGHT

GO, LOOK, BACK, NEXT, CLOSE = "go", "look", "back", "next", "close"
"""What a reader does: follow a link, look at a figure, turn to another step, close the lesson."""


class LessonCard(pn.custom.JSComponent):
    """Shows a step of a lesson, and says what the reader does.

    A link that changes the experiment is followed in place; opened in a new tab, it is the page's own
    address. When a button has brought another step, its heading takes the focus, so that the keyboard goes on
    from there and a screen reader reads it.
    """

    shown = param.Dict(
        {},
        doc="What is shown: title, question, place (such as Step 2 of 6), heading, body and answer (HTML, "
        "answer empty for none), back (whether there is a step before), next (the button's words).",
    )
    did = param.List([0, "", ""], doc="How often the reader did something, what it was last, and with what.")

    _debounce: ClassVar[int] = 0  # Panel's: milliseconds to wait for more changes

    _stylesheets: ClassVar[list[str]] = [
        """
section { box-sizing: border-box; width: 100%; max-width: 42em; padding: 16px 20px 12px; font-size: 16px;
  line-height: 1.55; color: var(--mui-palette-text-primary, #1f2328); overflow-wrap: break-word; }
header { display: flex; align-items: baseline; justify-content: space-between; gap: 12px; }
h2 { margin: 0; font-size: 21px; line-height: 1.25; font-weight: 600; }
h3 { margin: 14px 0 4px; font-size: 17px; line-height: 1.3; font-weight: 600; outline-offset: 4px; }
h3 span { display: block; font-size: 13px; font-weight: 500;
  color: var(--mui-palette-text-secondary, #57606a); }
.question { margin: 4px 0 0; font-style: italic; color: var(--mui-palette-text-secondary, #57606a); }
p { margin: 8px 0; }
math { font-size: 1.06em; font-family: "STIX Two Math", "Cambria Math", "Latin Modern Math",
  "Libertinus Math", "DejaVu Math TeX Gyre", "Noto Sans Math", math; }
math[display=block] { margin: 10px 0; }
a { color: var(--mui-palette-primary-main, #0060a0); text-underline-offset: 3px; border-radius: 3px; }
a.change { font-weight: 500; text-decoration-thickness: 2px; }
a.change[aria-current] { background: rgba(0, 114, 178, 0.16); }
a.look { text-decoration-style: dotted; }
summary { cursor: pointer; font-weight: 500; margin: 8px 0; }
footer { display: flex; gap: 8px; margin-top: 14px; flex-wrap: wrap; }
button { font: inherit; font-size: 15px; padding: 6px 14px; min-height: 36px; border-radius: 6px;
  cursor: pointer; color: inherit; background: none;
  border: 1px solid var(--mui-palette-text-secondary, #57606a); }
button.next { color: var(--mui-palette-primary-contrastText, #fff); border-color: transparent;
  background: var(--mui-palette-primary-main, #0060a0); margin-left: auto; }
button.close { border-color: transparent; padding: 4px 8px; }
button:hover { filter: brightness(0.94); }
button[hidden], details[hidden] { display: none; }
a:focus-visible, button:focus-visible, summary:focus-visible, h3:focus-visible {
  outline: 2px solid var(--mui-palette-primary-main, #0060a0); outline-offset: 2px; }
"""
        + f"""
@media {UPRIGHT}, (max-height: 500px) {{
  section {{ padding: 10px 16px 0; font-size: 15px; line-height: 1.5; }}
  h2 {{ font-size: 17px; }}
  h3 {{ margin-top: 6px; font-size: 16px; }}
  .further .question {{ display: none; }}
  footer {{ position: sticky; bottom: 0; margin: 6px -16px 0; padding: 8px 16px;
    background: var(--mui-palette-background-paper, Canvas); }}
}}
"""
    ]

    _esm = """
let cards = 0

const around = (at) => {  // what scrolls it
  const scrolls = () => at.nodeType == 1 && /auto|scroll/.test(getComputedStyle(at).overflowY)
  while (at && !scrolls()) at = at.parentNode ?? at.host
  return at
}

export function render({model}) {
  const card = document.createElement("section"), id = `lesson-${++cards}`
  card.setAttribute("aria-labelledby", id)
  card.innerHTML = `
    <header><h2 id="${id}"></h2><button class="close">Close</button></header>
    <p class="question"></p>
    <h3 tabindex="-1"><span></span><b></b></h3>
    <div class="body"></div>
    <details><summary>Show the answer</summary><div></div></details>
    <footer><button class="back">Back</button><button class="next"></button></footer>`
  const find = (what) => card.querySelector(what)
  const heading = find("h3"), details = find("details")
  let turning = false

  const draw = () => {
    const {title, question, place, heading: words, body, answer, back, next} = model.shown
    find("h2").textContent = title ?? ""
    find(".question").textContent = question ?? ""
    heading.firstChild.textContent = place ?? ""
    heading.lastChild.textContent = words ?? ""
    find(".body").innerHTML = body ?? ""
    find("details div").innerHTML = answer ?? ""
    details.open = false
    details.hidden = !answer
    find(".back").hidden = !back
    card.classList.toggle("further", !!back)
    find(".next").hidden = !next
    find(".next").textContent = next ?? ""
    find(".close").setAttribute("aria-label", `Close the lesson ${title ?? ""}`)
    if (turning) {
      const above = around(card)
      if (above) above.scrollTop = 0
      heading.focus({preventScroll: true})
    }
    turning = false
  }
  const tell = (what, detail = "") => { model.did = [model.did[0] + 1, what, detail] }
  const turn = (what) => { turning = true; tell(what) }
  find(".back").addEventListener("click", () => turn("back"))
  find(".next").addEventListener("click", () => turn("next"))
  find(".close").addEventListener("click", () => tell("close"))
  card.addEventListener("click", (event) => {
    const link = event.target.closest("a.change, a.look")
    if (!link) return
    const look = link.classList.contains("look")
    if (!look && (event.ctrlKey || event.metaKey || event.shiftKey)) return  // in a tab or window of its own
    event.preventDefault()
    for (const other of card.querySelectorAll("a.change[aria-current]")) other.removeAttribute("aria-current")
    if (!look) link.setAttribute("aria-current", "true")
    tell(look ? "look" : "go", link.getAttribute("href"))
  })
  model.on("shown", draw)
  draw()
  return card
}
"""
