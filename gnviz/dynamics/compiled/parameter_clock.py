"""The flow of runs with fewer parameters than samples, in machine code; torch measures where they come to."""

from __future__ import annotations

import torch
from torch import Tensor

from gnviz.dynamics.clocks import State, Tick
from gnviz.dynamics.compiled.clocks import BEGINNING, Flow
from gnviz.dynamics.compiled.code.model.network import from_rows
from gnviz.dynamics.compiled.code.runs import layout as at
from gnviz.dynamics.compiled.engine import STEPS, runs_of, states
from gnviz.dynamics.compiled.restored import restore
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.stop import Stop
from gnviz.problem.models.mlp import MLP


class ParameterClock:
    """A `gnviz.dynamics.clocks.Clock` that follows one run at a time; see `flow.clock.FlowClock`.

    Args:
        system: R runs of a network with p < n.
        w0: Weights at time 0, shape (R, p).
        tol: Wanted accuracy of the trajectory, relative to the residual.
    """

    record = None

    def __init__(self, system: System, w0: Tensor, tol: float) -> None:
        assert isinstance(system.model, MLP)
        self._net, self._move = system.model, Flow(len(w0))
        self._state = states(len(w0), len(system.y), self._net)
        self._runs = list(runs_of(system, self._net, w0, tol, self._move.settings, self._state))
        for run in self._runs:
            self._move.move(run, BEGINNING, STEPS)

    @property
    def w(self) -> Tensor:
        """Weights at the moment last asked for, shape (R, p)."""
        rows, net = self._state["vec"][:, at.W_SEEN], self._net
        theta = rows.reshape(len(rows), -1, net.width)
        return torch.from_numpy(from_rows(theta, net.inputs, net.width, net.depth))

    @property
    def decay(self) -> Tensor:
        """NaN: part of the residual never decays, shape (R,)."""
        return self._number(at.READ_DECAY)

    @property
    def apriori_decay(self) -> Tensor:
        """NaN: nothing is promised, shape (R,)."""
        return torch.full_like(self.decay, torch.nan)

    @property
    def evaluations(self) -> Tensor:
        """Jacobians decomposed by the scheme so far, shape (R,)."""
        return self._number(at.EVALUATIONS).long()

    @property
    def lifted(self) -> Tensor:
        """Whether a curvature stood for a smaller one so far, bool, shape (R,)."""
        return self._number(at.EVER_LIFTED) > 0

    @property
    def missed(self) -> Tensor:
        """When the estimated error was first more than `clock.tol` promises, NaN if never, shape (R,)."""
        return self._number(at.MISSED)

    @property
    def kept(self) -> Tensor:
        """NaN: there is no promise whose condition could hold, shape (R,)."""
        return torch.full_like(self.decay, torch.nan)

    def advance(self, moment: float, running: Tensor, tick: Tick) -> None:
        """Bring running runs to flow time `moment`, or to where they get stuck.

        Args:
            moment: Flow time.
            running: Which of the R runs to bring there, bool, shape (R,).
            tick: Called before every STEPS steps of the runs; it may wait (pause) or raise (cancel).
        """
        going = [i for i, on in enumerate(running.tolist()) if on]
        while going:
            tick()
            going = [i for i in going if not self._move.move(self._runs[i], moment, STEPS)]

    def stopped(self, run: int) -> Stop | None:
        """Say at what time and why a run got stuck."""
        return self._move.stopped(self._runs[run].num)

    def state_dict(self) -> State:
        """Return copies of all that changes from moment to moment, by name, and the weights as "w"."""
        return {name: torch.tensor(array) for name, array in self._state.items()} | {"w": self.w}

    def load_state_dict(self, state: State) -> None:
        """Go on from what `state_dict` returned."""
        restore(self._state, {name: value.numpy() for name, value in state.items()})

    def _number(self, slot: int) -> Tensor:
        return torch.tensor(self._state["num"][:, slot])
