"""What other starts say of the optimum, read off made Datasets."""

import numpy as np
import pytest
from made import few_parameters

from gnviz.analysis.optimality import CAVEAT, best_known, in_short, remarks, searched, verdicts


def with_starts(loss, left=0.0, alpha=(2.0, 2.0, 2.0)):
    """Return three runs with optimum 0.5 +- 1e-12, and what other starts found, (start,) or (run, start)."""
    loss = np.broadcast_to(loss, (3, np.shape(loss)[-1]))
    ds = few_parameters().assign_coords(alpha=("run", list(alpha)))
    ds["start_loss"] = ("run", "start"), loss
    ds["start_error"] = ("run", "start"), np.broadcast_to(left, loss.shape)
    return ds


def test_an_optimum_that_others_undercut_is_local():
    ds = with_starts([0.1, 0.4, 0.5, 0.9, np.nan])
    words = "α = 2: the runs head for 0.5, a local minimum: 2 of 4 other starts found less, down to 0.1"
    assert remarks(ds)[:-1] == [words], "one line for the three methods of a class"
    assert in_short(ds) == (
        "At α = 2 the runs miss the best fit known: 2 of 4 other starts found less, 0.1 instead of 0.5."
    )
    assert best_known(ds) == pytest.approx([0.1] * 3, abs=0)


def test_less_is_less_by_more_than_the_uncertainty():
    (v,) = verdicts(with_starts([0.49, 0.496, 0.504, 0.6, 0.7], left=[0.1, 0.1, 0.1, 1e-4, 0.2]))
    assert (v.tried, v.lower, v.same, v.unfinished) == (5, 1, 2, 1)
    vague = with_starts([0.49, 0.4])
    vague["optimum_error"] = "run", np.full(3, 0.05)
    (v,) = verdicts(vague)
    assert (v.lower, v.same, v.rest) == (2, 0, False), "losses that were evaluated are what they are"
    assert str(v).startswith("α = 2: the search from the runs ended at 0.5, short of rest: 2 of 2")
    (v,) = verdicts(with_starts([0.5 - 1e-13, 0.504, 0.6, 0.7], left=[0, 0, 1e-4, 0.2]))
    assert str(v) == (
        "α = 2: none of 4 other starts found less than 0.5, 2 found the same to 1%, "
        "1 were given up on the way"
    )


def test_every_class_has_its_line():
    ds = with_starts([[0.4, 0.6], [0.6, 0.6], [0.3, 0.6]], alpha=(1.0, 10.0, 100.0))
    assert [v.lower for v in verdicts(ds)] == [1, 1, 0], "what the runs missed comes first"
    assert [v.name for v in verdicts(ds)] == ["α = 1", "α = 100", "α = 10"]
    assert len(remarks(ds)) == 4
    assert in_short(ds) == (
        "In 2 of 3 cases the runs miss the best fit known: "
        "at α = 100, 1 of 2 other starts found less, 0.3 instead of 0.5."
    )


def test_where_nothing_less_was_found_no_more_is_claimed():
    ds = with_starts([0.6])
    assert in_short(ds) == (
        "None of 1 other start found less than the runs' optimum; that does not prove it the least."
    )
    assert str(verdicts(ds)[0]).endswith(
        "none of 1 other start found less than 0.5, and none found the same to 1%"
    )
    assert remarks(ds)[-1].endswith(CAVEAT)


def test_what_was_searched_is_said():
    ds = with_starts([0.6, 0.7, 0.8])
    assert searched(ds) == "3 other starts, it is not recorded how far away", "a file of an older version"
    ds["start_distance"] = "start", [0.01, 1.0, 3.0]
    ds["start_fresh"] = "start", [False, False, True]
    assert searched(ds) == (
        "3 other starts, 2 near the runs' own start, 0.01 to 1 times its size away and "
        "1 drawn afresh, 3 times as large as it"
    )
    ds["start_fresh"] = "start", [True] * 3
    assert searched(ds) == "3 other starts, 3 drawn afresh, 0.01 to 3 times as large as it"


def test_starts_of_other_seeds_are_told_apart():
    ds = with_starts([[0.4], [0.6], [0.6]]).assign_coords(seed=("run", [0, 1, 1]))
    ds["optimum"] = "run", [0.5, 0.55, 0.55]
    assert [v.name for v in verdicts(ds)] == ["α = 2, seed 0", "α = 2, seed 1"]


def test_without_other_starts_that_is_said():
    ds = few_parameters()
    assert "not tried" in remarks(ds)[0]
    assert in_short(ds) == ""
    assert best_known(ds) == pytest.approx([0.5] * 3, abs=0)
    nowhere = with_starts([np.nan, np.nan])
    assert remarks(nowhere)[0] == "α = 2: at no other start are the outputs finite"
    assert in_short(nowhere) == ""


def test_a_class_without_optimum_has_no_verdict():
    ds = with_starts([0.1])
    ds["optimum"] = "run", [np.nan, 0.5, np.nan]
    assert len(verdicts(ds)) == 1
    np.testing.assert_array_equal(best_known(ds), [np.nan, 0.1, np.nan])
