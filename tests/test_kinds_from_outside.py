"""A loss, a data set and an activation from outside: on the page, in workers, texts and the command line."""

import numpy as np
import param
import pytest
import torch
from checks import assert_close

import gnviz
from gnviz import Activation, DataSet, Experiment, KnobError, Loss
from gnviz.activations import ACTIVATIONS
from gnviz.data import DATA_SETS
from gnviz.jobs import JobStatus, stream
from gnviz.lab.controls.controls import Controls
from gnviz.losses import LOSSES
from gnviz.problem.build import build
from gnviz.report import catalogue
from gnviz.results import Recording

SMALL = {"network.width": 8, "clock.horizon": 1.0, "clock.snapshots": 4, "device": "cpu"}
SMALL |= {"methods": ["gradient-flow"]}

EXACT = 1e-12
"""A few float64 roundings."""


class Quartic(Loss):
    """Between squares and fourth powers; gradient and curvature by automatic differentiation."""

    label, meaning = "quartic", "squares, and fourth powers of large errors"

    share = param.Number(0.5, bounds=(0.0, 10.0), doc="Weight of the fourth powers.")

    def terms(self, u, y):
        r = u - y
        return r**2 / 2 + self.share * r**4 / 4


class Spiral(DataSet):
    """Points on a spiral, with the turn as target."""

    label, meaning = "spiral", "points on a spiral"

    n = param.Integer(20, bounds=(2, 50), doc="Number of samples.")
    turns = param.Number(2.0, bounds=(0.1, 10.0), doc="How often it winds.")

    def samples(self, given):
        t = np.linspace(0.1, 1, self.n)
        angle = 2 * np.pi * self.turns * t
        return np.c_[t * np.cos(angle), t * np.sin(angle)], t


class Bump(Activation):
    """A bump, as wide as one likes; its slope is by automatic differentiation."""

    label, meaning = "bump", "exp(−z²/width²)"

    wide = param.Number(1.0, bounds=(0.1, 10.0), doc="Its width.")

    def value(self, z):
        return torch.exp(-((z / self.wide) ** 2))


KINDS = ((LOSSES, Quartic), (DATA_SETS, Spiral), (ACTIVATIONS, Bump))


@pytest.fixture(autouse=True)
def registered():
    for _, kind in KINDS:
        gnviz.register(kind)
    yield
    for registry, kind in KINDS:
        registry.remove(kind.label)


def everything():
    experiment = Experiment(data=Spiral(n=6, turns=1.5), loss=Quartic(share=2))
    experiment.network.activation = Bump(wide=2)
    return experiment.replace(SMALL)


def test_they_round_trip_by_name():
    experiment = everything()
    assert Experiment.from_json(experiment.to_json()) == experiment
    assert Experiment.from_query(experiment.to_query()) == experiment
    assert "data.turns=1.5" in experiment.to_query()
    assert "network.activation=bump(wide=2)" in experiment.to_query()
    assert experiment.data.choice == Spiral(n=6, turns=1.5)
    assert eval(repr(experiment), {**vars(gnviz), **globals(), "Network": gnviz.Network, "Clock": gnviz.Clock,
                                   "GradientFlow": gnviz.GradientFlow}) == experiment  # fmt: skip


def test_an_experiment_that_uses_none_of_them_does_not_mention_them():
    for experiment in (Experiment(), everything().replace({"data.kind": "ring", "loss.kind": "squared"})):
        assert not {"turns", "share"} & {*experiment.to_dict()["data"], *experiment.to_dict()["loss"]}


def test_a_knob_of_several_kinds_is_refused_where_the_chosen_one_does_not_allow_it():
    with pytest.raises(KnobError, match=r"data.n = 60 is not allowed: an integer from 2 to 50"):
        Experiment(data=Spiral()).replace({"data.n": 60})
    experiment = Experiment().replace({"data.n": 60})
    with pytest.raises(KnobError, match=r"data.n = 60 is not allowed: an integer from 2 to 50"):
        experiment.data.kind = "spiral"
    assert experiment.data.kind == "circle"


