import pytest

from gnviz.experiment import Experiment
from gnviz.jobs.base import JobStatus
from gnviz.lab.run.live import LiveRun


@pytest.fixture
def live(runner):
    return LiveRun(runner)


def test_moments_arrive_in_one_recording(live, runner):
    live.start(Experiment())
    runner.jobs[0].compute(3)
    live.tick()
    runner.jobs[0].compute(4)
    live.tick()
    assert (live.new, live.count, live.recording.count) == (1, 7, 7)
    assert live.status == JobStatus.RUNNING


def test_moments_computed_before_the_end_are_not_lost(live, runner):
    live.start(Experiment())
    runner.jobs[0].compute(40)
    runner.jobs[0].end()
    live.tick()
    assert live.count == 40
    assert live.status == JobStatus.FINISHED
    assert not live.active
    assert live.progress()[0] == 100


def test_a_new_start_cancels_the_old_job_and_begins_a_recording(live, runner):
    live.start(Experiment())
    runner.jobs[0].compute(5)
    live.tick()
    live.start(Experiment())
    assert runner.jobs[0].status == JobStatus.CANCELLED
    runner.jobs[1].compute(2)
    live.tick()
    assert (live.new, live.count) == (2, 2)


def test_a_cancelled_run_keeps_what_it_has_and_says_so(live, runner):
    live.start(Experiment())
    runner.jobs[0].compute(5)
    live.tick()
    live.cancel()
    live.tick()
    assert live.recording.count == 5
    assert set(live.recording.status) == {"cancelled"}
    assert "after 5 moments" in live.recording.status_text[0]


def test_a_lost_worker_is_reported_and_the_next_run_works(live, runner):
    live.start(Experiment())
    runner.jobs[0].compute(5)
    runner.jobs[0].end(JobStatus.LOST, "The worker process died.")
    live.tick()
    assert live.message == "The worker process died."
    assert set(live.recording.status) == {"lost"}
    live.start(Experiment())
    assert live.message == ""
    assert live.active


def test_a_refused_experiment_leaves_the_last_recording_alone(live, runner):
    live.start(Experiment())
    runner.jobs[0].compute(40)
    runner.jobs[0].end()
    live.tick()
    live.start(Experiment())
    runner.jobs[1].end(JobStatus.FAILED, "data.condition = 100 cannot be reached")
    live.tick()
    assert "cannot be reached" in live.message
    assert set(live.recording.status) == {"running"}, "the made runs' own words"


def test_pause_step_and_resume(live, runner):
    live.start(Experiment(), paused=True)
    assert live.status == JobStatus.PAUSED
    live.step()
    live.tick()
    assert live.count == 1
    live.pause_or_resume()
    assert runner.jobs[0].status == JobStatus.RUNNING
    live.pause_or_resume()
    assert runner.jobs[0].status == JobStatus.PAUSED


def test_controls_without_a_job_do_nothing(live):
    live.step()
    live.cancel()
    live.pause_or_resume()
    live.tick()
    assert live.progress() == (0.0, "no moment was computed")


def test_the_time_left_goes_by_the_speed_since_the_run_went_on(live, runner, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("gnviz.lab.run.live.time.monotonic", lambda: now[0])
    live.start(Experiment())
    runner.jobs[0].compute(10)
    now[0] = 10.0
    live.tick()
    assert live.progress() == (25.0, live.progress()[1])
    assert live.progress()[1].endswith("about 30 seconds left"), "30 of 40 moments at 1 a second"
    live.pause_or_resume()
    now[0] = 1000.0
    live.pause_or_resume()
    assert "left" not in live.progress()[1], "nothing is known yet of how fast it goes on"
    runner.jobs[0].compute(10)
    now[0] = 1010.0
    live.tick()
    assert live.progress()[1].endswith("about 20 seconds left"), "20 of 40 moments at 1 a second"


def test_a_run_that_waits_says_how_many_are_before_it(runner, monkeypatch):
    live = LiveRun(runner)
    live.start(Experiment())
    runner.jobs[0].status = JobStatus.WAITING
    for ahead, words in ((0, "waiting for the first moment"), (1, "1 run was"), (7, "7 runs were")):
        monkeypatch.setattr(runner, "ahead", lambda job, ahead=ahead: ahead)
        assert words in live.progress()[1]
