"""Machines with GPUs: which jobs go there, one worker for each, and what is said where one is full."""

import sys

import pytest
import torch
from jobs.fakes import experiment
from jobs.waiting import collect, until

from gnviz import Experiment, KnobError, simulate
from gnviz.dynamics.devices import device
from gnviz.experiment.work import LITTLE, parameters_of, seems_little, step_work
from gnviz.jobs import JobStatus, LocalRunner, choice, gpus, stream
from gnviz.jobs.gpus import RunnerWithGpus, for_gpu, usable_gpus
from gnviz.problem.models.mlp import MLP

LARGE = {"network.width": 2000, "data.n": 200, "data.condition": None}


@pytest.fixture
def runner():
    """A runner of a machine with two GPUs, as far as workers can tell."""
    cpu = LocalRunner(workers=1, simulate="jobs.fakes:simulate", gpus=())
    with RunnerWithGpus(cpu, LocalRunner(simulate="jobs.fakes:simulate", gpus=("4", "7"))) as runner:
        yield runner


def seen(job):
    """Return the GPUs that a job's process sees, once its first snapshot is there."""
    return next(stream(job)).header.device


def large(scenario, snapshots=2):
    return experiment(scenario, snapshots).replace({"device": "cuda"})


def test_every_gpu_has_a_worker_of_its_own_and_others_see_none(runner):
    assert runner.places == 3
    here = [runner.submit(large("spin", 2)) for _ in range(2)]
    for job in here:
        collect(job, 1)
    third, small = runner.submit(large("visible plain")), runner.submit(experiment("visible plain", 2))
    assert seen(small) == "-1", "the CPU is free"
    assert third.status == JobStatus.WAITING, "for a GPU, of which each has a job"
    until(lambda: runner.load == (2, 1))
    assert runner.ahead(third) == 0
    here[0].cancel()
    gone = seen(third)
    here[1].cancel()
    until(lambda: here[1].done)
    assert {gone, *(seen(runner.submit(large("visible plain"))) for _ in range(4))} <= {"4", "7"}
    busy = [runner.submit(large("visible plain")) for _ in range(2)]
    assert {seen(job) for job in busy} <= {"4", "7"}


def test_two_at_a_time_are_on_two_gpus(runner):
    first, second = (runner.submit(large("visible spin", 2)) for _ in range(2))
    assert {seen(job) for job in (first, second)} == {"4", "7"}


def test_a_gpus_worker_that_dies_is_replaced_on_the_same_gpu(runner):
    other = runner.submit(large("visible spin", 2))
    theirs = seen(other)
    lost = runner.submit(large("die", 5))
    until(lambda: lost.done)
    assert lost.status == JobStatus.LOST
    assert seen(runner.submit(large("visible plain"))) == ({"4", "7"} - {theirs}).pop()


@pytest.mark.parametrize(
    ("knobs", "own", "there"),
    [
        ({}, False, False),
        (LARGE, False, True),
        (LARGE | {"device": "cpu"}, False, False),
        ({"device": "cuda"}, False, True),
        (LARGE | {"engine": "compiled"}, False, False),
        ({}, True, True),
        ({"data.kind": "enso"}, False, True),
    ],
)
def test_what_is_large_or_of_unknown_size_goes_to_a_gpu(knobs, own, there):
    assert for_gpu(Experiment().replace(knobs), own=own) is there


@pytest.mark.parametrize(("work", "engine", "where"), [(LITTLE, "auto", "cpu"), (LITTLE + 1, "auto", "cuda"),
                                                       (LITTLE + 1, "compiled", "cpu")])  # fmt: skip
def test_a_worker_that_sees_a_gpu_uses_it_for_what_is_large(monkeypatch, work, engine, where):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert device(Experiment(engine=engine), work).type == where
    assert device(Experiment(device="cuda"), 1).type == "cuda"
    assert device(Experiment(device="cpu"), 2 * LITTLE).type == "cpu"


def test_the_size_of_a_step_is_that_of_the_network():
    e = Experiment().replace({"network.depth": 2, "network.width": 30, "data.n": 25, "data.condition": None})
    assert parameters_of(e.network, 2) == MLP(2, 30, 2, "tanh").parameters
    assert step_work(3, 25, 10) == 3 * 25 * (10 + 625)
    assert seems_little(e)
    assert not seems_little(e.replace({"network.width": 3000}))


@pytest.mark.parametrize(
    ("chosen", "found"),
    [("", ()), ("-1", ()), ("0", ("0",)), ("2, GPU-8a,3", ("2", "GPU-8a", "3")), ("1,-1,2", ("1",))],
)
def test_the_environment_chooses_gpus_as_cuda_reads_it(monkeypatch, chosen, found):
    monkeypatch.setattr(gpus, "_torch_knows_cuda", lambda: True)
    assert usable_gpus({"CUDA_VISIBLE_DEVICES": chosen}) == found


def test_the_driver_lists_gpus(monkeypatch, tmp_path):
    program = tmp_path / "nvidia-smi"
    program.write_text(
        f"#!{sys.executable}\nprint('GPU 0: NVIDIA H200 (UUID: GPU-1)\\n  MIG 1g Device 0: x\\nGPU 1: H200')"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(gpus, "_torch_knows_cuda", lambda: True)
    assert usable_gpus({}) == ("0", "1")
    program.write_text(f"#!{sys.executable}\nraise SystemExit('no driver')")
    assert usable_gpus({}) == ()
    program.unlink()
    assert usable_gpus({}) == ()


def test_where_torch_knows_no_cuda_there_is_none():
    assert gpus._torch_knows_cuda() is (torch.version.cuda is not None)
    if torch.version.cuda is None:
        assert usable_gpus({"CUDA_VISIBLE_DEVICES": "0"}) == ()


@pytest.mark.parametrize("found", [(), ("0", "1")])
def test_the_usual_runner_has_a_place_more_for_each_gpu(monkeypatch, found):
    monkeypatch.setattr(choice, "usable_gpus", lambda: found)
    with choice.usual_runner(workers=3) as runner:
        assert isinstance(runner, RunnerWithGpus) is bool(found)
        assert runner.places == 3 + len(found)


def test_a_full_gpu_is_said_with_advice(monkeypatch):
    def full(*args):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has 8 GiB")

    monkeypatch.setattr("gnviz.dynamics.simulate.assemble", full)
    with pytest.raises(KnobError, match=r"Tried to allocate 2.00 GiB\): lower network.width") as told:
        next(simulate(Experiment()))
    assert told.value.remedy == {"device": "cpu"}


def test_a_job_that_fills_a_gpu_ends_and_its_worker_takes_the_next():
    with LocalRunner(workers=1, simulate="jobs.fakes:real_and_full") as runner:
        full = runner.submit(experiment("full", 2))
        until(lambda: full.done)
        assert full.status == JobStatus.FAILED
        assert "memory is not enough" in full.error
        assert full.remedy == {"device": "cpu"}
        before = seen(runner.submit(experiment("plain", 2)))
        assert seen(runner.submit(experiment("plain", 2))) == before, "the same process"