def test_what_is_given_by_automatic_differentiation_is_right():
    u, y = torch.linspace(-2, 2, 5, dtype=torch.float64)[None], torch.full((5,), 0.3, dtype=torch.float64)
    r, loss = u - y, Quartic(share=2)
    assert_close(loss.gradient(u, y), r + 2 * r**3, rtol=EXACT, label="e")
    assert_close(loss.curvature(u, y), 1 + 6 * r**2, rtol=EXACT, label="G")
    z = torch.linspace(-3, 3, 7, dtype=torch.float64)
    want = -z / 2 * torch.exp(-(z**2) / 4)
    assert_close(Bump(wide=2).slope(z, Bump(wide=2).value(z)), want, rtol=EXACT, label="slope")


def test_the_structured_kernel_is_that_of_the_activation():
    problem = build(everything())
    linear = problem.model.linearize(problem.w0[None], problem.samples.x)
    dense = torch.func.jacrev(lambda w: problem.model.outputs(w[None], problem.samples.x)[0])(problem.w0)
    # two orders of summation over some dozen terms
    assert_close(linear.kernel()[0], dense @ dense.mT, rtol=1e-11, label="K")


def test_they_run_here_and_in_a_worker_process(worker):
    experiment = everything()
    here = gnviz.run(experiment)
    assert here.sizes["sample"] == 6
    assert (np.diff(here.loss[0]) < 0).all()
    assert here.attrs["loss_kind"] == "quartic"
    job = worker.submit(experiment)
    there = Recording.of(stream(job)).dataset()
    assert (job.status, job.error) == (JobStatus.FINISHED, None)
    assert_close(there.loss, here.loss, rtol=1e-9)


def test_the_page_offers_them_with_their_knobs():
    controls = Controls(Experiment().replace(SMALL))
    assert controls.widgets["data.kind"].options["points on a spiral"] == "spiral"
    assert "quartic" in controls.widgets["loss.kind"].options
    assert "bump" in controls.widgets["network.activation"].options
    assert controls.widgets["data.turns"] not in controls._relevant("Data")
    controls.widgets["data.kind"].value = "spiral"
    controls.widgets["loss.kind"].value = "quartic"
    assert controls.problem == ""
    assert controls.widgets["data.turns"] in controls._relevant("Data")
    assert controls.widgets["loss.share"] in controls._relevant("Loss")
    controls.widgets["data.turns"].value = 3.0
    assert controls.experiment.data.choice == Spiral(n=10, turns=3)
    controls.load(everything())
    assert controls.widgets["network.activation"].value == "bump(wide=2)"


def test_the_command_line_lists_them():
    text = catalogue()
    assert "quartic: squares, and fourth powers of large errors; loss.share" in text
    assert "spiral: points on a spiral; data.target, data.seed, data.test, data.n, data.turns" in text
    assert "bump: exp(−z²/width²)" in text
    assert "data.turns = 2  (a number from 0.1 to 10)" in text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("loss.kind=quartic", "loss.kind = 'quartic' is not allowed: one of 'squared'"),
        ("data.kind=spiral", "data.kind = 'spiral' is not allowed: one of 'circle'"),
        ("network.activation=bump", "network.activation = 'bump' is not allowed: one of 'tanh'"),
    ],
)
def test_a_link_to_one_that_this_process_does_not_have_is_refused(query, words):
    assert Experiment.from_query(query)
    for registry, kind in KINDS:
        registry.remove(kind.label)
    try:
        with pytest.raises(KnobError, match=words):
            Experiment.from_query(query)
    finally:
        for _, kind in KINDS:
            gnviz.register(kind)


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.ones((3, 2)), np.ones(4), r"x and y have shapes \(3, 2\) and \(4,\); allowed: \(n, d\) and"),
        (np.full((3, 2), np.nan), np.ones(3), "x holds numbers that are not finite; allowed: finite numbers"),
        (np.ones((2001, 1)), np.ones(2001), "with n up to 2000"),
    ],
)
def test_samples_that_cannot_be_used_are_told(monkeypatch, x, y, words):
    monkeypatch.setattr(Spiral, "samples", lambda self, given: (x, y))
    with pytest.raises(KnobError, match=f"data.kind = 'spiral': .*{words}"):
        build(everything())
