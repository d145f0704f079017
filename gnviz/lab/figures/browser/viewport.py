"""What only the visitor's browser knows: that it shows us, how wide and which figures, and if it keeps up."""

from time import monotonic

import panel as pn
import param

from gnviz.lab.look.layout import SHORT

QUICK = 0.1
"""Seconds that painting all figures may take for a browser to be given all at once."""

TURNS = 2
"""Figures that a slower browser is given at a time. More would keep it from answering to clicks and, where it
paints without a graphics card, take the training's processor time."""

REST = 1.0
"""Least time between two updates that a browser is left alone, in units of what the last one took: painting
takes at most half of one processor, from training as from clicks."""

PATIENCE = 1.0
"""Seconds after which the next pictures are sent in any case: a tab in the background draws nothing."""


IN_SIGHT = 0.25
"""Share of a figure that must be in the window. What shows less is its frame: at 900 pixels of height, all of
the second row."""

SETTLED = 100
"""Milliseconds that what is in sight stays so before it counts: a page that is laid out moves."""

AGAIN = (0, 400, 800, 1600, 2500, 4000)
"""Milliseconds after which a figure that is sought is brought in sight, until the reader moves the page."""

HEADER, MARGIN = 76, 8
"""Pixels of the window that the page's head takes, and that are left under a figure brought in sight."""

COVERED = "--covered"
"""CSS property, which is inherited: percent of the window, at its lower end, that something lies over."""

DOCK, SEEN, LESS = "dock", 132, 82
"""Tag of what stays at a phone's lower end until one scrolls to it; its pixels in sight, upright, turned."""

ROOM = "figure: "
"""How the tag begins of each model that has room for a figure; the figure's name follows."""


