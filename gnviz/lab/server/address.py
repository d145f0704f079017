"""What a link says: the experiment, and the page where that is not the experiment's own."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from gnviz.experiment import Experiment
from gnviz.experiment.presets import preset
from gnviz.knobs import KnobError
from gnviz.lab.run.plans import PLANS, home

PAGE = "page"
"""The query's name for a key of `PLANS`; all other names are knobs."""


class Visited(NamedTuple):
    """What to open.

    Attributes:
        experiment: What to run.
        page: A key of `PLANS` that can show it.
        refusal: Why the link could not be used; empty if it was.
    """

    experiment: Experiment
    page: str
    refusal: str


def read(query: str) -> Visited:
    """Return what a URL's query asks for; nothing in it is trusted.

    A page that is named alone opens as its button does, with an experiment of its own; settings that the page
    named cannot show open on theirs.
    """
    pairs = parse_qsl(query.lstrip("?"), keep_blank_values=True)
    page, settings = dict(pairs).get(PAGE, ""), [pair for pair in pairs if pair[0] != PAGE]
    try:
        if page and page not in PLANS:
            raise KnobError(f"{PAGE} = {page!r} is not allowed: one of {', '.join(map(repr, PLANS))}")
        experiment = Experiment.from_query(urlencode(settings))
    except KnobError as error:
        why = f"The link's settings could not be used: {error}. Showing the default experiment."
        return Visited(Experiment(), home(Experiment()), why)
    if page and not settings and not PLANS[page].fits(experiment):
        experiment = preset(PLANS[page].preset)
    shown = page if page and PLANS[page].fits(experiment) else home(experiment)
    return Visited(experiment, shown, "")


def write(experiment: Experiment, page: str) -> str:
    """Return the query, with its question mark, that leads back here; empty for the default."""
    parts = [experiment.to_query()]
    if page != home(experiment) and PLANS[page].fits(experiment):
        parts.insert(0, urlencode({PAGE: page}))
    query = "&".join(filter(None, parts))
    return f"?{query}" if query else ""
