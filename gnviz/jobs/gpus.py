"""Jobs on a machine with GPUs: one worker process for each takes what is large, the CPU takes the rest.

Jobs for a GPU queue for it: two at a time would share its memory. Small ones do not go there, where launching
an operator takes longer than computing it (`gnviz.experiment.work`).
"""

from __future__ import annotations

import importlib.util
import os
import re
import runpy
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

from gnviz.experiment.work import seems_little

if TYPE_CHECKING:
    from gnviz.experiment import Experiment
    from gnviz.jobs.base import Job
    from gnviz.jobs.local import LocalRunner
    from gnviz.jobs.submitted import SubmittedJob
    from gnviz.problem.user.make import UserProblem

VISIBLE = "CUDA_VISIBLE_DEVICES"
"""Environment variable with the GPUs that a process sees."""

ANSWER = 5.0
"""Seconds in which the driver lists its GPUs."""


class RunnerWithGpus:
    """Gives jobs to the CPU's workers or to the GPUs'; see `gnviz.jobs.base.Runner`.

    Args:
        cpu: Whose workers see no GPU.
        gpu: Whose workers see one each.
    """

    def __init__(self, cpu: LocalRunner, gpu: LocalRunner) -> None:
        self._cpu, self._gpu = cpu, gpu

    @property
    def places(self) -> int:
        """How many jobs run at a time."""
        return self._cpu.places + self._gpu.places

    @property
    def load(self) -> tuple[int, int]:
        """How many jobs run, and how many wait."""
        (running, waiting), (more, longer) = self._cpu.load, self._gpu.load
        return running + more, waiting + longer

    def submit(
        self,
        experiment: Experiment,
        problem: UserProblem | None = None,
        digest: str = "",
        *,
        paused: bool = False,
    ) -> SubmittedJob:
        """Run an experiment; see `gnviz.jobs.base.Runner.submit`."""
        where = self._gpu if for_gpu(experiment, own=problem is not None) else self._cpu
        return where.submit(experiment, problem, digest, paused=paused)

    def ahead(self, job: Job) -> int:
        """Return how many jobs that were submitted before one also wait for what it waits for."""
        return self._cpu.ahead(job) + self._gpu.ahead(job)

    def warm(self, n: int = 1) -> None:
        """Have n places on the CPU ready; a GPU's worker holds memory there, and starts when it is needed."""
        self._cpu.warm(n)

    def close(self) -> None:
        """Cancel every job and end every worker."""
        self._cpu.close()
        self._gpu.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def for_gpu(experiment: Experiment, *, own: bool) -> bool:
    """Return whether a job goes to a GPU, on a machine that has one.

    Args:
        experiment: What is to be run.
        own: Whether on a problem of the user's own, whose size the knobs do not tell.
    """
    if experiment.device != "auto":
        return experiment.device == "cuda"
    return experiment.engine != "compiled" and (own or not seems_little(experiment))


def usable_gpus(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return the GPUs that a worker could use, as `VISIBLE` names them; none where torch knows no CUDA."""
    if not _torch_knows_cuda():
        return ()
    chosen = environment.get(VISIBLE)
    if chosen is None:
        return _listed()
    names = [name.strip() for name in chosen.split(",")]
    end = next((k for k, name in enumerate(names) if name in ("", "-1")), len(names))  # CUDA stops there, too
    return tuple(names[:end])


def _listed() -> tuple[str, ...]:
    """Return the numbers of the GPUs that NVIDIA's driver lists."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    try:
        told = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=ANSWER, check=True)
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(re.findall(r"^GPU (\d+):", told.stdout, re.MULTILINE))


def _torch_knows_cuda() -> bool:
    """Return whether torch was built for CUDA, without importing it, which takes seconds."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return False
    try:
        return runpy.run_path(str(Path(spec.origin).parent / "version.py")).get("cuda") is not None
    except OSError:
        return False
