"""An engine for tests of runners, without torch: what it does is told by the knob `data.path`.

It is imported in worker processes too, as `jobs.fakes`. The first snapshot's header names the process
in `device`.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np

from gnviz.experiment import Experiment
from gnviz.knobs import KnobError
from gnviz.results import Header, Snapshot

SIZE = 4

VISIBLE = "visible "
"""Before a scenario: the header names the GPUs that the process sees, in place of the process."""


def experiment(scenario: str = "plain", snapshots: int = 20) -> Experiment:
    return Experiment().replace(
        {"data.path": scenario, "clock.snapshots": snapshots, "methods": ["gauss-newton"]}
    )


def simulate(experiment: Experiment, checkpoint: Callable[[], None]) -> Iterator[Snapshot]:
    act = SCENARIOS.get(experiment.data.path.removeprefix(VISIBLE), plain)
    for index in range(experiment.clock.snapshots):
        if index or act in EAGER:
            act(index, checkpoint)
        yield snapshot(index, header(experiment) if index == 0 else None, 4000 if act is flood else SIZE)


def real_and_full(experiment: Experiment, checkpoint: Callable[[], None]) -> Iterator[Snapshot]:
    """Another engine: as `simulate`, on a GPU that has no room for the scenario `full`."""
    if experiment.data.path == "full":
        import torch

        from gnviz.dynamics.devices import within_memory

        with within_memory():
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has 1 GiB")
    yield from simulate(experiment, checkpoint)


def plain(index: int, checkpoint: Callable[[], None]) -> None:
    checkpoint()


def slow(index: int, checkpoint: Callable[[], None]) -> None:
    checkpoint()
    time.sleep(0.005)


def work(index: int, checkpoint: Callable[[], None]) -> None:
    """Compute for about a millisecond."""
    checkpoint()
    end = time.perf_counter() + 1e-3
    while time.perf_counter() < end:
        np.sort(np.arange(500.0)[::-1])


def knob(index: int, checkpoint: Callable[[], None]) -> None:
    raise KnobError("data.n = 3 is not allowed: an even integer", {"data.n": 4})


def trouble(index: int, checkpoint: Callable[[], None]) -> None:
    if index == 2:
        raise RuntimeError("engine trouble")


def leave(index: int, checkpoint: Callable[[], None]) -> None:
    if index == 3:
        os._exit(9)


def die(index: int, checkpoint: Callable[[], None]) -> None:
    if index == 3:
        os.kill(os.getpid(), signal.SIGKILL)


def spin(index: int, checkpoint: Callable[[], None]) -> None:
    """Take inner steps and never come to a second snapshot."""
    while True:
        try:
            checkpoint()
        except Exception as error:  # a careless engine: a cancel must get past this
            raise AssertionError("the cancel was held") from error


def hang(index: int, checkpoint: Callable[[], None]) -> None:
    time.sleep(3600)


def flood(index: int, checkpoint: Callable[[], None]) -> None:
    checkpoint()


def talk(index: int, checkpoint: Callable[[], None]) -> None:
    print("said by the engine")
    os.write(1, b"and by C code\n")


SCENARIOS = {f.__name__: f for f in (plain, slow, work, knob, trouble, leave, die, spin, hang, flood, talk)}
EAGER = (knob,)


def header(experiment: Experiment) -> Header:
    n, seeing = SIZE, experiment.data.path.startswith(VISIBLE)
    return Header(
        experiment=experiment.to_json(),
        methods=("fake",),
        alphas=np.ones(1),
        seeds=np.zeros(1),
        time=np.arange(float(experiment.clock.snapshots)),
        x=np.zeros((n, 1)),
        y=np.zeros(n),
        basis=np.eye(n),
        resolution=1e-12,
        condition=10.0,
        grid=np.zeros(0),
        grid_truth=np.zeros(0),
        coordinate=np.zeros(0),
        names=("x",),
        target="y",
        clock="steps",
        device=os.environ.get("CUDA_VISIBLE_DEVICES", "all") if seeing else str(os.getpid()),
        dtype="float64",
        notes=("torch" if "torch" in sys.modules else "no torch",),
    )


def snapshot(index: int, header: Header | None = None, n: int = SIZE) -> Snapshot:
    one, modes = np.full(1, float(index)), np.full((1, n), float(index))
    return Snapshot(
        index=index,
        time=float(index),
        loss=one,
        rho=one,
        kernel_drift=one,
        weight_drift=one,
        bound=one,
        lazy_gap=one,
        path_length=one,
        test_loss=one,
        eigenvalues=modes,
        rate=modes,
        residual_modes=modes,
        prediction=modes,
        curve=np.zeros((1, 0)),
        status=("running",),
        status_text=("",),
        wall_seconds=0.0,
        header=header,
    )
