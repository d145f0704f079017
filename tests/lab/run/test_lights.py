"""The marks behind a run's status: what they say, to whom, and how much of it is sent."""

import re

import numpy as np
import pytest
from made import ended, few_parameters, made_dataset, made_recording

from gnviz.analysis.measures import LAZY, RICH
from gnviz.lab.run.lights import LEAST, marks
from gnviz.lab.run.status import StatusLines

RUN = "adaptive(c=1)"

MOST_BYTES = 1200
"""Of the marks of one run: a page sends them five times a second."""


@pytest.fixture
def ds():
    return made_dataset(20).copy(deep=True)


def lamps(text):
    """Whether each light is on, its label and its title."""
    found = re.findall(r"title='([^']*)'><span class='light( on)?'></span>([^<]*)<", text)
    return [(bool(on), label, title) for title, on, label in found]


def test_a_light_says_condition_value_and_limit(ds):
    on, label, title = lamps(marks(ds)[RUN])[2]
    assert on
    assert label == "a-priori bound holds"
    assert "half its first smallest eigenvalue" in title
    assert "‖Kₜ − K₀‖₂ ≤ λ₀/2: 0, limit 10⁻⁶; holds" in title


def test_a_light_that_went_out_says_when_and_says_so_without_colour(ds):
    ds["kernel_change"].values[2, 7] = 1.0
    on, label, title = lamps(marks(ds)[RUN])[2]
    assert not on
    assert label == f"a-priori bound failed at t = {ds.time.values[7]:.3g}"
    assert label.removeprefix("a-priori bound ") in title
    assert [on for on, *_ in lamps(marks(ds)[RUN])] == [True, True, False]


def test_what_rests_on_nothing_has_no_light():
    assert not any(lamps(x) for x in marks(made_dataset(9, clock="steps")).values())
    assert [len(lamps(x)) for x in marks(few_parameters()).values()] == [2, 2, 2]
    assert marks(made_dataset(0))[RUN] == ""


@pytest.mark.parametrize(
    ("gap", "drift", "word", "width"),
    [
        (LEAST / 10, 0.0, "lazy", 0),
        (LAZY, LAZY / 2, "lazy", 67),
        (0.0, 0.2, "between", 77),
        (RICH, 0.2, "rich", 90),
        (0.2, 30.0, "rich", 100),
        (np.nan, 1.0, "rich", 100),
    ],
)
def test_the_gauge_from_lazy_to_rich(ds, gap, drift, word, width):
    ds["lazy_gap"].values[2, -1], ds["kernel_drift"].values[2, -1] = gap, drift
    text = marks(ds)[RUN]
    assert text.endswith(f"training is {word}</span>")
    assert f"width:{width}%" in text


def test_before_the_first_step_and_after_a_breakdown(ds):
    assert "regime" not in marks(ds)[RUN], "nothing has moved"
    ds["lazy_gap"].values[2, 5:], ds["kernel_drift"].values[2, 5:] = np.nan, np.nan
    ds["lazy_gap"].values[2, 4] = 0.3
    assert marks(ds)[RUN].endswith("between</span>"), "the last that is known"


def test_the_marks_are_light(ds):
    ds["lazy_gap"].values[:] = 0.2
    assert max(len(x.encode()) for x in marks(ds).values()) < MOST_BYTES


def test_status_lines_carry_them():
    lines = StatusLines()
    lines.tell(made_recording(9))
    assert len(lamps(lines.pane.more)) == 9


def test_when_a_run_has_ended_its_lights_say_what_they_last_saw(ds):
    cut = ended(ds, 2, float(ds["time"].values[6:8].mean()))
    before = marks(ds.isel(time=slice(7)))[RUN]
    assert lamps(marks(cut)[RUN]) == lamps(before)
    assert all(on and "nan" not in title for on, _, title in lamps(before))
