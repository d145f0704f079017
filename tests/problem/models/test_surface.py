"""Surface experiments: the model, what is refused, what is said, and what the Dataset has."""

import numpy as np
import pytest
import torch
import xarray as xr
from checks import assert_close
from surfaces import on

import gnviz
from gnviz import Checkpoint, KnobError, Status, load, preset, run, save, simulate
from gnviz.analysis.measures import split
from gnviz.experiment.surface import CHARTS, MODELS
from gnviz.problem.build import build
from gnviz.results import Recording
from gnviz.results.geometry import COORDS, DIMS, TEXTS

MODES = 1e-13  # two ways of differentiating round differently
SAME = 1e-12  # the same numbers by another way


@pytest.fixture(scope="module")
def figure() -> xr.Dataset:
    return run(preset("figure1"))


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("model", [m for m in MODELS if m != "none"])
def test_the_jacobian_is_that_of_the_outputs(model, chart):
    problem = build(on(model, chart=chart))
    x, w = problem.samples.x, problem.w0 + torch.tensor([[0.0, 0.0], [0.1, -0.2]])
    linear = problem.model.linearize(w, x)
    dense = torch.func.vmap(torch.func.jacrev(lambda v: problem.model.outputs(v[None], x)[0]))(w)
    assert_close(linear.jacobian(), dense, rtol=MODES, label="J")
    assert_close(linear.outputs, problem.model.outputs(w, x), label="f")
    v, dw = torch.tensor([[1.0, -2, 3], [0, 1, 2]]).double(), torch.tensor([[1.0, -1], [2, 3]]).double()
    assert_close(linear.vjp(v), (v[:, None] @ dense)[:, 0], rtol=SAME, label="J^T v")
    assert_close(linear.jvp(dw), (dense @ dw[:, :, None])[:, :, 0], rtol=SAME, label="J dw")
    assert_close(linear.kernel(), dense @ dense.mT, rtol=SAME, label="K")


def test_a_chart_changes_parameters_and_no_prediction():
    start = [0.7, -0.4]
    outputs = [run(on("neuron", chart=c, start=start)).prediction[:, 0] for c in CHARTS]
    for u in outputs:
        assert_close(u[0], np.tanh(start[0] * np.array([-1, 0.5, 2]) + start[1]), atol=SAME, label="u_0")


def test_formulas_are_the_closed_models():
    same = {"neuron": "tanh(w1*x + w2)", "two-neurons": "tanh(w1*x) - 0.5*tanh(w2*x)",
            "sphere": "sin(w1)*cos(w2); sin(w1)*sin(w2); cos(w1)"}  # fmt: skip
    for model, formula in same.items():
        place = on(model).surface.place._asdict()
        a, b = run(on(model, **place)), run(on("formula", formula=formula, **place))
        assert_close(b.mesh, a.mesh, atol=SAME, label=model)
        assert_close(b.curvature, a.curvature.values, rtol=1e-9, label=model) if model == "neuron" else None
        assert_close(b.prediction[:, 1], a.prediction[:, 1], atol=SAME, label=f"{model}: path")


def test_figure1_teaches(figure):
    u, foot = figure.prediction.values, figure.foot.values
    ends = np.linalg.norm(u[:, -1] - foot, axis=1)
    assert (ends < 1e-3).all(), "both end at the foot"
    away = np.linalg.norm(u[0][:, None] - u[1][None], axis=-1).min(1).max()
    assert away > 0.3, "by clearly different ways"
    assert 0.3 < np.linalg.norm(figure.y - foot) < 1, "the target is off the surface"
    assert figure.curvature.min() < -1, "which is curved"
    assert set(figure.status.values) == {Status.FINISHED}
    assert "length" in figure.geodesic_text


