"""Searches in machine code take the steps of those in torch, whatever the model, and find the same."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from checks import assert_close

from gnviz import Experiment, preset
from gnviz.dynamics.compiled.descent import CompiledDescent
from gnviz.dynamics.measure.multi_start import other_starts
from gnviz.dynamics.measure.optimum import alone, search
from gnviz.dynamics.measure.searches import CHECKED, Searches, TorchDescent
from gnviz.dynamics.simulate import assemble
from gnviz.problem.build import build

RING = {"data.kind": "ring", "data.n": 20, "data.condition": None, "data.target": "wave",
        "network.initialization": "centred", "methods": ["gauss-newton"]}  # fmt: skip
CASES = {
    "one layer": Experiment().replace({**RING, "network.width": 4}),
    "two layers, two alphas": Experiment().replace(
        {
            **RING,
            "network.width": 2,
            "network.depth": 2,
            "network.activation": "sin",
            "ensemble.alphas": [1, 9],
        }
    ),
    "surface": preset("figure1"),
}


def of(case):
    """Return the runs of a case, and the weights that they start from."""
    return assemble(CASES[case], build(CASES[case]))


def nearby(system, w0, count=6, size=0.4):
    """Return searches that start around w0, `count` of each run."""
    runs = torch.arange(len(w0)).repeat_interleave(count)
    z = torch.randn(len(runs), w0.shape[1], generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    return Searches.at(system.select(runs), w0[runs] + size * z)


def assert_alike(a, b, rtol, names=("w", "residual", "loss", "scale", "damping")):
    for name in names:
        mine, dense = getattr(b, name).numpy(), getattr(a, name).numpy()
        np.testing.assert_allclose(mine, dense, rtol=rtol, atol=rtol * np.abs(dense).max(), err_msg=name)


@pytest.mark.parametrize("case", CASES)
def test_steps_are_those_of_torch(case):
    system, w0 = of(case)
    start = nearby(system, w0)
    compiled = CompiledDescent(system, w0)
    assert_alike(TorchDescent().advance(start, 1, tick), compiled.advance(start, 1, tick), 1e-11)
    six = TorchDescent().advance(start, 6, tick)
    assert (six.loss < 0.9 * start.loss).any(), "they get somewhere"
    # not mu: rounding decides whether the last steps fell as predicted
    assert_alike(six, compiled.advance(start, 6, tick), 1e-7, ("w", "residual", "loss"))


def tick():
    pass


def test_a_search_at_rest_stays_and_the_others_go_on():
    system, w0 = of("surface")
    start = nearby(system, w0[:1], count=8, size=1.0)
    compiled = CompiledDescent(system, w0)
    some, all_of_it = compiled.advance(start, CHECKED, tick), compiled.advance(start, 40 * CHECKED, tick)
    assert (all_of_it.loss <= some.loss).all()
    together = TorchDescent().advance(start, 40 * CHECKED, tick)
    np.testing.assert_allclose(all_of_it.loss, together.loss, rtol=1e-8, atol=1e-20)


def test_a_search_that_begins_nowhere_stays_there():
    system, w0 = of("one layer")
    start = nearby(system, w0)
    start = replace(start, w=start.w * torch.tensor(1e300), loss=start.loss * torch.inf)
    for descent in (TorchDescent(), CompiledDescent(system, w0)):
        after = descent.advance(start, CHECKED, tick)
        assert torch.equal(after.w, start.w)
        assert after.loss.isinf().all()


@pytest.mark.parametrize("case", CASES)
def test_minpack_is_told_the_same(case):
    system, w0 = of(case)
    one, w = alone(system, len(w0) - 1), w0[-1].numpy() * 1.1
    compiled = CompiledDescent(system, w0)
    assert_close(compiled.residual(one, w), TorchDescent().residual(one, w), rtol=1e-12, label="residual")
    assert_close(compiled.jacobian(one, w), TorchDescent().jacobian(one, w), rtol=1e-11, label="Jacobian")
    a, b = (search(one, w0[-1], 200, tick, d) for d in (TorchDescent(), compiled))
    assert b.loss == pytest.approx(a.loss, rel=1e-6)


@pytest.mark.parametrize("case", ["one layer", "surface"])
def test_other_starts_find_the_same(case):
    system, w0 = of(case)
    a, b = (
        other_starts(system, w0, np.ones(len(w0)), tick, d)
        for d in (TorchDescent(), CompiledDescent(system, w0))
    )
    np.testing.assert_array_equal(a.fresh, b.fresh)
    assert np.nanmin(b.loss) <= np.nanmin(a.loss) * (1 + 1e-6) + 1e-20
    assert np.isclose(a.loss, b.loss, rtol=1e-6, atol=1e-12).mean() > 0.9, "few fall into another valley"


def test_a_search_can_be_cancelled():
    system, w0 = of("one layer")
    calls = []

    def cancel():
        calls.append(None)
        if len(calls) == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        CompiledDescent(system, w0).advance(nearby(system, w0, size=3.0), 1000, cancel)
    assert len(calls) == 3
