import numpy as np
from made import made_dataset

from gnviz.lab.story import headline


def test_the_finished_comparison_names_both_ends_and_the_factor():
    words = headline(made_dataset())
    assert words.startswith("adaptive(c=1) reached loss 1e-10 at t = ")
    assert "gradient-flow took " in words
    assert " times as long" in words


def test_runs_still_on_their_way_are_named():
    words = headline(made_dataset(count=80))
    assert "adaptive(c=1) reached loss" in words
    assert "gradient-flow" in words
    assert "not there yet" in words


def test_a_method_that_broke_down_is_not_said_to_be_on_its_way():
    ds = made_dataset().copy(deep=True)
    ds["status"] = ("run", np.array(["diverged", "converged", "converged"], dtype=object))
    ds["loss"][0, 5:] = np.nan
    assert "gradient-flow did not get there" in headline(ds)


def test_the_start():
    assert headline(made_dataset(count=1)) == "Starting."
