"""The estimate of an own model's memory: above what is measured, below the limit, or refused."""

import importlib.util
from pathlib import Path

import pytest
import torch

from gnviz import Experiment, KnobError, make_problem
from gnviz.experiment.limits import Limits
from gnviz.problem.memory import Sizes, most_bytes

LIMIT = Limits().gib * 2**30
SCRIPT = Path(__file__).parents[1] / "benchmarks" / "own_memory.py"


def benchmark():
    spec = importlib.util.spec_from_file_location("own_memory", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


OWN = benchmark()


@pytest.mark.slow
@pytest.mark.parametrize("case", OWN.SHORT, ids=lambda c: f"{c[1]}-{c[2]}-{c[4]}")
def test_no_more_is_used_than_estimated(case):
    got = OWN.apart(case)
    assert 0 < got["peak"] <= got["estimate"] <= LIMIT, got


def test_the_largest_that_is_allowed_fits_and_many_runs_of_it_do_not():
    one = Sizes(samples=2000, parameters=1993, runs=1, grid=320, inputs=2000, cost=400_000)
    assert most_bytes(Experiment(), one) < LIMIT / 2
    problem = make_problem(lambda w: w.sin(), y=torch.zeros(2000), w0=torch.ones(2000))
    with pytest.raises(KnobError, match=r"GiB \(p = 2000, n = 2000, 90 runs\).*lower parameters, samples"):
        problem.problem(Experiment().replace({"ensemble.alphas": ";".join(map(str, range(1, 31)))}))


@pytest.mark.parametrize("name", ["samples", "parameters", "runs", "grid", "inputs", "cost"])
def test_more_of_anything_needs_more(name):
    small = {"samples": 20, "parameters": 30, "runs": 3, "grid": 320, "inputs": 20, "cost": 4000}
    more = Sizes(**(small | {name: 2 * small[name]}))
    for kind in ("flow", "steps"):
        experiment = Experiment().replace({"clock.kind": kind})
        assert most_bytes(experiment, more) > most_bytes(experiment, Sizes(**small))
