"""The time scrubber: one clock for all pictures, while a run goes on and after it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

import panel as pn
import param

from gnviz.lab.look import typeset

if TYPE_CHECKING:
    from gnviz.results import Recording

LATEST = -1
"""The moment that means: whatever was recorded last."""

SPEEDS = {"slow": 8, "normal": 24, "fast": 80}
"""Moments played per second; a browser that paints slower skips some, and keeps the pace."""


class Scrubber(pn.custom.JSComponent):
    """A slider over the recorded moments, with play at some speeds, pause and steps; arrow keys work too.

    The browser asks for a moment of a recording with the number of its question; once the pictures show it,
    the server sets `answered` to that number. Until then the browser only remembers where the slider is, so
    that moments never pile up, and notes in `data-frame` how long the last frame took from asking until it
    was painted.
    """

    count = param.Integer(0, doc="Moments recorded so far.")
    times = param.List([], doc="What the clock says at each moment, recorded or not: a short text each.")
    asked = param.List([0, LATEST, 0], doc="The browser's last question: number, moment, recording.")
    answered = param.Integer(0, doc="The last question that the pictures answer.")
    sent = param.List([0, LATEST], doc="How often the server has asked for a moment, and which.")
    fresh = param.Integer(0, doc="How many recordings have begun: a new one is followed from its start.")

    _debounce: ClassVar[int] = 0  # Panel's: milliseconds to wait for more changes; each frame would wait 50

    _stylesheets: ClassVar[list[str]] = [
        """
.bar { display: flex; align-items: center; gap: 4px; font-size: 12px; width: 100%; flex-wrap: wrap;
  color: var(--mui-palette-text-primary, inherit); }
button { border: 0; background: none; color: inherit; font-size: 15px; line-height: 1; padding: 5px 7px;
  border-radius: 4px; cursor: pointer; min-width: 28px; }
