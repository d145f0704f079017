"""What is particular to runs on a Dask cluster; the contract is in `test_contract.py`."""

import os
import signal
import time

import numpy as np
import pytest
from clusters import cluster
from jobs.fakes import experiment
from jobs.waiting import collect, until
from sweeps.here import Here, tiny

import gnviz
from gnviz.jobs import JobStatus
from gnviz.jobs.base import stream
from gnviz.jobs.choice import usual_runner
from gnviz.jobs.dask import DaskRunner
from gnviz.knobs import KnobError
from gnviz.methods import METHODS

OVER = {"network.alpha": [1.0, 3.0, 10.0], "network.seed": list(range(8))}


@pytest.fixture
def on_cluster(scheduler):
    with DaskRunner(scheduler) as runner:
        yield runner


def workers(runner: DaskRunner) -> dict[str, int]:
    """The processes of a cluster's workers."""
    return runner._client.run(os.getpid)


def test_a_sweep_gives_the_same_on_a_cluster_and_loses_nothing_with_a_worker(on_cluster):
    on_cluster.connect()
    killed = []

    def kill_one(progress):
        if progress.done >= 6 and not killed:
            killed.append(next(iter(workers(on_cluster).values())))
            os.kill(killed[0], signal.SIGKILL)

    ds = gnviz.sweep(tiny(), OVER, runner=on_cluster, progress=kill_one)
    assert killed
    assert ds.identical(gnviz.sweep(tiny(), OVER, runner=Here()))


def test_kinds_of_ones_own_reach_the_workers(on_cluster, monkeypatch):
    class Half(gnviz.Schedule):
        label, formula, meaning = "half-way", "1/2", "half of each"

        def rho_at(self, seen):
            return 0.5 + 0 * seen.time

    monkeypatch.setitem(METHODS._added, "half-way", Half)
    over = {"network.seed": [0, 1], "methods": ["half-way", "constant(rho=0.5)"]}
    ds = gnviz.sweep(tiny(), over, runner=on_cluster)
    assert (ds["status_text"] != "").any()
    np.testing.assert_array_equal(ds["final_loss"].isel(run=0), ds["final_loss"].isel(run=1))
    assert np.isfinite(ds["final_loss"]).all()


def test_the_environment_names_the_cluster(scheduler, monkeypatch):
    monkeypatch.setenv("GNVIZ_SCHEDULER", scheduler)
    with usual_runner() as runner:
        assert isinstance(runner, DaskRunner)
        assert runner.address == scheduler


def test_a_scheduler_that_does_not_answer_is_one_sentence_within_seconds(monkeypatch):
    nobody = "tcp://127.0.0.1:9"
    monkeypatch.setenv("GNVIZ_SCHEDULER", nobody)
    began = time.monotonic()
    with pytest.raises(ConnectionError, match=f"no Dask scheduler answers at {nobody}"):
        gnviz.sweep(tiny(), OVER)
    assert time.monotonic() - began < 60
    with usual_runner(answered=False) as runner:
        job = runner.submit(tiny())
        assert job.wait(60)
        assert job.status == JobStatus.LOST
        assert job.error.startswith(f"No Dask scheduler answers at {nobody}")


def test_a_scheduler_that_is_lost_is_told_and_used_again_once_it_is_back(tmp_path):
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
    with cluster(tmp_path / "before", workers=1) as address:
        runner = DaskRunner(address, "jobs.fakes:simulate")
        job = runner.submit(experiment("slow", 2000))
        collect(job, 1)
    with runner:
        until(lambda: job.done)
        assert job.status == JobStatus.LOST
        assert f"Dask scheduler at {address}" in job.error or "left the cluster" in job.error, job.error
        meanwhile = runner.submit(experiment(snapshots=3))
        until(lambda: meanwhile.done)
        assert meanwhile.status == JobStatus.LOST
        with cluster(tmp_path / "after", workers=1, port=int(address.rpartition(":")[2])):
            again = runner.submit(experiment(snapshots=3))
            assert [s.index for s in stream(again)] == [0, 1, 2]
            assert again.status == JobStatus.FINISHED


def test_what_is_no_address_is_refused():
    with pytest.raises(KnobError, match="'host' is no address of a Dask scheduler, such as tcp://host:8786"):
        DaskRunner("host")
