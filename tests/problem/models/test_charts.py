import numpy as np
import pytest
import torch
from checks import assert_close

from gnviz.experiment.surface import CHARTS
from gnviz.problem.models.charts import ALL, STRETCH, TWIST, chart

BACK = 1e-13  # sinh and asinh at sizes up to 5


def points():
    return torch.tensor(np.random.default_rng(0).uniform(-5, 5, (2, 200)))


def test_there_is_one_for_every_name():
    assert [c.name for c in ALL] == list(CHARTS)
    assert all(chart(name).formula == words for name, words in CHARTS.items())
    assert (STRETCH, TWIST) == (3.0, 0.25), "the numbers in the words"


@pytest.mark.parametrize("name", CHARTS)
def test_the_inverse_undoes_the_chart_and_the_chart_the_inverse(name):
    a, b = points()
    for there, back in ((chart(name).base, chart(name).inverse), (chart(name).inverse, chart(name).base)):
        again = back(*there(a, b))
        assert_close(again[0], a, atol=BACK, label=f"{name}: first")
        assert_close(again[1], b, atol=BACK, label=f"{name}: second")


def test_charts_differ_in_the_metric():
    metrics = []
    for c in ALL:
        j = torch.func.jacrev(lambda v, c=c: torch.stack(c.base(v[0], v[1])))(
            torch.tensor([0.7, -0.4]).double()
        )
        metrics.append((j @ j.T).numpy())
    assert all(np.abs(m - np.eye(2)).max() > 0.1 for m in metrics[1:])
