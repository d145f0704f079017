"""The laboratory as a notebook gets it."""

import threading

import numpy as np
import pytest
import torch

import gnviz
from gnviz.lab.explore import explore
from gnviz.lab.laboratory import Laboratory


def decay(w, x):
    return w[0] * torch.exp(-w[1] * x) + w[2]


@pytest.fixture
def problem():
    x = torch.linspace(0, 4, 12, dtype=torch.float64)
    return gnviz.make_problem(decay, x, y=decay(torch.tensor([2.0, 1.3, 0.5]), x), w0=[1.0, 0.2, 0.0])


@pytest.fixture(autouse=True)
def _no_workers(monkeypatch, runner):
    monkeypatch.setattr("gnviz.lab.laboratory.shared_runner", lambda: runner)


def test_it_opens_the_default_an_experiment_or_a_preset():
    assert explore().controls.experiment == gnviz.Experiment()
    experiment = gnviz.Experiment().replace({"network.width": 60})
    assert gnviz.explore(experiment).controls.experiment == experiment
    lab = explore("figure3")
    assert lab.controls.experiment == gnviz.preset("figure3")
    assert lab.pages.value == "scaling"


def test_it_trains_once_a_browser_draws_it_and_not_again(runner):
    lab = explore("figure2")
    assert not runner.jobs
    lab.viewport.drawn = 1.0
    assert [job.experiment for job in runner.jobs] == [gnviz.preset("figure2")]
    lab.viewport.drawn = 2.0
    assert len(runner.jobs) == 1


def test_what_it_cannot_open_is_refused_in_words():
    with pytest.raises(gnviz.KnobError, match="figure2"):
        explore("figure22")
    with pytest.raises(TypeError, match=r"a dict cannot be explored; allowed: an experiment, "):
        explore({})


def test_a_problem_brings_the_controls_that_act_on_it(problem, runner):
    lab = explore(problem)
    lab.controls.later.collapsed = False
    shown = {title for title, column in lab.controls._sections.items() if column.objects}
    assert shown == {"Loss", "Clock", "Computing"}
    assert set(lab.pages.options.values()) == {"training", "theory"}
    lab.start()
    assert runner.problems == [problem]
    runner.jobs[0].compute(1)
    lab.tick()
    lab.controls.change({"clock.kind": "steps"})
    assert runner.problems == [problem, problem]
    assert runner.jobs[-1].experiment.clock.kind == "steps"


def test_a_problem_that_cannot_leave_the_process_is_refused():
    lock = threading.Lock()

    def model(w):
        with lock:
            return w

    with pytest.raises(ValueError, match="problem 'model' cannot be sent to a worker process"):
        explore(gnviz.make_problem(model, y=[1.0, 2.0], w0=[0.0, 0.0]))


@pytest.mark.slow
@pytest.mark.parametrize("inputs", [True, False], ids=["a curve", "no inputs"])
def test_a_problem_is_trained_by_a_worker_as_here_and_drawn(problem, worker, inputs):
    if not inputs:
        turn = torch.tensor([[1.0, 2.0], [0.5, -1.0], [0.0, 1.0]], dtype=torch.float64)
        problem = gnviz.make_problem(lambda w: turn @ w + w[0] ** 2, y=[1.0, 0.0, 2.0], w0=[0.1, 0.2])
    settings = {"methods": ["gauss-newton", "gradient-flow"], "clock.kind": "steps", "clock.steps": 20}
    settings |= {"observe.optimum": False}
    experiment = gnviz.Experiment.from_dict(settings)
    lab = Laboratory(experiment, worker, problem)
    lab.start()
    lab.live.wait(10**6, seconds=120)
    lab.tick()
    assert not lab.complaint.message
    ds = lab.live.recording.dataset()
    here = gnviz.run(experiment, problem)
    np.testing.assert_array_equal(ds["loss"], here["loss"])
    assert ds.attrs["target"] == here.attrs["target"]
    for page in ("training", "theory"):
        lab.pages.value = page
        assert len(lab.board.figures["loss"].sources["gauss-newton"].data["loss"])