def test_the_dataset_keeps_its_contract(figure):
    for name, dims in DIMS.items():
        assert figure[name].dims == dims
    assert figure.tangent.dims == ("run", "time", "sample", "mode")
    assert set(COORDS) <= set(figure.coords)
    assert set(TEXTS) <= set(figure.attrs)
    assert figure.attrs["surface"] == figure.attrs["model"] == "tanh(w1 x + w2)"
    w1, w2 = figure.mesh_1.values[:, None, None], figure.mesh_2.values[None, :, None]
    assert_close(figure.mesh, np.tanh(w1 * figure.x.values[:, 0] + w2), atol=SAME, label="mesh")
    loss = 0.5 * ((figure.mesh - figure.y) ** 2).sum("sample")
    assert_close(figure.mesh_loss, loss, rtol=SAME, label="mesh_loss")
    assert_close(
        figure.plane_loss[0, 0], loss[0, 0], rtol=SAME, label="the plain chart's plane is the window"
    )
    basis = figure.tangent.values
    eye = np.broadcast_to(np.eye(2), (*basis.shape[:2], 2, 2))
    assert_close(np.swapaxes(basis, 2, 3) @ basis, eye, atol=SAME, label="orthonormal")
    assert_close(figure.geodesic[[0, -1]], [figure.prediction.values[0, 0], figure.foot.values], atol=1e-8)
    assert_close(figure.geodesic_parameters[-1], figure.foot_parameters, atol=1e-8, label="its end")
    assert_close(figure.geodesic_parameters[0], figure.weights[0, 0], atol=1e-8, label="its start")


def test_other_experiments_have_none_of_it():
    values = {
        "data.n": 4,
        "data.condition": None,
        "network.width": 4,
        "clock.snapshots": 3,
        "clock.horizon": 1.0,
    }
    ds = run(gnviz.Experiment().replace(values))
    assert not {*DIMS, *COORDS, "tangent"} & set(ds.variables)
    assert not set(TEXTS) & set(ds.attrs)


def test_parameters_are_those_of_the_chart():
    ds = run(on("neuron", chart="bent"))
    v1, v2 = (ds.weights.values[..., k] for k in range(2))
    u = np.tanh(np.sinh(v1)[..., None] * ds.x.values[:, 0] + (v2 + v1**2)[..., None])
    assert_close(ds.prediction, u, atol=SAME, label="u of v")
    f1, f2 = ds.foot_parameters.values
    foot = np.tanh(np.sinh(f1) * ds.x.values[:, 0] + f2 + f1**2)
    assert_close(ds.foot, foot, atol=SAME, label="foot")
    assert_close(ds.mesh, run(on("neuron")).mesh.values, label="the same mesh in every chart")
    corner = np.tanh(
        np.sinh(ds.plane_1.values[0]) * ds.x.values[:, 0] + ds.plane_2.values[5] + ds.plane_1.values[0] ** 2
    )
    assert_close(ds.plane_loss[0, 5], 0.5 * ((corner - ds.y.values) ** 2).sum(), rtol=SAME, label="plane")


def test_alpha_and_centring_act():
    ds = run(on("neuron", alpha=3.0, network__initialization="centred"))
    assert_close(ds.prediction[:, 0], np.zeros((2, 3)), label="u_0")
    w1, w2 = ds.mesh_1.values[:, None, None], ds.mesh_2.values[None, :, None]
    x, (a, b) = ds.x.values[:, 0], ds.weights.values[0, 0]
    assert_close(ds.mesh, 3 * (np.tanh(w1 * x + w2) - np.tanh(a * x + b)), atol=SAME, label="mesh")
    assert_close(ds.geodesic[0], np.zeros(3), atol=1e-8, label="the geodesic starts at u_0")


def test_settings_that_do_not_act_are_named():
    notes = run(on("neuron", data__n=12, network__width=60, alpha=3.0)).attrs["notes"]
    assert "data.n, network.width did not act" in notes
    assert "network.alpha" not in notes
    assert "did not act" not in run(on("neuron", alpha=3.0)).attrs["notes"]


@pytest.mark.parametrize("loss", ["log-cosh", "pseudo-huber", "logistic", "weighted"])
def test_other_losses_work(loss):
    ds = run(on("neuron", loss__kind=loss))
    alive = np.isfinite(ds.loss.values[1])  # the logistic loss drives Gauss-Newton to where tanh is flat
    assert alive.sum() > 3
    assert (np.diff(ds.loss.values)[np.isfinite(np.diff(ds.loss.values))] <= 0).all()
    problem = build(on("neuron"))
    w = torch.tensor(ds.weights.values[1][alive])
    j = problem.model.linearize(w, problem.samples.x).jacobian().numpy()
    _, off = split(ds.tangent.values[1][alive][:, None], np.swapaxes(j, 1, 2))
    assert_close(off, 0 * off, atol=SAME, label="J lies in the recorded plane")


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        (
            {"ensemble__alphas": ["1", "10"]},
            "ensemble.alphas = 1;10 does not go with surface.model = 'neuron'",
        ),
        ({"ensemble__seeds": 2}, "ensemble.seeds = 2 does not go with surface.model = 'neuron'"),
        ({"clock__kind": "flow", "methods": ["adam"]}, "does not go with the method 'adam'"),
    ],
)
def test_what_does_not_fit_is_refused(knobs, message):
    with pytest.raises(KnobError) as error:
        run(on("neuron", **knobs))
    assert message in str(error.value)


