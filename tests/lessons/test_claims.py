"""Claims: what is read, what a reader sees, and when one holds."""

import math

import numpy as np
import pytest
from made import made_dataset

import gnviz
from gnviz import Experiment, KnobError
from gnviz.lessons import LESSONS, read
from gnviz.lessons.claims import parse_claim, spoken, tolerance
from gnviz.lessons.quantities import reading
from gnviz.verify import lessons as verified


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("812", "812"),
        ("62000", "62,000"),
        ("5.4e7", "5.4 × 10⁷"),
        ("1e-6", "10⁻⁶"),
        ("0.35", "0.35"),
        ("-3", "-3"),
    ],
)
def test_numbers_are_shown_as_people_write_them(value, shown):
    assert spoken(value) == shown
    assert parse_claim(f"time(gradient-flow, 1) = {value}", 1).shown == shown


@pytest.mark.parametrize(
    ("value", "far"),
    [
        ("812", 1),
        ("12.3", 0.1),
        ("0.35", 0.01),
        ("5.4e7", 0.1e7),
        ("11600", 100),
        ("7", 0.35),
        ("20", 1),
        ("0", 0),
    ],
)
def test_an_equality_allows_a_unit_of_the_last_digit_and_never_more_than_a_twentieth(value, far):
    assert tolerance(value) == pytest.approx(far, rel=1e-9)


def test_claims_hold_or_do_not():
    claim = parse_claim("time(gradient-flow, 1e-6) = 812", 1)
    assert claim.holds(811.2)
    assert not claim.holds(813.5)
    assert not claim.holds(math.nan)
    assert not parse_claim("time(gradient-flow, 1e-6) < 812", 1).holds(math.nan)
    assert parse_claim("time(gradient-flow, 1e-6) > 10", 1).holds(11)
    word = parse_claim("status(gauss-newton) = singular | breaks down", 1)
    assert (word.shown, word.holds("singular"), word.holds("finished")) == ("breaks down", True, False)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("time(gradient-flow, 1e-6)", "is no claim"),
        ("time = 3", "is no quantity"),
        ("time(gradient-flow) = 3", "is not time(method, loss)"),
        ("time(1e-6) = 3", "unknown method '1e-6'"),
        ("time(gradient-flow, soon) = 3", "are no numbers"),
        ("thyme(gradient-flow, 1) = 3", "unknown quantity 'thyme'; did you mean 'time'"),
        ("time(adam, 1) / time(adam, 1) / time(adam, 1) = 3", "has 3 quantities"),
        ("time(adam(step=1), 1) = 3", "unknown parameter of adam 'step'"),
        ("status(gauss-newton) = singular", "compares with 'singular'"),
        ("status(gauss-newton) < singular | x", "compares with 'singular'"),
    ],
)
def test_what_is_no_claim_is_refused(text, why):
    with pytest.raises(KnobError) as told:
        parse_claim(text, 1)
    assert why in str(told.value)


def test_a_run_is_found_by_method_alpha_and_seed():
    experiment = Experiment().replace({"ensemble.alphas": "1;10", "ensemble.seeds": 2})
    found = reading("end_loss", "adaptive(c=1), alpha=10, seed=1").position(experiment)
    assert experiment.runs[found].label == "adaptive(c=1), alpha=10, seed 1"
    with pytest.raises(KnobError, match=r"2 runs are 'method=adaptive\(c=1\), alpha=10'"):
        reading("end_loss", "adaptive(c=1), alpha=10").position(experiment)


def test_quantities_are_read_off_a_dataset():
    ds = made_dataset()
    experiment = Experiment.from_json(ds.attrs["experiment"])
    method = experiment.methods[1]

    def found(name, *numbers):
        return reading(name, ", ".join([method, *map(str, numbers)])).of(ds, experiment)

    time, loss = ds["time"].values, ds["loss"].values[1]
    assert found("loss", time[5]) == loss[5]
    middle = math.sqrt(time[5] * time[6])
    assert found("loss", middle) == pytest.approx(math.sqrt(loss[5] * loss[6]))
    assert math.isnan(found("loss", 2 * time[-1]))
    assert found("end_loss") == loss[-1]
    assert found("end_time") == time[-1]
    assert found("peak") == loss.max()
    assert found("status") == str(ds["status"].values[1])
    assert found("condition") == ds.attrs["condition"]
    for name, variable in (("eigenvalue", "eigenvalues"), ("rate", "rate")):
        assert found(name, 2, time[3]) == ds[variable].values[1, 3, 1]
    assert found("residual", 1, time[3]) == abs(ds["residual_modes"].values[1, 3, 0])
    assert found("rho", time[3]) == ds["rho"].values[1, 3]
    assert found("kernel_drift") == ds["kernel_drift"].values[1, -1]
    assert found("correct") == (np.sign(ds["prediction"].values[1, -1]) == np.sign(ds["y"].values)).sum()
    assert found("time", loss[4]) == pytest.approx(time[4])


TAUGHT = """---
title: A title
question: Why?
summary: Because.
page: training
figures: loss
experiment: ?data.kind=xor&network.width=4&clock.horizon=1&clock.snapshots=4&methods=gradient-flow
---
## One
The loss is {loss(gradient-flow, 0) = 2}, not {loss(gradient-flow, 0) = 3}, and it
{status(gradient-flow) = finished | ends}. It
{end_loss(gradient-flow) / loss(gradient-flow, 0) < 1 | falls}.

## Check yourself
Is {correct(gradient-flow) > 5} all?

### Answer
No.
"""


def test_claims_are_held_against_their_runs(tmp_path):
    path = tmp_path / "taught.md"
    path.write_text(TAUGHT, encoding="utf-8")
    right, wrong, word, ratio, many = verified.claims(read(path))
    assert (right.ok, right.found, right.digits) == (True, "2", 16.0)
    assert (wrong.ok, wrong.found, wrong.expected) == (False, "2", "3")
    assert wrong.what == "taught:10 loss(gradient-flow, 0) = 3"
    assert (word.ok, word.found) == (True, "finished")
    assert ratio.ok
    assert 0 < float(ratio.found) < 1
    assert (many.ok, many.expected) == (False, "> 5")


def test_the_table_names_what_is_wrong(tmp_path):
    path = tmp_path / "taught.md"
    path.write_text(TAUGHT, encoding="utf-8")
    gnviz.register(read(path))
    try:
        lines = list(verified.table(["taught"]))
    finally:
        LESSONS.remove("taught")
    assert [line.split()[0] for line in lines] == ["ok", "WRONG", "ok", "ok", "WRONG"]
    assert "taught:10 loss(gradient-flow, 0) = 3  (3)" in lines[1]
