"""What was set on each page when it was left, so that it is there again when one comes back."""

from __future__ import annotations

from gnviz.experiment import Experiment
from gnviz.experiment.presets import preset
from gnviz.lab.run.plans import PLANS, home


class LeftPages:
    """The experiments that pages were left with."""

    def __init__(self) -> None:
        self._experiments: dict[str, Experiment] = {}

    def keep(self, page: str, experiment: Experiment) -> None:
        """Keep what was set on a page."""
        self._experiments[page] = experiment

    def turn(self, old: str, new: str, there: Experiment) -> Experiment | None:
        """Leave a page for another, and return what that is to open with; None: what is set stays.

        The settings stay if both pages show the same kind of experiment, such as two pages about one run.

        Args:
            old: The page that is left, a key of `PLANS`.
            new: The page that is opened.
            there: What is set.
        """
        self.keep(old, there)
        left = self._experiments.get(new)
        if left is not None and home(left) != home(there):
            return left
        return None if PLANS[new].fits(there) else preset(PLANS[new].preset)
