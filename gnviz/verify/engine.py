"""The fast paths against slow ones, and discrete steps against what they must do."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from gnviz.dynamics.linearized.dynamics import linearize_dynamics
from gnviz.dynamics.linearized.system import System
from gnviz.dynamics.simulate import run
from gnviz.experiment import Experiment
from gnviz.methods import parse_method
from gnviz.problem.autodiff.model import DenseModel
from gnviz.problem.models.mlp import MLP
from gnviz.verify.check import Finding, between, small


def structured_kernel() -> Iterator[Finding]:
    """The kernel, J^T v and J v layer by layer, against automatic differentiation of the outputs."""
    g = torch.Generator().manual_seed(2)
    network = MLP(3, 12, 3, "tanh")
    w = network.initialize(g, paired=False)[None]
    x, v, dw = (torch.randn(*s, generator=g, dtype=torch.float64) for s in ((7, 3), (1, 7), (1, w.shape[1])))
    fast = network.linearize(w, x)
    dense = DenseModel(lambda p, q: network.outputs(p[None], q)[0], w.shape[1], "loop").linearize(w, x)
    pairs = {
        "K": (fast.kernel(), dense.kernel()),
        "J^T v": (fast.vjp(v), dense.vjp(v)),
        "J v": (fast.jvp(dw), dense.jvp(dw)),
    }
    for name, (found, expected) in pairs.items():
        error = ((found - expected).norm() / expected.norm()).item()
        yield small(f"three-layer network: {name} without a Jacobian", error, 13)


def both_spaces() -> Iterator[Finding]:
    """One damped direction from the n x n kernel and from the n x p Jacobian."""
    g = torch.Generator().manual_seed(4)
    x, y = torch.randn(20, 2, generator=g, dtype=torch.float64), torch.randn(20, generator=g).double()
    for width, case in ((3, "p < n"), (20, "p > n")):
        network = MLP(2, width, 1, "tanh")
        w = network.initialize(g, paired=False)[None]
        one, zero = torch.ones(1).double(), torch.zeros(1, 20).double()
        method, directions = [parse_method("constant(rho=0.1)")], []
        for space in ("sample", "parameter"):
            system = System(network, x, y, method, one, zero, space=space)
            here = linearize_dynamics(system, w, 0 * one)
            directions.append(here.pull_back(here.gain * here.coefficients))
        error = ((directions[1] - directions[0]).norm() / directions[0].norm()).item()
        yield small(f"sample space and parameter space agree, {case}", error, 10)


def lazy_steps() -> Iterator[Finding]:
    """In the lazy limit a Gauss-Newton step leaves 1 - eta of every mode's residual."""
    values = {"data.n": 6, "data.condition": 1e3, "network.width": 40, "network.alpha": 1e6, "device": "cpu"}
    values |= {"methods": ["gauss-newton"], "clock.kind": "steps", "clock.steps": 5}
    ds = run(Experiment().replace(values | {"clock.step_size": 0.25, "clock.spacing": "linear"}))
    e = (ds["prediction"].values[0] - ds["y"].values) @ ds["basis"].values
    yield small("lazy limit: a step of eta = 0.25 leaves 0.75", np.abs(e[1:] / e[:-1] - 0.75).max(), 6)


def certificate() -> Iterator[Finding]:
    """loss(t) <= loss(0) exp(-2 int r_min) along every run of the default experiment."""
    ds = run(Experiment().replace({"device": "cpu"}))
    excess = float((ds["loss"] / ds["bound"]).max())
    yield between("running certificate: largest loss / bound", 0.0, excess, 1 + 1e-9)
