"""A laboratory made ahead, for the next visitor."""

from itertools import islice

import numpy as np
import pytest
from made import made_header, made_snapshots

from gnviz.experiment import Experiment
from gnviz.lab.server.prewarmed import Prewarmed
from gnviz.results import Recording

FIRST = 6


@pytest.fixture
def spare(runner):
    spare = Prewarmed(runner)
    spare.recording = Recording.of(islice(made_snapshots(made_header(moments=40)), FIRST))
    spare.make()
    return spare


def test_it_shows_the_first_moments_before_any_run(spare, runner):
    lab = spare.take(Experiment())
    assert not runner.jobs
    assert lab.live.count == FIRST
    drawn = [name for name, figure in lab.board.figures.items() if figure.pane.object is not None]
    assert drawn == ["loss", "learned"], "those that lead; the others once they are in sight"


def test_it_is_handed_out_once(spare):
    assert spare.take(Experiment()) is not None
    assert spare.take(Experiment()) is None
    spare.make()
    assert spare.take(Experiment()) is not None


def test_another_experiment_does_not_get_it(spare):
    assert spare.take(Experiment().replace({"network.width": 123})) is None
    assert spare.take(Experiment()) is not None


def test_none_is_handed_out_without_moments(runner):
    spare = Prewarmed(runner)
    spare.make()
    assert spare.take(Experiment()) is None
    built = spare.build()
    assert spare.take(Experiment()) is None
    spare.recording = Recording.of(islice(made_snapshots(made_header(moments=40)), FIRST))
    spare.make()
    assert spare.take(Experiment()) is built


def test_its_own_run_takes_the_place_of_what_it_showed(spare, runner):
    lab = spare.take(Experiment())
    shown = lab.board.figures["loss"].sources["gradient-flow"].data["loss"].copy()
    lab.compute(paused=True, moments=FIRST)
    lab.tick()
    assert lab.live.new == 2
    assert lab.live.count == FIRST
    np.testing.assert_array_equal(lab.board.figures["loss"].sources["gradient-flow"].data["loss"], shown)
    runner.jobs[0].compute(4)
    lab.tick()
    lab.tick()
    assert len(lab.board.figures["loss"].sources["gradient-flow"].data["loss"]) > len(shown)
