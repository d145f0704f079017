"""`gnviz verify`: what it finds here, and what it says when a number is wrong."""

import math

import numpy as np
import pytest
from made import ended, made_dataset

from gnviz import cli, verify
from gnviz.analysis.ends import past
from gnviz.verify import closed_forms, engine, nist, paper, published, surfaces
from gnviz.verify.check import Finding, agreement, between, equal, largest, small

QUICK = (
    engine.structured_kernel,
    engine.both_spaces,
    engine.lazy_steps,
    engine.certificate,
    closed_forms.constant_jacobian,
    closed_forms.sphere,
    closed_forms.charts,
    surfaces.curvature,
    surfaces.projection,
    published.rosenbrock,
    published.minima,
)
"""The others are what other tests hold to, at more length."""


@pytest.mark.parametrize("check", QUICK, ids=lambda c: c.__name__)
def test_what_is_known_is_found(check):
    findings = list(check())
    assert findings
    for finding in findings:
        assert finding.ok, verify.row(finding)


def test_all_checks_are_run():
    listed = {c for room in (engine, closed_forms, surfaces, published, paper) for c in vars(room).values()
              if getattr(c, "__module__", "") == room.__name__ and not c.__name__.startswith(("_", "on_"))
              and callable(c)}  # fmt: skip
    assert listed == set(verify.checks())


@pytest.mark.parametrize(
    ("error", "digits"), [(1e-3, 3), (0.0, 16), (1e-30, 16), (5.0, 0), (math.nan, 0), (math.inf, 0)]
)
def test_digits(error, digits):
    assert agreement(error) == pytest.approx(digits)


def test_verdicts():
    assert equal("x", 2.0, 2.0 + 2e-7, 6).ok
    assert not equal("x", 2.0, 2.0 + 2e-5, 6).ok
    assert not small("x", math.nan, 1).ok
    assert not between("x", 1, math.nan, 2).ok
    assert between("x", 1, 2.0, 2).ok


def wrong():
    yield equal("pi", math.pi, 3.14, 6)
    raise ValueError("no more\nof it")


def test_a_wrong_number_and_an_error_are_told(monkeypatch, capsys):
    monkeypatch.setattr(verify, "checks", lambda: (engine.both_spaces, wrong))
    assert cli.main(["verify"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert lines[0].split() == ["what", "expected", "found", "digits", "verdict"]
    assert lines[1].endswith("ok")
    assert "3.141592654" in lines[3]
    assert lines[3].split()[-2:] == ["3.3", "WRONG"]
    assert "ValueError: no more of it" in lines[4]
    assert lines[5] == "4 numbers, 2 of them wrong"


def test_all_right(monkeypatch, capsys):
    monkeypatch.setattr(verify, "checks", lambda: (engine.both_spaces,))
    assert cli.main(["verify"]) == 0
    assert capsys.readouterr().out.endswith("2 numbers, all as they should be\n")


def test_a_bound_has_no_digits():
    assert verify.row(Finding("a", "b", "c", math.nan, True)).split() == ["a", "b", "c", "-", "ok"]


def test_the_largest_error_is_that_of_runs_that_ended_well():
    ds = ended(made_dataset(9), 1, 0.2)
    error = np.where(past(ds), np.nan, 0.25)
    assert math.isnan(largest(ds, error)), "two runs are still under way"
    ds["status"].values[[0, 2]] = "finished"
    assert largest(ds, error) == 0.25
    ds["status"].values[0] = "singular"
    assert math.isnan(largest(ds, error))
    assert math.isnan(largest(ds, np.nan * error))


def test_a_regression_knows_the_weights_at_which_its_run_came_to_rest():
    near = nist.regress("Misra1a", steps=60)[1]
    assert near.parameters >= nist.ENOUGH
    assert near.sum_of_squares >= nist.ENOUGH
    assert 0 < near.steps < 60