button:hover, button:focus-visible { background: rgba(128, 135, 145, 0.25); }
button[aria-pressed=true] { color: var(--mui-palette-primary-main, #0072b5); font-weight: 700; }
button.latest { font-size: 12px; }
input { flex: 1 1 120px; min-width: 60px; accent-color: var(--mui-palette-primary-main, #0072b5); }
select { border: 0; background: none; color: inherit; font: inherit; border-radius: 4px; padding: 4px 2px;
  margin-left: 6px; }
output { min-width: 96px; min-height: 1.5em; text-align: right; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
"""
    ]

    _esm = (
        typeset.SCRIPT
        + """
const LATEST = -1, SPEEDS = ALL_SPEEDS
const TAKEN = "button, input:not([type=range]), select, textarea, summary, a[href], [contenteditable=true]"
const STILL = window.matchMedia("(prefers-reduced-motion: reduce)")

export function render({model, el}) {
  const bar = document.createElement("div")
  bar.className = "bar"
  bar.innerHTML = `
    <button class="play" aria-label="Play the recording" title="Play the recording (space)"><svg
      viewBox="0 0 24 24" width="15" height="15" fill="currentColor" aria-hidden="true"><path></path></svg>
    </button>
    <button class="back" aria-label="One moment back" title="One moment back (left arrow)">\u2039</button>
    <input type="range" min="0" step="1" aria-label="Time shown in all pictures"
      title="Time shown in all pictures: drag, or use the arrow keys">
    <button class="on" aria-label="One moment on" title="One moment on (right arrow)">\u203a</button>
    <button class="latest" aria-pressed="true" title="Follow the latest moment">latest</button>
    <select aria-label="Speed of playing" title="How fast the recording is played"></select>
    <output></output>`
  const [play, back, range, on, latest, speed, clock] = bar.children
  for (const name in SPEEDS) speed.append(new Option(name, SPEEDS[name], name == "normal", name == "normal"))
  const known = () => model.asked[2] == model.fresh ? model.asked[1] : LATEST
  let place = known(), wanted = place, question = model.asked[0]
  let waiting = false, since = 0, timer = null, startedAt = 0, startedFrom = 0

  const last = () => Math.max(model.count - 1, 0)
  const here = () => place == LATEST ? last() : Math.min(place, last())
  const draw = () => {
    range.max = String(last())
    range.value = String(here())
    range.setAttribute("aria-valuetext", model.times[here()] ?? "")
    clock.textContent = model.count ? typeset(model.times[here()] ?? "") : ""
    latest.setAttribute("aria-pressed", String(place == LATEST))
    const sign = timer == null ? "M6 4v16l14-8z" : "M6 4h4v16H6zM14 4h4v16h-4z"
    play.firstChild.firstChild.setAttribute("d", sign)
  }
  const ask = () => {
    if (waiting || wanted == place) return
    waiting = true
    since = performance.now()
    wanted = place
    question += 1
    model.asked = [question, place, model.fresh]  // at once: each change would travel by itself
  }
  const go = (to) => { place = to; draw(); ask() }
  const stop = () => { clearInterval(timer); timer = null; draw() }
  const start = () => {
    startedFrom = here() >= last() ? 0 : here()
    startedAt = performance.now()
    const stride = STILL.matches ? Number(speed.value) : 1  // jumps, at the same pace
    const period = 1000 * stride / Number(speed.value)
    timer = setInterval(() => {
      const next = startedFrom + stride * Math.round((performance.now() - startedAt) / period)
      if (next >= last()) { stop(); go(LATEST) } else if (next != here()) go(next)
    }, period)
    go(startedFrom)
  }
  const step = (by) => { stop(); go(Math.min(Math.max(here() + by, 0), last())) }

  play.addEventListener("click", () => timer == null ? start() : stop())
  back.addEventListener("click", () => step(-1))
  on.addEventListener("click", () => step(1))
  latest.addEventListener("click", () => { stop(); go(LATEST) })
  speed.addEventListener("change", () => { if (timer != null) { stop(); start() } })
  let before = null  // where a finger that only scrolls has found it
  range.addEventListener("pointerdown", ({pointerType}) => { before = pointerType == "touch" ? place : null })
  range.addEventListener("pointercancel", () => { if (before != null) go(before) })
  range.addEventListener("input", () => { if (timer != null) stop(); go(Number(range.value)) })
  const keys = (event) => {
    const at = event.composedPath()[0], own = bar.contains(at) && at != range  // which has its own keys
    const busy = event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey
      || (!own && at.matches?.(TAKEN))
    const act = {ArrowLeft: () => step(-1), ArrowRight: () => step(1), " ": own ? null : () => play.click(),
      Home: () => step(-last()), End: () => latest.click()}[event.key]
    if (busy || !act || (event.key != " " && at != document.body && !own)) return
    event.preventDefault()
    act()
  }
  document.addEventListener("keydown", keys)
  model.on("remove", () => { document.removeEventListener("keydown", keys); stop() })
  model.on("sent", () => { stop(); go(model.sent[1]) })
  model.on("count", draw)
  model.on("times", draw)
  model.on("fresh", () => { if (timer != null) stop(); place = wanted = LATEST; draw() })
  model.on("answered", () => requestAnimationFrame(() => setTimeout(() => {
    bar.dataset.frame = String(performance.now() - since)
    bar.dataset.frames = String(model.answered)
    waiting = false
    ask()
  })))
  draw()
  return bar
}
"""
    ).replace("ALL_SPEEDS", json.dumps(SPEEDS))

    @property
    def moment(self) -> int:
        """The moment to show: the latest, if the last question is about a recording replaced since."""
        _, moment, recording = self.asked
        return moment if recording == self.fresh else LATEST

    def follow(self, lesson: param.Parameterized, recording: Callable[[], Recording | None]) -> None:
        """Go to the moment nearest to a lesson's `time` when it is set, as if the user had moved the slider.

        Args:
            lesson: Whose `time` it is.
            recording: Returns what is shown; None for nothing yet.
        """

        def go(event: param.parameterized.Event) -> None:
            shown = recording()
            if shown is not None and shown.count:
                self.sent = [self.sent[0] + 1, shown.nearest(event.new)]

        lesson.param.watch(go, "time")

    def start(self, times: list[str]) -> None:
        """Follow a new recording, whose clock says `times` at its moments."""
        self.param.update(times=times, count=0, fresh=self.fresh + 1)


def moment_text(clock: str, time: float) -> str:
    """Return what the clock says at a time."""
    return f"step {time:.0f}" if clock == "steps" else f"t = {time:.3g}"