def test_one_alpha_of_an_ensemble_is_that_alpha():
    assert float(run(on("neuron", ensemble__alphas=["2"])).alpha[0]) == 2
    assert_close(run(on("sphere", ensemble__alphas=["2"])).curvature[20], np.full(41, 0.25), rtol=1e-9)


@pytest.mark.parametrize("formula", ["log(w1)*x + w2", "sqrt(w1)*x + w2", "1/w1 + w2"])
def test_a_start_without_a_value_is_refused(formula):
    start = [0.0, 1.0]
    with pytest.raises(KnobError, match=r"surface.start = 0.0;1.0 cannot be used: .* has no finite value"):
        run(on("formula", formula=formula, start=start))


DEGENERATE = {
    "w1 = w2": ("two-neurons", {"start": [0.7, 0.7]}),
    "equal inputs": ("neuron", {"inputs": [1, 1, 1]}),
    "two equal inputs": ("neuron", {"inputs": [1, 1, 2]}),
    "a line": ("formula", {"formula": "w1*x"}),
    "a point": ("formula", {"formula": "0*w1"}),
    "a pole": ("sphere", {"start": [0.0, 1.0]}),
    "a hole": ("formula", {"formula": "log(w1)*x + w2", "start": [1, 1]}),
    "no number in the window": (
        "formula",
        {"formula": "log(w1)*x + w2", "start": [1, 1], "span": [-2, -1, 0, 1]},
    ),
    "infinite": ("formula", {"formula": "exp(exp(9*w1))*x + w2", "start": [0.1, 0]}),
    "outside": ("neuron", {"start": [5, 5]}),
    "far outside": ("two-neurons", {"start": [90, -90], "chart": "bent"}),
    "target on M": ("sphere", {"target": [0, 0, 1]}),
    "target at the centre": ("sphere", {"target": [0, 0, 0]}),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_a_degenerate_surface_is_told_in_words(name):
    model, knobs = DEGENERATE[name]
    ds = run(on(model, **knobs))
    assert set(ds.status.values) <= set(Status)
    assert all(ds.status_text.values)
    assert ds.attrs["foot_text"]
    assert ds.attrs["geodesic_text"]
    missing = np.isnan(ds.geodesic).any().item()
    assert missing == ds.attrs["geodesic_text"].startswith("no geodesic")
    assert np.isnan(ds.foot).any().item() == ds.attrs["foot_text"].startswith("no nearest point")
    if name in ("equal inputs", "a line", "a point"):
        assert np.isnan(ds.curvature).all()
    if name == "equal inputs":
        assert "has equal inputs, so M is no surface" in ds.attrs["notes"]
    if name == "two equal inputs":
        assert "two predictions are always equal" in ds.attrs["notes"]
        assert np.nanmax(np.abs(ds.curvature)) < 1e-9
    if "outside" in name:
        assert "lies outside the window" in ds.attrs["notes"]


def test_saving_and_loading_give_the_same_back(tmp_path):
    ds = run(on("sphere"))
    xr.testing.assert_identical(load(save(ds, tmp_path / "surface.nc")), ds)


def test_a_run_that_is_gone_on_with_has_all_of_it(tmp_path):
    experiment = on("neuron")
    whole, stream = run(experiment), simulate(experiment)
    seen = [next(stream) for _ in range(4)]
    kept = Checkpoint.load(stream.checkpoint(seen).save(tmp_path / "kept.npz"))
    again = Recording.of(simulate(experiment, resume=kept)).dataset()
    xr.testing.assert_identical(again.drop_attrs(), whole.drop_attrs())