class Viewport(pn.custom.JSComponent):
    """Reports when it is drawn, the window's width, what is in sight, and each update once it is painted.

    Updates that come faster than a browser paints pile up before every answer to a click; so the next
    one waits until the last has been seen.
    """

    drawn = param.Number(0.0, doc="When a browser last drew it, in its milliseconds since 1970; 0: never.")
    pixels = param.Integer(0, doc="Of the window, in CSS pixels; 0 until it is known.")
    page = param.String("", doc="Whose figures are looked for: anything that differs where they do.")
    near = param.List(None, allow_None=True, doc="Names of the figures in sight; None: not known.")
    sent = param.Integer(0, doc="Number of updates sent.")
    seen = param.Integer(0, doc="The last update that the browser has painted.")
    sought = param.List([], doc="How often a figure was sought, and its name.")

    _esm = (
        """
export function render({model, view}) {
  const rooms = new Map()  // elements, each with its figure's name
  const near = new Set()
  let told = 0
  const watch = new IntersectionObserver((changes) => {
    for (const {target, intersectionRatio} of changes)
      intersectionRatio >= IN_SIGHT ? near.add(rooms.get(target)) : near.delete(rooms.get(target))
    clearTimeout(told)
    told = setTimeout(() => { model.near = [...near] }, SETTLED)
  }, {threshold: IN_SIGHT})
  const dock = () => {
    for (const {el} of Bokeh.index.query((part) => part.model.document == view.model.document
        && part.model.tags.includes("DOCK"))) {
      const seen = matchMedia("SHORT").matches ? LESS : SEEN
      el.style.setProperty("--under", `${el.offsetHeight - seen}px`)
    }
  }
  const name = (part) => part.model.tags.find((tag) => String(tag).startsWith("ROOM"))?.slice("ROOM".length)
  const look = () => {
    dock()
    const found = [...Bokeh.index.query((part) => part.model.document == view.model.document && name(part))]
    if (found.length == rooms.size && found.every((part) => rooms.has(part.el))) return
    watch.disconnect()
    rooms.clear()
    near.clear()
    for (const part of found) {
      rooms.set(part.el, name(part))
      watch.observe(part.el)
    }
  }
  const scroller = (part) => {  // what scrolls it
    for (let at = part; at; at = at.parentNode ?? at.host)
      if (at.nodeType == 1 && at.scrollHeight > at.clientHeight + 1
          && /auto|scroll/.test(getComputedStyle(at).overflowY)) return at
    return document.scrollingElement
  }
  const bring = () => {
    const wanted = model.sought[1], first = [...rooms.keys()][0]
    if (!wanted) {
      leave()
      if (first) scroller(first).scrollTo({top: 0})
      return
    }
    const room = [...rooms.keys()].find((el) => rooms.get(el) == wanted && el.getClientRects().length)
    if (!room) return
    const covered = Number(getComputedStyle(room).getPropertyValue("COVERED")) / 100
    const {top, bottom} = (room.getRootNode().host ?? room).getBoundingClientRect()
    const over = top - HEADER, under = bottom - window.innerHeight * (1 - covered) + MARGIN
    const by = over < 0 ? over : under > 0 ? Math.min(under, over) : 0
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches
    if (by) scroller(room).scrollBy({top: by, behavior: calm ? "instant" : "smooth"})
  }
  const OWN = ["wheel", "touchmove", "keydown", "pointerdown"]
  let seeking = []
  const leave = () => { seeking.forEach(clearTimeout); seeking = [] }
  const seek = () => {  // again and again: figures come late, and what stands above becomes higher or lower
    leave()
    seeking = AGAIN.map((after) => setTimeout(bring, after))
  }
  for (const own of OWN) window.addEventListener(own, leave, {passive: true})
  model.on("sought", seek)
  if (model.sought.length) seek()
  const glance = setInterval(look, 250)  // figures of another page come some time after it is chosen
  model.on("page", look)
  model.on("remove", () => {
    clearInterval(glance)
    leave()
    for (const own of OWN) window.removeEventListener(own, leave)
    watch.disconnect()
  })
  look()
  model.pixels = Math.round(window.innerWidth)
  model.drawn = Date.now()
  model.on("sent", () => requestAnimationFrame(() => setTimeout(() => { model.seen = model.sent })))
}
""".replace("IN_SIGHT", str(IN_SIGHT))
        .replace("SETTLED", str(SETTLED))
        .replace("AGAIN", str(list(AGAIN)))
        .replace("ROOM", ROOM)
        .replace("COVERED", COVERED)
        .replace("DOCK", DOCK)
        .replace("SEEN", str(SEEN))
        .replace("LESS", str(LESS))
        .replace("SHORT", SHORT)
        .replace("HEADER", str(HEADER))
        .replace("MARGIN", str(MARGIN))
    )

    def __init__(self, **params: object) -> None:
        super().__init__(**params)
        self._when = self._took = 0.0  # when the last update was sent, seconds until it was seen
        self._given = 1
        self.param.watch(self._painted, "seen")

    @property
    def gone(self) -> bool:
        """Whether it was drawn, and is in no page or notebook's output any more."""
        return self.drawn > 0 and not self._models  # of which Panel has no public list

    def seek(self, figure: str) -> None:
        """Bring a figure in sight, unless it is; an empty name: the page's beginning."""
        self.sought = [self.sought[0] + 1 if self.sought else 1, figure]

    def figures(self, count: int, *, rest: bool = True) -> int:
        """Return how many of `count` figures to send now; none while it paints or rests.

        Args:
            count: All that there are.
            rest: Whether it is left alone for a while after it has painted: not once nothing trains.
        """
        waited = monotonic() - self._when
        due = PATIENCE if self.seen < self.sent else self._took * (1 + REST * rest)
        if waited < min(due, PATIENCE):
            return 0
        self._given = count if self._took / self._given * count < QUICK else min(count, TURNS)
        return self._given

    def _painted(self, _: object) -> None:
        self._took = monotonic() - self._when

    def beat(self) -> None:
        """Ask the browser to say when it has painted what has been sent so far."""
        self._when = monotonic()
        self.sent += 1
