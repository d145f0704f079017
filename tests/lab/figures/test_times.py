"""Time axes that stay while settings change."""

import pytest

import gnviz
from gnviz import Experiment
from gnviz.dynamics.simulate import simulate
from gnviz.lab.figures.times import time_range
from gnviz.results import Recording

SMALL = {"network.width": 50, "data.n": 4, "clock.snapshots": 8, "clock.tol": 1e-2}


def recorded(**settings):
    """Return a run's header and Dataset after its first moment."""
    experiment = Experiment().replace(SMALL | settings)
    recording = Recording.of([next(iter(simulate(experiment)))])
    return recording.header, recording.dataset()


def span(scale="log", others=(), **settings):
    return time_range(*recorded(**settings), others, scale)


def test_axes_stay_while_the_conditioning_is_dragged():
    ends = [span(**{"data.condition": kappa})[1] for kappa in (1e5, 1e8, 1e11)]
    own = [recorded(**{"data.condition": kappa})[0].time[-1] for kappa in (1e5, 1e8, 1e11)]
    assert own[-1] / own[0] > 1e5
    assert ends == pytest.approx([ends[0]] * 3)
    assert min(ends) >= own[-1]


@pytest.mark.parametrize(
    "settings",
    [
        {"methods": ["gauss-newton", "adaptive(c=1)"]},
        {"clock.horizon": 50.0},
        {"data.condition": None},
        {"clock.kind": "steps", "clock.steps": 100},
    ],
)
def test_axes_end_with_the_run_where_the_dial_does_not_move_its_end(settings):
    header, ds = recorded(**settings)
    assert time_range(header, ds, (), "log") == (header.time[1], header.time[-1])


def test_a_linear_axis_ends_with_the_run():
    header, ds = recorded()
    assert time_range(header, ds, (), "linear") == (header.time[1], header.time[-1])


def test_axes_reach_to_the_end_of_what_is_drawn_beside():
    other = gnviz.run(Experiment().replace(SMALL | {"clock.horizon": 1000.0}))
    own = span(methods=["gauss-newton"])
    assert other["time"].values[-1] > own[1]
    assert span(others=[other], methods=["gauss-newton"]) == (own[0], other["time"].values[-1])
