"""What a flow goes on from: every array of its state, and where its tangents were linearized.

A tangent holds a whole linearization and its modes, and what it gives depends in its last bits on the batch
that it was made in. So it is kept as the weights, times and runs of that batch, and made again from them.
"""

from __future__ import annotations

import torch
from torch import Tensor

from gnviz.dynamics.clocks import State
from gnviz.dynamics.flow.second_order import linear_part
from gnviz.dynamics.flow.stacked import Place
from gnviz.dynamics.flow.state import FlowState
from gnviz.dynamics.host import rows
from gnviz.dynamics.kept import damaged_unless, fitting
from gnviz.dynamics.linearized.dynamics import linearize_dynamics
from gnviz.dynamics.linearized.system import System

SHELVES = ("ahead", "path")


def save(state: FlowState) -> State:
    """Return copies of all arrays that the state of R runs consists of, by name."""
    out = _arrays(state)
    places = [place for name in SHELVES for place in getattr(state, name).places]
    batches = {id(place.tangent): place for place in places}
    for number, (here, _, runs) in enumerate(batches.values()):
        origin = {"w": here.w, "time": here.time, "runs": torch.tensor(runs)}
        out |= {f"tangent.{number}.{name}": value for name, value in origin.items()}
    numbers = {key: number for number, key in enumerate(batches)}
    out["places"] = torch.tensor([(numbers[id(place.tangent)], place.row) for place in places])
    return {name: value.clone() for name, value in out.items()}


def load(state: FlowState, system: System, saved: State) -> None:
    """Put what `save` returned into the state of a flow of `system`, linearizing anew.

    Args:
        state: Of a new flow; changed in place.
        system: What is trained.
        saved: What `save` returned.

    Raises:
        KnobError: It is damaged.
    """
    own = _arrays(state)
    for name, value in fitting(saved, own).items():
        own[name].copy_(value)
    state.look()
    batches: list[Place] = []
    while (prefix := f"tangent.{len(batches)}.") + "runs" in saved:
        runs = _runs(saved[prefix + "runs"], len(state.w))
        at = rows(runs, state.w.device)
        origin = fitting(saved, {"w": state.w[at], "time": state.loss[at]}, prefix)
        w, time = origin["w"].clone(), origin["time"].clone()
        here = linearize_dynamics(system.part(runs), w, time, equilibrated=True).explicit()
        batches.append(Place(linear_part(system.part(runs), here), 0, runs))
    count = len(system.methods)
    where = fitting(saved, {"places": torch.empty((len(SHELVES) * count, 2), dtype=torch.long)})["places"]
    sound = all(0 <= k < len(batches) and 0 <= row < len(batches[k].runs) for k, row in where.tolist())
    damaged_unless(sound, "its tangents are not in place")
    places = [batches[number]._replace(row=row) for number, row in where.tolist()]
    for index, name in enumerate(SHELVES):
        getattr(state, name).places = places[index * count : (index + 1) * count]


def _runs(kept: Tensor, count: int) -> tuple[int, ...]:
    """Return the runs of a batch, out of so many."""
    runs = kept.tolist() if kept.ndim == 1 and kept.dtype == torch.long else []
    damaged_unless(
        bool(runs) and len(set(runs)) == len(runs) and set(runs) <= set(range(count)), "it has other runs"
    )
    return tuple(runs)


def _arrays(state: FlowState) -> State:
    """Return the arrays themselves, those of both shelves beside the state's own."""
    out = {name: value for name, value in vars(state).items() if isinstance(value, Tensor)}
    for name in SHELVES:
        out |= {f"{name}.{i}": part for i, part in enumerate(getattr(state, name).parts)}
    return out
