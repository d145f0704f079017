"""Modes in sample space and in parameter space: the same where both apply."""

from dataclasses import replace

import mpmath
import numpy as np
import pytest
import torch
from checks import assert_close
from dynamics.clocked import one_step
from made import fits
from reference.problems import LinearModel, linear_system

from gnviz import Experiment, LogCosh, Squared, run
from gnviz.dynamics.flow.clock import FlowClock
from gnviz.dynamics.linearized.dynamics import collapsed, damped, linearize_dynamics
from gnviz.dynamics.linearized.modes import JacobianModes, KernelModes, spectrum, weighted_jacobian
from gnviz.dynamics.linearized.system import System
from gnviz.methods import parse_method
from gnviz.problem.models.mlp import MLP
from gnviz.results import PER_MODE, PER_RUN, Status, load, save
from gnviz.views import VIEWS, draw

AGREE = 1e-10
"""Directions in both spaces where the damping leaves kappa about 1e4: eps kappa is 1e-12 (derived)."""


def system_of(n, width, method, loss, *, space="auto", runs=2):
    net = MLP(2, width, 1, "tanh")
    g = torch.Generator().manual_seed(4)
    w = torch.stack([net.initialize(g, paired=False) for _ in range(runs)])
    x = torch.randn(n, 2, generator=g, dtype=torch.float64)
    y = torch.randn(n, generator=g, dtype=torch.float64)
    alpha = torch.full((runs,), 2.0, dtype=torch.float64)
    zero = torch.zeros(runs, n, dtype=torch.float64)
    return System(net, x, y, [parse_method(method)] * runs, alpha, zero, loss, space), w


@pytest.mark.parametrize(("n", "width"), [(20, 3), (8, 2), (5, 6)], ids=["p<n", "p=n", "p>n"])
@pytest.mark.parametrize("loss", [Squared(), LogCosh()], ids=str)
@pytest.mark.parametrize("rho", [1.0, 0.1, 1e-3])
def test_both_spaces_give_the_same_direction(n, width, loss, rho):
    directions, rates = [], []
    for space in ("sample", "parameter"):
        system, w = system_of(n, width, f"constant(rho={rho})", loss, space=space)
        here = linearize_dynamics(system, w, torch.zeros_like(system.alpha))
        assert isinstance(here.modes, JacobianModes if space == "parameter" else KernelModes)
        directions.append(here.pull_back(here.gain * here.coefficients))
        rates.append(here.rate[:, : min(n, 4 * width)])
        assert_close(here.kernel(), here.modes.linear.kernel(), rtol=1e-14, label="K")
        dw = directions[0]
        image = (here.vectors @ here.push_forward(dw)[:, :, None])[:, :, 0]
        scale = here.modes.root if here.modes.root is not None else 1.0
        assert_close(image, scale * here.modes.linear.jvp(dw), rtol=AGREE, label="V V^T B dw = B dw")
        stepped = one_step(system, w, 1.0)
        assert_close(w - stepped, directions[-1] / 2, rtol=AGREE, label="a discrete step takes it too")
    assert_close(directions[1], directions[0], rtol=AGREE, label="direction")
    assert_close(rates[1], rates[0], rtol=AGREE, label="rate")


@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("loss", [Squared(), LogCosh()], ids=str)
def test_products_with_what_is_formed_are_those_by_way_of_the_layers(loss, depth):
    net = MLP(2, 12, depth, "tanh")
    system, _ = system_of(6, 12, "constant(rho=0.1)", loss)
    w = torch.stack([net.initialize(torch.Generator().manual_seed(s), paired=False) for s in (1, 2)])
    here = linearize_dynamics(replace(system, model=net), w, torch.zeros_like(system.alpha))
    formed = here.explicit()
    assert formed.modes.ways is not None
    assert here.modes.ways is None
    dense = here.vectors.mT @ weighted_jacobian(here.modes.linear, here.modes.root)
    g = torch.Generator().manual_seed(3)
    c, dw = (torch.randn(2, k, generator=g, dtype=torch.float64) for k in (6, w.shape[1]))
    for modes in (here, formed):
        assert_close(modes.pull_back(c), (c[:, None] @ dense)[:, 0], rtol=1e-12, label="B^T V c")
        assert_close(modes.push_forward(dw), (dense @ dw[:, :, None])[:, :, 0], rtol=1e-12, label="V^T B dw")


def test_large_products_are_not_formed(monkeypatch):
    system, w = system_of(5, 6, "gauss-newton", Squared())
    here = linearize_dynamics(system, w, torch.zeros_like(system.alpha))
    monkeypatch.setattr("gnviz.dynamics.linearized.modes.EXPLICIT", 5 * w.shape[1] - 1)
    assert here.explicit().modes.ways is None


