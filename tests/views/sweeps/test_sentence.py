"""What a map is said to show."""

import numpy as np

from gnviz.views.plot import Axis, Plot, Shades
from gnviz.views.sweeps.sentence import sentence

NAN = np.nan


def said(rows, *, log=True):
    value = np.array(rows, float)
    up, across = value.shape
    cells = {
        "x": np.tile(np.arange(across), up),
        "value": value.ravel(),
        "across": np.tile([f"a{k}" for k in range(across)], up),
        "up": np.repeat([f"b{k}" for k in range(up)], across),
        "shown": np.isfinite(value.ravel()).astype(float),
    }
    plot = Plot("", Axis("x"), Axis("y"), (), (0, 1), (0, 1), shades=Shades("w", ("#fff",), log))
    return sentence(cells, plot, "time", "κ", "ρ")


def test_the_rows_that_change_least_and_most_are_named():
    words = said([[12, 13, 12], [12, 90, 130], [10, 100, 12345]])
    assert words == "From κ = a0 to a2 the time hardly changes at ρ = b0, and changes 1,200-fold at ρ = b2."
    assert said([[10, 20, 30], [10, 100, 1000]]).startswith(
        "From κ = a0 to a2 the time changes 3-fold at ρ = b0"
    )
    assert "whatever ρ is" in said([[10, 11], [12, 13]])


def test_of_rows_alike_the_uppermost_is_the_example():
    assert said([[1, 1], [1, 1000], [1, 990]]).endswith("990-fold at ρ = b2.")


def test_nothing_is_said_of_too_little():
    assert said([[1, NAN], [1, 2]]) == ""
    assert said([[NAN, NAN], [NAN, NAN]]) == ""
    assert said([[0.1, 0.2], [0.3, -0.4]], log=False) == "The time lies between -0.4 and 0.3."
