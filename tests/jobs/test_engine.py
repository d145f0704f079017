"""The contract with the real engine: what a worker computes is what the bare loop computes."""

import numpy as np
import pytest
from jobs.waiting import LONG, collect, settled, until
from surfaces import on

from gnviz.dynamics.simulate import simulate
from gnviz.experiment import Experiment
from gnviz.jobs import JobStatus, stream
from gnviz.results import Recording, Status

SMALL = {"data.n": 6, "data.condition": 1e3, "network.width": 16, "clock.snapshots": 12, "device": "cpu"}


@pytest.fixture(scope="module")
def runner(worker):
    worker.warm()
    return worker


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return Experiment.from_dict(SMALL)


@pytest.fixture(scope="module")
def expected(experiment) -> Recording:
    return Recording.of(simulate(experiment))


def endless(experiment: Experiment) -> Experiment:
    return experiment.replace({"clock.kind": "steps", "clock.steps": 10_000_000, "clock.spacing": "linear"})


def assert_same(recording: Recording, expected: Recording) -> None:
    """Compare losses up to rounding: the number of threads may differ, and with it the order of sums."""
    np.testing.assert_allclose(recording.dataset().loss, expected.dataset().loss, rtol=1e-6, atol=1e-20)
    assert recording.status == expected.status


def test_a_job_computes_what_the_bare_loop_computes(runner, experiment, expected):
    job = runner.submit(experiment)
    recording = Recording.of(stream(job))
    assert (job.status, job.error) == (JobStatus.FINISHED, None)
    assert_same(recording, expected)
    assert Status.RUNNING not in recording.status


def test_a_surface_comes_with_its_geometry(runner):
    experiment = on("neuron", chart="bent", snapshots=5)
    job = runner.submit(experiment)
    there, here = Recording.of(stream(job)).dataset(), Recording.of(simulate(experiment)).dataset()
    assert (job.status, job.error) == (JobStatus.FINISHED, None)
    assert there.attrs["geodesic_text"] == here.attrs["geodesic_text"]
    for name in ("mesh", "curvature", "plane_loss", "foot", "geodesic", "tangent", "weights"):
        np.testing.assert_allclose(there[name], here[name], rtol=1e-6, atol=1e-9, err_msg=name)


def test_a_bad_surface_fails_with_a_sentence(runner):
    job = runner.submit(on("neuron", ensemble__seeds=3))
    until(lambda: job.done)
    assert job.status == JobStatus.FAILED
    assert job.error.startswith("ensemble.seeds = 3 does not go with surface.model = 'neuron'")


def test_stepping_and_resuming_change_no_number(runner, experiment, expected):
    job = runner.submit(experiment)
    job.pause()
    snapshots = job.poll()
    for _ in range(3):
        job.step()
        assert job.wait(LONG)
        snapshots += job.poll()
    job.resume()
    snapshots += stream(job)
    assert_same(Recording.of(snapshots), expected)


def test_a_pause_holds_inside_a_long_stretch_of_steps(runner, experiment, patience):
    job = runner.submit(endless(experiment))
    collect(job, 1)
    job.pause()
    settled(job)
    assert job.status == JobStatus.PAUSED
    assert not job.poll()
    job.cancel()
    until(lambda: job.done)


def test_a_cancel_is_answered_inside_a_long_stretch_of_steps(runner, experiment, patience):
    job = runner.submit(endless(experiment))
    collect(job, 1)
    job.cancel()
    until(lambda: job.done)
    assert job.status == JobStatus.CANCELLED


def test_a_bad_experiment_fails_with_the_engines_message(runner, experiment):
    job = runner.submit(experiment.replace({"data.kind": "csv", "data.path": "/no/such/file.csv"}))
    until(lambda: job.done)
    assert job.status == JobStatus.FAILED
    assert "/no/such/file.csv" in job.error
    assert not job.error.startswith(("KnobError", "ValueError"))
