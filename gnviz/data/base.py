"""What every data set is: knobs, and the samples that they make."""

from __future__ import annotations

from typing import Any, ClassVar

import param

from gnviz.data.samples import MAX_SAMPLES, Given, Samples
from gnviz.data.targets import TARGETS
from gnviz.knobs.kinds import Kind


class DataSet(Kind):
    """Inputs x of shape (n, d) and targets y of shape (n,).

    Subclasses set `label` (the public name) and `meaning` (one line), declare their knobs, and define
    `samples`, which returns x and y. Nothing of torch is imported before that is asked for.

    Attributes:
        made: Whether targets are computed: noise may be added, and for two classes their sign is taken.
        offered: Whether menus list it.
        named_target: Whether `target` names the function that is fitted.
        moves_inputs: Whether noise moves the inputs and leaves the targets as they are.
    """

    made: ClassVar[bool] = False
    offered: ClassVar[bool] = True
    named_target: ClassVar[bool] = False
    moves_inputs: ClassVar[bool] = False

    target = param.Selector(
        default="two-tone",
        objects=list(TARGETS),
        doc="Function to fit (circle, ring and line), or equal-modes (any data).",
    )
    seed = param.Integer(
        0, bounds=(0, 2**31 - 1), doc="Seed of random inputs, teacher, noise and test samples."
    )
    test = param.Integer(
        0,
        bounds=(0, MAX_SAMPLES),
        doc="Samples for the test loss: drawn beside made data, or held out of a table's rows.",
    )

    def samples(self, given: Given) -> Samples | tuple[Any, Any]:
        """Return x and y, as arrays of any library, or `Samples` that know more.

        Raises:
            KnobError: Settings that do not fit together, or a table that cannot be used.
        """
        raise NotImplementedError


class Made(DataSet):
    """Data of any number, from a formula."""

    made = True

    n = param.Integer(10, bounds=(1, MAX_SAMPLES), doc="Number of samples (made data only).")
    noise = param.Number(
        0.0,
        bounds=(0.0, 10.0),
        doc="Standard deviation of Gaussian noise added to made targets; of two classes, to the inputs.",
    )
