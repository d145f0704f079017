"""Sweeps: the numbers of every cell, whoever computes them, kept and gone on with."""

import json
import threading

import numpy as np
import pytest
from sweeps.here import Here, tiny

import gnviz
from gnviz.analysis import sweeps as of_sweeps
from gnviz.analysis.ends import loss_now
from gnviz.analysis.measures import kernel_limit_distance, mean_rate, slowest_rate
from gnviz.experiment import Experiment
from gnviz.jobs import JobStatus, LocalRunner
from gnviz.jobs.submitted import SubmittedJob
from gnviz.knobs import KnobError
from gnviz.sweeps import MEASURES, Sweep
from gnviz.sweeps.folder import Folder, name_of

OVER = {"network.alpha": [1.0, 10.0], "network.seed": [0, 1, 2]}


def test_each_cell_has_the_numbers_of_its_experiment():
    ds = gnviz.sweep(tiny(), OVER, level=1e-6, runner=Here())
    for alpha in OVER["network.alpha"]:
        for seed in OVER["network.seed"]:
            there = ds.sel({"network.alpha": alpha, "network.seed": seed})
            alone = gnviz.run(tiny(**{"network.alpha": alpha, "network.seed": seed}))
            assert there["run"].values.tolist() == alone["run"].values.tolist()
            assert there["status"].values.tolist() == alone["status"].values.tolist()
            assert there["status_text"].values.tolist() == alone["status_text"].values.tolist()
            np.testing.assert_array_equal(there["final_loss"], loss_now(alone))
            np.testing.assert_array_equal(there["mean_rate"], mean_rate(alone))
            np.testing.assert_array_equal(there["slowest_rate"], slowest_rate(alone))
            np.testing.assert_array_equal(there["kernel_drift"], gnviz.last(alone["kernel_drift"]))
            np.testing.assert_array_equal(
                there["kernel_limit_distance"],
                gnviz.last(alone["kernel_drift"].copy(data=kernel_limit_distance(alone))),
            )
            np.testing.assert_array_equal(there["time_to_loss"], gnviz.time_to_loss(alone, 1e-6))
            later = of_sweeps.time_to_loss(ds, 0.03).sel({"network.alpha": alpha, "network.seed": seed})
            np.testing.assert_array_equal(later, gnviz.time_to_loss(alone, 0.03))
    assert np.isfinite(of_sweeps.time_to_loss(ds, 0.03)).any()


def test_it_is_labelled_reduced_saved_and_read_as_any_dataset(tmp_path):
    ds = gnviz.sweep(tiny(), OVER, runner=Here())
    assert ds["final_loss"].dims == ("network.alpha", "network.seed", "run")
    assert Experiment.from_json(ds.attrs["experiment"]) == tiny()
    assert json.loads(ds.attrs["sweep"]) == OVER
    assert {"schema", "version", "level", "clock"} <= set(ds.attrs)
    assert all(ds[name].attrs["long_name"] == measure.words for name, measure in MEASURES.items())
    median = ds.median("network.seed")
    assert median["final_loss"].sizes == {"network.alpha": 2, "run": 2}
    assert np.isfinite(median["final_loss"]).all()
    assert ds["kernel_drift"].quantile([0.25, 0.75], "network.seed").sizes["quantile"] == 2
    assert gnviz.load(gnviz.save(ds, tmp_path / "map.nc")).identical(ds)


def test_refused_cells_are_recorded_with_their_sentence():
    """One is refused when it is set up, the other when its problem is built."""
    over = {"data.condition": [None, 200.0], "data.kind": ["line", "circle", "csv"]}
    ds = gnviz.sweep(tiny(**{"data.n": 4, "network.seed": 1}), over, runner=Here()).isel(run=0)
    assert ds["status"].values.tolist() == [
        ["finished", "finished", "refused"],
        ["finished", "refused", "refused"],
    ]
    assert "data.condition = 200 cannot be reached" in ds["status_text"].values[1, 1]
    assert "data.path" in ds["status_text"].values[0, 2]
    np.testing.assert_array_equal(np.isnan(ds["final_loss"]), ds["status"] == "refused")


