"""The two clocks: what moves the weights of a batch of runs from one moment to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from torch import Tensor

from gnviz.dynamics.stop import Stop

State = dict[str, Tensor]
"""Named arrays whose first dimension counts runs: what must be kept to go on bit for bit."""


Tick = Callable[[], None]
"""Called between steps: raises to end a run."""


class StepRecord(NamedTuple):
    """What the last step of each run was like, each of shape (R,), NaN where there is nothing to say.

    Attributes:
        step_size: eta.
        gain: Actual over predicted fall of the loss (line search, trust region).
        accepted: Share of the steps since the last moment that were taken.
        rho: The blend, where the clock and not a schedule decides it.
    """

    step_size: Tensor
    gain: Tensor
    accepted: Tensor
    rho: Tensor


class Clock(Protocol):
    """Advances R runs in time."""

    @property
    def w(self) -> Tensor:
        """Weights, shape (R, p)."""
        ...

    @property
    def decay(self) -> Tensor:
        """Certified decay int_0^t r_min ds, NaN where there is no certificate, shape (R,)."""
        ...

    @property
    def apriori_decay(self) -> Tensor:
        """Decay promised before the run (`flow.apriori`), NaN where there is none, shape (R,)."""
        ...

    @property
    def evaluations(self) -> Tensor:
        """Kernel evaluations that following each run took so far, without those of observing, shape (R,)."""
        ...

    @property
    def lifted(self) -> Tensor:
        """Whether a curvature stood for a smaller one on the way, bool, shape (R,)."""
        ...

    @property
    def missed(self) -> Tensor:
        """When the estimated error was first more than is promised, NaN if never, shape (R,)."""
        ...

    @property
    def record(self) -> StepRecord | None:
        """What the last steps were like; None in continuous time."""
        ...

    def advance(self, moment: float, running: Tensor, tick: Tick) -> None:
        """Bring the runs marked in `running` (bool, shape (R,)) to time `moment`.

        Args:
            moment: Flow time, or number of steps.
            running: Which runs to bring there, bool, shape (R,).
            tick: Called before every inner step; it may wait (pause) or raise (cancel).
        """
        ...

    @property
    def kept(self) -> Tensor:
        """Time up to which the promise's condition is known to have held, NaN without one, shape (R,)."""
        ...

    def stopped(self, run: int) -> Stop | None:
        """Say where and why a run was not brought to the last moment; None if it was."""
        ...

    def state_dict(self) -> State:
        """Return copies of all that changes from moment to moment, by name."""
        ...

    def load_state_dict(self, state: State) -> None:
        """Go on, bit for bit, from what `state_dict` returned."""
        ...
