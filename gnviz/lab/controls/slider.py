"""A slider with a field for the exact number: evenly spaced, or by decades."""

from __future__ import annotations

from typing import Any, ClassVar

import panel as pn
import param

from gnviz.lab.look import tip, typeset
from gnviz.lab.look.layout import WIDE

DIGITS = 3
"""Significant digits of a number chosen by dragging; one that is typed is kept as it is."""

DECADE = 0.05
"""Decades between two places on a slider by decades."""


class Slider(pn.custom.JSComponent):
    """A number to drag, to step with the arrow keys, or to type.

    `value` may be any number, also one beyond the slider's ends; it follows while the slider moves, in three
    digits. Setting what the browser has sent itself does not move the slider under the pointer.
    """

    label = param.String("", doc="What the user reads.")
    value = param.Number(0.0, doc="The number itself, not its logarithm.")
    start = param.Number(0.0, doc="The number at the left end.")
    end = param.Number(1.0, doc="The number at the right end; less than at the left for a slider that falls.")
    step = param.Number(DECADE, doc="Between two places: a number, or decades.")
    log = param.Boolean(False, doc="Whether decades are evenly spaced; then all numbers are positive.")
    whole = param.Boolean(False, doc="Whether numbers are whole.")
    ends = param.List([], doc="Words at both ends; empty for none.")
    help = param.String("", doc="What it means, for who asks.")

    _debounce: ClassVar[int] = 0  # Panel would wait 50 ms for more changes

    _stylesheets: ClassVar[list[str]] = [
        """
.knob { display: grid; grid-template-columns: minmax(0, 1fr) auto auto; align-items: baseline; gap: 0 6px;
  width: 100%; font-size: 14px; color: var(--mui-palette-text-primary, inherit); }
.name { color: var(--mui-palette-text-secondary, inherit); }
.typed { width: 10ch; text-align: right; border: 0; border-bottom: 1px solid transparent; background: none;
  color: inherit; font: inherit; font-variant-numeric: tabular-nums; padding: 1px 0; }
.typed:hover, .typed:focus-visible { border-bottom-color: currentColor; }
.range { grid-column: 1 / -1; width: 100%; height: 22px; margin: 0; cursor: pointer;
  accent-color: var(--mui-palette-primary-main, #0072b5); }
.ends { grid-column: 1 / -1; display: flex; justify-content: space-between; gap: 12px; font-size: 12px;
  color: var(--mui-palette-text-secondary, inherit); }
"""
        + tip.STYLE
    ]

    _esm = (
        tip.SCRIPT
        + typeset.SCRIPT
        + """
const DIGITS = ALL_DIGITS
const THUMB = 16  // pixels

function brief(x) {  // as Python's %.3g
  if (x == 0) return "0"
  const [digits, power] = x.toExponential(DIGITS - 1).split("e")
  if (power >= -4 && power < DIGITS) return String(Number(x.toPrecision(DIGITS)))
  return Number(digits) + "e" + (power < 0 ? "-" : "+") + String(Math.abs(power)).padStart(2, "0")
}

function short(x) {  // five digits, which the field has room for
  const near = Number(x.toPrecision(5)), size = Math.abs(near)
  return size != 0 && (size >= 1e6 || size < 1e-3) ? near.toExponential() : String(near)
}

export function render({model}) {
  const knob = document.createElement("div")
  knob.className = "knob"
  knob.innerHTML = `<span class="name"></span><input class="typed" type="text" inputmode="decimal">
    <input class="range" type="range"><div class="ends"><span></span><span></span></div>`
  const [name, typed, range, ends] = knob.children
  const help = helpButton()
  typed.after(help)
  let shown = null, waiting = false

  const sign = () => model.end < model.start ? -1 : 1
  const place = (x) => sign() * (model.log ? Math.log10(x) : x)
  const number = (at) => {
    const x = model.log ? 10 ** (sign() * at) : sign() * at
    return model.whole ? Math.round(x) : Number(x.toPrecision(DIGITS))
  }
  const say = () => {
    range.setAttribute("aria-label", `${model.label}: ${brief(shown)}`)
    range.setAttribute("aria-valuetext", brief(shown))
    if (document.activeElement != typed && knob.getRootNode().activeElement != typed)
      typed.value = model.whole ? String(shown)
        : typeset(Number(brief(shown)) != shown ? short(shown) : brief(shown))
  }
  const draw = () => {
    name.textContent = model.label
    typed.setAttribute("aria-label", `${model.label}, exactly`)
    explain(help, model.label, model.help)
    ends.style.display = model.ends.length ? "" : "none"
    model.ends.forEach((words, k) => { ends.children[k].textContent = words })
    range.step = String(model.step)
    range.min = String(place(model.start))
    range.max = String(place(model.end))
    shown = model.value
    range.value = String(place(shown))
    say()
  }
  const send = () => { waiting = false; if (model.value != shown) model.value = shown }
  const moved = () => {
    shown = number(Number(range.value))
    say()
    if (!waiting) requestAnimationFrame(send)  // the newest, once a frame
    waiting = true
  }
  range.addEventListener("input", moved)
  const pull = ({buttons, clientX}) => {  // as the browser would
    if (!(buttons & 1)) return release()
    const {left, width} = range.getBoundingClientRect(), [low, high] = [Number(range.min), Number(range.max)]
    const share = (clientX - left - THUMB / 2) / (width - THUMB)
    range.value = String(low + Math.min(1, Math.max(0, share)) * (high - low))
    moved()
  }
  const release = () => window.removeEventListener("pointermove", pull)
  let held = false, before = null  // what a finger that only scrolls is to leave alone
  range.addEventListener("pointerdown", ({pointerType}) => {
    held = true
    before = pointerType == "touch" ? shown : null
  })
  for (const end of ["pointerup", "pointercancel"]) range.addEventListener(end, () => { held = false })
  range.addEventListener("lostpointercapture", () => {  // as where a figure is made while one drags
    if (held && before == null) window.addEventListener("pointermove", pull)
  })
  range.addEventListener("pointercancel", () => {
    if (before == null) return
    shown = before
    range.value = String(place(shown))
    say()
    send()
  })
  typed.addEventListener("change", () => {
    const x = Number(typed.value)
    if (typed.value.trim() == "" || !Number.isFinite(x) || (model.log && x <= 0)) return draw()
    shown = x
    range.value = String(place(x))
    say()
    send()
  })
  typed.addEventListener("focus", () => {
    typed.value = model.whole ? String(shown) : String(Number(shown.toPrecision(10)))
    typed.select()
  })
  typed.addEventListener("blur", say)
  model.on("value", () => { if (model.value != shown) draw() })
  for (const what of ["label", "start", "end", "step", "ends", "help"]) model.on(what, draw)
  draw()
  return knob
}
"""
    ).replace("ALL_DIGITS", str(DIGITS))

    def __init__(self, **params: Any) -> None:
        super().__init__(**({"margin": (4, 10)} | WIDE | params))

    def reach(self, low: float, high: float) -> None:
        """Let the slider end at other numbers, the lower one at the left; `value` stays."""
        self.param.update(start=low, end=high)


def rounded(value: float) -> float:
    """Return the value to three significant digits."""
    return float(f"{value:.{DIGITS - 1}e}")