@pytest.mark.parametrize(("n", "width", "few"), [(20, 3, True), (12, 3, False), (5, 6, False)])
def test_the_size_decides(n, width, few):
    system, w = system_of(n, width, "gauss-newton", Squared())
    here = linearize_dynamics(system, w, torch.zeros_like(system.alpha))
    assert isinstance(here.modes, JacobianModes) == few == here.underparameterized
    assert here.eigenvalues.shape == (2, min(n, 4 * width))
    assert here.slowest.isnan().all() == few, "no certificate where part of the residual never decays"


def test_singular_values_are_right_to_fifty_digits():
    """A circle's Jacobian falls off fast: s spans nine decades, its squares would not fit a kernel."""
    net = MLP(2, 5, 1, "tanh")
    w = 0.3 * net.initialize(torch.Generator().manual_seed(0), paired=False)
    theta = np.arange(25) * 2 * np.pi / 25
    x = torch.tensor(np.stack([np.cos(theta), np.sin(theta)], 1))
    frame = JacobianModes.of(net.linearize(w[None], x), None)
    with mpmath.workdps(50):
        exact = np.array([float(s) for s in mpmath.svd_r(_jacobian(net, w, x), compute_uv=False)])
    eps = np.finfo(float).eps
    # absolute, as for every SVD: a few eps s_1, from the entries' own rounding and from the decomposition
    assert_close(frame.singular[0], exact, atol=20 * eps * exact[0], label="s")
    assert 1e3 * frame.floor.item() ** 0.5 < exact[-1] < 1e-7 * exact[0], "the kernel could not resolve it"
    assert frame.floor.item() ** 0.5 == pytest.approx(25 * eps * exact[0])


def _jacobian(net, w, x):
    """J in 50 digits, entry by entry, for one tanh layer with two inputs."""
    m, exact = net.width, [mpmath.mpf(v) for v in w.tolist()]
    rows = []
    for a, b in x.tolist():
        row = [mpmath.mpf(0)] * (4 * m)
        for i in range(m):
            h = mpmath.tanh(exact[2 * i] * a + exact[2 * i + 1] * b + exact[2 * m + i])
            slope = exact[3 * m + i] * (1 - h * h)
            row[2 * i], row[2 * i + 1], row[2 * m + i], row[3 * m + i] = slope * a, slope * b, slope, h
        rows.append([v / mpmath.sqrt(m) for v in row])
    return mpmath.matrix(rows)


LEAST = 5e-10


def graded(space):
    """Return a linear model with p = 3 < n = 7 and sigma_min = 5e-10."""
    system, w0, _ = linear_system([2.0, 1e-3, LEAST], 3, [parse_method("gauss-newton")])
    g = torch.Generator().manual_seed(1)
    tall = torch.linalg.qr(torch.randn(7, 3, generator=g, dtype=torch.float64))[0]
    y = torch.randn(7, generator=g, dtype=torch.float64)
    zero = torch.zeros(1, 7, dtype=torch.float64)
    model = LinearModel(tall @ system.model.j)
    one = torch.ones(1, dtype=torch.float64)
    return System(model, torch.zeros(7, 1), y, system.schedules, one, zero, space=space), w0


def test_a_singular_value_of_5e10_is_resolved_and_trained():
    system, w0 = graded("auto")
    first = linearize_dynamics(system, w0, torch.zeros(1))
    assert first.resolved.all()
    # singular values are known to a few eps s_1 = 4e-16, the least one to 1e-6 of itself
    assert first.eigenvalues[0, -1].item() == pytest.approx(LEAST**2, rel=1e-5)
    clock = FlowClock(system, w0, 5e-3)
    clock.advance(8.0, torch.ones(1, dtype=torch.bool), lambda: None)
    reached = linearize_dynamics(system, clock.w, torch.ones(1))
    # every mode decays at rate 1; w is then of size c / sigma = 1e9, whose rounding shows in u as 1e-7
    assert_close(
        reached.coefficients.abs(), first.coefficients.abs() * np.exp(-8.0), atol=1e-6, label="modes at t = 8"
    )
    kernel, _ = graded("sample")
    assert linearize_dynamics(kernel, w0, torch.zeros(1)).resolved.sum() == 2, (
        "as an eigenvalue it is rounding"
    )


@pytest.mark.parametrize("space", ["sample", "parameter"])
def test_a_jacobian_that_is_not_finite_gives_no_modes(space):
    system, w = system_of(20, 3, "gauss-newton", Squared(), space=space)
    here = linearize_dynamics(system, w * torch.tensor([[1.0], [torch.inf]]), torch.zeros_like(system.alpha))
    assert here.eigenvalues[0, 0] > 0
    assert (here.eigenvalues[1] == 0).all()
    assert (here.gain[1] == 0).all()


def few(**knobs):
    values = {
        "data.kind": "ring",
        "data.n": 40,
        "data.target": "wave",
        "network.width": 6,
        "network.initialization": "centred",
        "network.alpha": 100.0,
        "clock.horizon": 10.0,
        "clock.snapshots": 21,
        "clock.spacing": "linear",
    }
    return run(Experiment().replace(values | {k.replace("__", "."): v for k, v in knobs.items()}))


