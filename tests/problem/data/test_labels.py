"""Which targets the logistic loss takes, and what is said about the others."""

import numpy as np
import pytest

from gnviz import Experiment, KnobError
from gnviz.problem.build import build


def labels(**knobs):
    knobs = {"loss__kind": "logistic", "network__width": 20, **knobs}
    return build(Experiment().replace({k.replace("__", "."): v for k, v in knobs.items()})).samples


@pytest.mark.parametrize("kind", ["circle", "ring", "line", "teacher"])
def test_made_targets_are_replaced_by_their_sign(kind):
    plain = labels(loss__kind="squared", data__kind=kind, data__condition=None, data__noise=0.5)
    signed = labels(data__kind=kind, data__condition=None, data__noise=0.5)
    assert signed.y.tolist() == np.where(plain.y < 0, -1.0, 1.0).tolist()
    assert set(signed.grid_truth.tolist()) <= {-1.0, 1.0}
    assert "labels are the sign" in signed.notes[-1]


@pytest.mark.parametrize("values", [("0", "1"), ("-1", "1"), ("1", "2")])
def test_a_column_of_two_values_is_mapped(values):
    low, high = values
    table = f"x,kind\n0,{low}\n0.3,{high}\n0.5,{high}\n1,{low}\n"
    samples = labels(data__kind="csv", data__table=table)
    assert samples.y.tolist() == [-1, 1, 1, -1]
    assert f"target {low} counts as -1 and {high} as 1" in samples.notes[-1]


def test_other_columns_are_refused_with_knob_values_and_what_is_allowed():
    with pytest.raises(
        KnobError,
        match=r"loss.kind = 'logistic' needs two labels, but the target 'y' has 3 different values "
        r"\(0, 0.5, 1\); allowed: a column with two values",
    ):
        labels(data__kind="csv", data__table="x,y\n0,0\n1,1\n2,0.5\n")
    with pytest.raises(KnobError, match=r"has 37 different values \(.*, …\)"):
        labels(data__kind="thurber")


def test_equal_modes_are_refused():
    with pytest.raises(KnobError, match=r"data.target = 'equal-modes' .* loss.kind = 'logistic'"):
        labels(data__target="equal-modes")
