"""What a link says: the experiment, and the page where that is not the experiment's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote, urlencode

from gnviz.experiment import Experiment
from gnviz.experiment.experiment import query_pairs
from gnviz.experiment.presets import preset
from gnviz.knobs import KnobError, quoted, unknown
from gnviz.lab.map import settings as of_map
from gnviz.lab.map.settings import PREFIX, Settings
from gnviz.lab.run.pins import of_table
from gnviz.lab.run.plans import PLANS, home
from gnviz.lessons import LESSONS
from gnviz.views.pins import MOST_PINS

PAGE, LESSON, STEP, PIN = "page", "lesson", "step", "pin"
"""The query's names for a key of `PLANS`, a lesson and its step, and the queries of pinned runs; what begins
with `PREFIX` is of the map, and all others are knobs."""

INSTEAD = "Showing the default experiment."
"""What is done about a link that cannot be used."""

MAP = "map"
"""The page that has settings of its own."""


class Visited(NamedTuple):
    """What to open.

    Attributes:
        experiment: What to run.
        page: A key of `PLANS` that can show it.
        refusal: Why the link could not be used; empty if it was.
        lesson: A key of `LESSONS`; empty for none.
        step: Its step, from 1.
        map: What the map shows; None: what it has shown before.
        pins: What is pinned.
    """

    experiment: Experiment
    page: str
    refusal: str
    lesson: str = ""
    step: int = 1
    map: Settings | None = None
    pins: tuple[Experiment, ...] = ()


def read(query: str) -> Visited:
    """Return what a URL's query asks for; nothing in it is trusted.

    A page that is named alone opens as its button does, with an experiment of its own; settings that the page
    named cannot show open on theirs.
    """
    pairs, names = query_pairs(query), (PAGE, LESSON, STEP, PIN)
    own = {name: value for name, value in pairs if name in names or name.startswith(PREFIX)}
    page, settings = own.get(PAGE, ""), [pair for pair in pairs if pair[0] not in own]
    try:
        lesson, step = _lesson(own)
        if page and page not in PLANS:
            raise KnobError(f"{PAGE} = {quoted(page)} is not allowed: one of {', '.join(map(repr, PLANS))}")
        experiment = Experiment.from_query(urlencode(settings))
        pins = [Experiment.from_query(text) for name, text in pairs if name == PIN][:MOST_PINS]
        shows = of_map.read({name: text for name, text in own.items() if name.startswith(PREFIX)})
    except KnobError as error:
        said = str(error) if str(error).endswith("?") else f"{error}."
        why = f"The link's settings could not be used: {said} {INSTEAD}"
        return Visited(Experiment(), home(Experiment()), why)
    if page and not settings and not PLANS[page].fits(experiment):
        experiment = preset(PLANS[page].preset)
    shown = page if page and PLANS[page].fits(experiment) else home(experiment)
    return Visited(experiment, shown, "", lesson, step, shows if page == MAP else None, tuple(pins))


def _lesson(own: dict[str, str]) -> tuple[str, int]:
    """Return the lesson and the step that a query names."""
    label, step = own.get(LESSON, ""), own.get(STEP, "1")
    if label and label not in LESSONS:
        raise KnobError(unknown(LESSON, label, LESSONS))
    if not step.isdecimal() or not 1 <= len(step) <= 2 or step == "0":
        raise KnobError(f"{STEP} = {step[:20]!r} is not allowed: a number from 1 to 99")
    return label, int(step)


def write(
    experiment: Experiment,
    page: str,
    lesson: str = "",
    step: int = 1,
    map: Settings | None = None,
    pins: Sequence[Experiment] = (),
) -> str:
    """Return the query, with its question mark, that leads back here; empty for the default.

    Args:
        experiment: What is set.
        page: Where.
        lesson: Label of the lesson that is open; empty for none.
        step: Its step, from 1.
        map: What the map shows, where it is open; None for the usual.
        pins: What is pinned; results of tables, which a link must not read, are left out.
    """
    parts = [experiment.to_query()]
    if page != home(experiment) and PLANS[page].fits(experiment):
        own = map.query() if map is not None and page == MAP else {}
        parts.insert(0, urlencode({PAGE: page} | own, quote_via=quote, safe=";()=:"))
    if lesson:
        parts.insert(0, urlencode({LESSON: lesson, STEP: step}))
    parts += [urlencode({PIN: pin.to_query()}) for pin in pins if not of_table(pin)]
    query = "&".join(filter(None, parts))
    return f"?{query}" if query else ""