def test_a_run_with_few_parameters_records_its_modes_and_no_certificate(tmp_path):
    ds = few(methods=["gauss-newton", "adaptive(c=1)", "constant(rho=0.01)"])
    assert set(ds.status.values) == {Status.FINISHED}
    assert (ds.sizes["mode"], ds.sizes["sample"]) == (24, 40)
    assert ds.basis.shape == (40, 24)
    assert ds.bound.isnull().all()
    for name in (*PER_RUN, *PER_MODE, "prediction", "curve"):
        assert (
            name in ("bound", "test_loss", "test_accuracy", "apriori", "kernel_change")
            or np.isfinite(ds[name].values).all()
        ), name
    assert "24 parameters for 40 samples: κ(K₀) is that of the 24 modes" in ds.notes
    s = np.sqrt(ds.eigenvalues.values[0, 0])
    assert ds.condition == pytest.approx((s[0] / s[-1]) ** 2, rel=1e-6)
    inside = ds.basis.values.T @ (ds.prediction.values[0, 0] - ds.y.values)
    assert_close(np.abs(ds.residual_modes.values[0, 0]), np.abs(inside), atol=1e-12, label="V^T e")
    again = load(save(ds, tmp_path / "few.nc"))
    for view in (view for view in VIEWS.values() if fits(ds, view)):
        assert view.tables(again).keys() == view.tables(ds).keys()
        draw(again, view.label, backend="plotly" if view.solid else "bokeh")


def test_paired_neurons_are_said_to_be_one_too_many():
    ds = few(network__initialization="paired", methods=["gauss-newton"], clock__horizon=0.2)
    assert "network.initialization = paired move together: 12 of 24 modes cannot be trained" in ds.notes
    assert ds.condition == np.inf
    assert ds.status.item() in (Status.FINISHED, Status.SINGULAR)


@pytest.mark.parametrize(("method", "said"), [("gauss-newton", True), ("constant(rho=0.1)", False)])
def test_collapse_is_a_loss_of_modes_that_are_needed(method, said):
    system, w0 = graded("auto")
    u, s, vt = torch.linalg.svd(system.model.j, full_matrices=False)
    sunk = LinearModel(u[:, :2] * s[:2] @ vt[:2])
    one = [parse_method(method)]
    here, there = (
        linearize_dynamics(replace(system, model=model, methods=one), w0, torch.zeros(1))
        for model in (system.model, sunk)
    )
    assert collapsed(here.gain, there).all() == said
    assert not collapsed(here.gain, here).any()
    assert not collapsed(there.gain, here).any(), "a mode may come back"


def test_a_kernel_of_tiny_numbers_has_a_spectrum():
    """Its entries span 37 decades of float32, as those of a fitted classifier do; LAPACK alone gives NaN."""
    entries = [
        [9.379e-05, 0, 1.578e-41, 3.340e-37, 1.983e-14, 1.221e-04, 6.562e-21],
        [0, 0, 0, 0, 0, 0, 0],
        [1.578e-41, 0, 0, 0, 0, 1.548e-41, 0],
        [3.340e-37, 0, 0, 0, 0, 1.264e-36, 0],
        [1.983e-14, 0, 0, 0, 4.377e-24, 2.600e-14, 1.478e-30],
        [1.221e-04, 0, 1.548e-41, 1.264e-36, 2.600e-14, 1.662e-04, 8.656e-21],
        [6.562e-21, 0, 0, 0, 1.478e-30, 8.656e-21, 5.118e-37],
    ]
    kernel = torch.tensor([entries], dtype=torch.float32)
    eigenvalues, vectors = spectrum(kernel)
    expected = torch.linalg.eigvalsh(kernel.double()).flip(-1)
    # backward stable: to a few roundings of the largest
    assert (eigenvalues - expected).abs().max() <= 4 * torch.finfo(torch.float32).eps * expected[0, 0]
    assert vectors.isfinite().all()


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1.0, 1e200, 1e300])
def test_a_spectrum_scales_with_its_kernel(scale):
    g = torch.Generator().manual_seed(0)
    a = torch.randn(2, 5, 5, generator=g, dtype=torch.float64)
    eigenvalues, _ = spectrum(scale * (a @ a.mT))
    expected, _ = spectrum(a @ a.mT)
    assert_close(eigenvalues / scale, expected, rtol=1e-12, label="eigenvalues")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_what_has_all_but_vanished_has_no_infinite_gain(dtype):
    least = torch.finfo(dtype).tiny
    vanished = torch.tensor([least / 4, least / 1e3, 0.0], dtype=dtype)  # whose reciprocals are infinite
    gain, rate = damped(vanished[None], torch.zeros(1, dtype=dtype), torch.zeros(1, dtype=dtype))
    assert not gain.any()
    assert not rate.any()
    gain, rate = damped(vanished[None] + 4 * least, torch.zeros(1, dtype=dtype), torch.zeros(1, dtype=dtype))
    np.testing.assert_allclose(rate, 1.0, rtol=1e-6)
