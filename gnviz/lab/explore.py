"""The laboratory in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gnviz.experiment import Experiment
from gnviz.experiment.presets import preset
from gnviz.jobs.kinds import packed
from gnviz.lab.laboratory import Laboratory

if TYPE_CHECKING:
    from gnviz.problem.user.make import UserProblem


def explore(what: Experiment | str | UserProblem | None = None) -> Laboratory:
    """Return the laboratory, to be shown in a notebook: it trains once it is shown, and at each change.

    Args:
        what: An experiment or the name of a preset, to begin with; or a problem of your own, from
            `gnviz.make_problem`, whose methods, loss and clock can then be set; None: the default experiment.

    Returns:
        What a cell shows where it is its last line; `pn.extension()` comes before.

    Raises:
        KnobError: There is no preset of that name (a ValueError).
        ValueError: The problem's model holds what cannot be sent to a worker process, such as an open file.
        TypeError: It is none of these.
    """
    if isinstance(what, str):
        return _begun(Laboratory(preset(what)))
    if what is None or isinstance(what, Experiment):
        return _begun(Laboratory(what))
    from gnviz.problem.user.make import UserProblem  # which imports torch

    if not isinstance(what, UserProblem):
        allowed = "an experiment, a preset's name, or a problem from gnviz.make_problem"
        raise TypeError(f"a {type(what).__name__} cannot be explored; allowed: {allowed}")
    packed(what)  # what cannot be sent is refused here, and not when it is shown
    return _begun(Laboratory(problem=what))


def _begun(laboratory: Laboratory) -> Laboratory:
    """Let a laboratory train once a browser draws it: nobody who opens it looks at empty pictures."""
    begin = lambda _: laboratory.start() if laboratory.live.job is None else None  # noqa: E731
    laboratory.viewport.param.watch(begin, "drawn")
    return laboratory