def test_a_bad_grid_starts_nothing():
    runner = Here()
    for over in ({"network.alpha": []}, {"network.alfa": [1.0]}, {"network.alpha": [1.0, 0.0]}):
        with pytest.raises(KnobError):
            gnviz.sweep(tiny(), over, runner=runner)
    with pytest.raises(KnobError, match="level"):
        gnviz.sweep(tiny(), OVER, level=0.0, runner=runner)
    assert not runner.submitted


def test_progress_counts_and_says_so_in_words():
    told = []
    gnviz.sweep(tiny(), OVER, runner=Here(), progress=told.append)
    assert [p.done for p in told] == list(range(1, 7))
    assert str(told[0]) == "1 of 6 cells"
    assert str(told[1]) == "2 of 6 cells, a few seconds left"
    assert str(told[-1]) == "6 of 6 cells"


def test_who_has_a_loop_advances_a_sweep_which_never_waits():
    sweep, runner = Sweep(tiny(), OVER), Here(places=8)
    assert not sweep.advance(runner, most=2)
    assert (sweep.under_way, len(runner.submitted)) == (2, 2), "no more than it may"
    assert not sweep.advance(runner, most=2), "nothing has come, and nobody waits for it"
    assert str(sweep.progress) == "0 of 6 cells"
    for one in list(sweep._under_way):
        one.job.wait()
    assert sweep.advance(runner, most=2)
    assert (sweep.done, sweep.under_way) == (2, 2)
    sweep.stop()
    assert (sweep.done, sweep.under_way, sweep.complete) == (2, 0, False)
    assert sweep.run(runner).identical(gnviz.sweep(tiny(), OVER, runner=Here()))
    np.testing.assert_array_equal(
        sweep.dataset(level=0.03)["time_to_loss"], of_sweeps.time_to_loss(sweep.dataset(), 0.03)
    )


def test_an_advance_looks_at_few_cells_also_where_all_are_refused(monkeypatch):
    def refuse(index):
        raise KnobError("not allowed together")

    sweep = Sweep(tiny(), OVER)
    monkeypatch.setattr(sweep.grid, "at", refuse)
    assert sweep.advance(Here(), most=2)
    assert sweep.done == 2, "or a page would stand still meanwhile"


def test_a_stopped_sweep_goes_on_and_computes_nothing_twice(tmp_path):
    class Stop(BaseException):
        pass

    computed = []

    def third_is_the_last(experiment):
        if len(computed) == 3:
            raise Stop
        computed.append(name_of(experiment))

    started = Sweep(tiny(), OVER, folder=tmp_path)
    with pytest.raises(Stop):
        started.run(Here(before=third_is_the_last))
    assert (started.dataset()["status"].isel(run=0) == "missing").sum() == 3
    told = []
    again = Here(before=lambda e: computed.append(name_of(e)))
    ds = gnviz.sweep(tiny(), OVER, folder=tmp_path, runner=again, progress=told.append)
    assert len(computed) == len(set(computed)) == 6
    assert (told[-1].done, told[-1].kept) == (6, 3)
    assert ds.identical(gnviz.sweep(tiny(), OVER, runner=Here()))
    assert started.run(Here(before=lambda e: pytest.fail("kept"))).identical(ds)
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".npz"] * 6


def test_a_larger_sweep_takes_what_a_smaller_one_kept(tmp_path):
    gnviz.sweep(tiny(), OVER, folder=tmp_path, runner=Here())
    runner = Here()
    gnviz.sweep(tiny(), OVER | {"network.seed": range(4)}, level=1e-3, folder=tmp_path, runner=runner)
    assert [e.network.seed for e in runner.submitted] == [3, 3]


@pytest.mark.parametrize(
    "damage", [lambda d: d[:100], lambda d: d[:500] + b"x" * 99 + d[599:], lambda d: b""]
)
def test_a_damaged_file_is_said_and_computed_again(tmp_path, damage):
    ds = gnviz.sweep(tiny(), OVER, folder=tmp_path, runner=Here())
    victim = tmp_path / f"{name_of(tiny(**{'network.alpha': 10.0, 'network.seed': 1}))}.npz"
    victim.write_bytes(damage(victim.read_bytes()))
    runner = Here()
    with pytest.warns(UserWarning, match=f"{victim.name} is damaged"):
        again = gnviz.sweep(tiny(), OVER, folder=tmp_path, runner=runner)
    assert len(runner.submitted) == 1
    assert again.identical(ds)


