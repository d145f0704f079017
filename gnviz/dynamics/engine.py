"""Two engines, one meaning: what an engine is, and which one runs an experiment.

`torch` follows all runs of an experiment as one batch: any model, any device, any size. `compiled` follows
one run at a time in machine code: the networks and surfaces of gnviz on the CPU whose work per step is too
small to pay for an operator call. Both take the same steps: flows agree to `clock.tol` by far, discrete steps
to rounding.

**The rule** of `engine = auto`: compiled, where all of these hold, else torch.

1. The compiled engine knows all of the experiment (`compiled.covers.unsupported`).
2. A step of all runs is little work: runs n (p + n^2) is at most `experiment.work.LITTLE`.
3. The machine code is there: for each clock it is compiled once in the background and then kept on disk
   (`compiled.ready`). A script decides once whether it is, so that all its runs have one engine.

A checkpoint goes on with the engine that made it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from torch import Tensor

from gnviz.dynamics.clocks import Tick
from gnviz.dynamics.compiled import covers
from gnviz.dynamics.compiled.machine import ready
from gnviz.dynamics.linearized.dynamics import LinearizedDynamics
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.stop import Stop
from gnviz.dynamics.termination import Seen, Verdicts
from gnviz.experiment import Experiment
from gnviz.experiment.work import LITTLE, step_work
from gnviz.knobs import KnobError
from gnviz.problem.build import Problem
from gnviz.results import Header, Snapshot

if TYPE_CHECKING:
    import numpy as np


class Engine(Protocol):
    """Follows R runs and measures them at moments.

    Attributes:
        name: "torch" or "compiled".
        first: The dynamics at time 0.
    """

    name: str
    first: LinearizedDynamics

    def start(self, elapsed: float) -> None:
        """Make ready to measure; so many seconds have been spent before."""
        ...

    def advance(self, moment: float, running: Tensor, tick: Tick) -> None:
        """Bring the runs marked in `running` (bool, shape (R,)) to time `moment`.

        Args:
            moment: Flow time, or number of steps.
            running: Which runs to bring there, bool, shape (R,).
            tick: Called now and then, at least once; it may wait (pause) or raise (cancel).
        """
        ...

    def look(self, verdicts: Verdicts, moment: float) -> list[Seen]:
        """Observe every run at a moment, or where it has come to, for its verdict and `snapshot`."""
        ...

    def snapshot(
        self, index: int, moment: float, verdicts: Verdicts, header: Header | None, tick: Tick
    ) -> Snapshot:
        """Return what was observed last; `tick` is called in what may take long.

        Args:
            index: Position of the moment in the grid.
            moment: Flow time, or number of steps.
            verdicts: How the runs stand.
            header: What the first snapshot of a recording carries; None in the others.
            tick: Called in what may take long; it may wait or raise.
        """
        ...

    def stopped(self, run: int) -> Stop | None:
        """Say where and why a run was not brought to the last moment; None if it was."""
        ...

    def advice(self, run: int) -> str:
        """Say, as the end of a sentence, what keeps a run like this from diverging; empty if nothing does."""
        ...

    def state_dict(self) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Return copies of what moves the runs, with "w" (R, p), and of what measures."""
        ...

    def load_state_dict(self, clock: dict[str, np.ndarray], observer: dict[str, np.ndarray]) -> None:
        """Go on, bit for bit, from what `state_dict` returned."""
        ...


def choose(experiment: Experiment, problem: Problem, system: System, made: str = "") -> str:
    """Return the engine that an experiment is to run on.

    Args:
        experiment: What to run.
        problem: It, built.
        system: Its runs.
        made: The engine of the checkpoint that it is to go on from, if any.

    Raises:
        KnobError: `engine = compiled` is asked for, or the checkpoint's, and it cannot be.
    """
    wanted = made or experiment.engine
    if wanted == "torch":
        return wanted
    strange = covers.unsupported(experiment, problem, system)
    if wanted == "compiled":
        why = strange or ready.missing()
        if why:
            remedy = {} if made else {"engine": "auto"}
            raise KnobError(
                f"engine = 'compiled' cannot run this: {why}; allowed: engine = auto or torch", remedy
            )
        ready.wait(experiment.clock.kind)
        return wanted
    work = step_work(len(system.methods), len(system.y), system.model.parameters)
    little = not strange and work <= LITTLE
    return "compiled" if little and ready.now(experiment.clock.kind) else "torch"