def test_two_sweeps_at_a_time_share_a_folder_and_the_work(tmp_path):
    computed, made, both = [], {}, threading.Barrier(2)

    def work(name):
        first = True

        def before(experiment):
            nonlocal first
            if first:
                both.wait(60)
                first = False
            computed.append(name_of(experiment))

        made[name] = gnviz.sweep(tiny(), OVER, folder=tmp_path, runner=Here(before=before))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(computed) == sorted(set(computed))
    assert made[0].identical(made[1])


def test_a_lost_cell_is_tried_again_and_then_recorded():
    lost = {}

    def before(experiment):
        seed = experiment.network.seed
        lost[seed] = lost.get(seed, 0) + 1
        if seed == 2 or (seed == 1 and lost[1] == 1):
            return JobStatus.LOST, "The worker process died."
        return None

    ds = gnviz.sweep(tiny(), {"network.seed": [0, 1, 2, 3]}, runner=Here(before=before))
    assert lost == {0: 1, 1: 2, 2: 3, 3: 1}
    assert ds["status"].isel(run=0).values.tolist() == ["finished", "finished", "lost", "finished"]
    assert ds["status_text"].values[2, 0] == "The worker process died."


def test_a_sweep_whose_workers_all_die_ends_with_a_sentence():
    runner = Here(places=2, before=lambda e: (JobStatus.LOST, "No worker process could be started."))
    with pytest.raises(ConnectionError, match="lost its workers: No worker process could be started"):
        gnviz.sweep(tiny(), {"network.seed": range(50)}, runner=runner)


def test_an_engines_error_is_recorded_and_not_kept(tmp_path):
    runner = Here(before=lambda e: (JobStatus.FAILED, "RuntimeError: trouble"))
    ds = gnviz.sweep(tiny(), OVER, folder=tmp_path, runner=runner)
    assert (ds["status"] == "failed").all()
    assert list(tmp_path.iterdir()) == []


def test_names_tell_all_that_numbers_depend_on(tmp_path):
    table = tmp_path / "own.csv"
    table.write_text("x,y\n1,2\n2,3\n3,5\n")
    own = tiny(**{"data.kind": "csv", "data.path": str(table)})
    before = name_of(own)
    assert name_of(own) == before != name_of(tiny())
    table.write_text("x,y\n1,2\n2,3\n3,6\n")
    assert name_of(own) != before
    assert Folder(tmp_path / "new").find(before) is None


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file cannot keep a sweep"):
        gnviz.sweep(tiny(), OVER, folder=tmp_path / "file", runner=Here())


def test_a_sweep_sleeps_while_its_workers_compute(monkeypatch):
    waits, wait = [], SubmittedJob.wait

    def counted(job, timeout):
        waits.append(wait(job, timeout))
        return waits[-1]

    with LocalRunner(workers=1, threads=1) as runner:
        gnviz.sweep(tiny(), {"network.seed": [7]}, runner=runner)  # the worker has started
        monkeypatch.setattr(SubmittedJob, "wait", counted)
        gnviz.sweep(tiny(), OVER, runner=runner)
    assert sum(waits) <= 2 * 6, "a result, and an end, for each cell"


def test_any_number_of_workers_gives_the_same(tmp_path):
    alone = gnviz.sweep(tiny(), OVER, runner=Here())
    with LocalRunner(workers=2, threads=1) as runner:
        assert gnviz.sweep(tiny(), OVER, runner=runner).identical(alone)
        other_order = {"network.seed": [2, 0, 1], "network.alpha": [10.0, 1.0]}
        other = gnviz.sweep(tiny(), other_order, runner=runner)
    for name in MEASURES:
        turned = other[name].reindex_like(alone[name]).transpose(*alone[name].dims)
        np.testing.assert_array_equal(turned, alone[name])
