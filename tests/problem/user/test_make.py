"""The user's own models: what runs on them, and what is said of those that cannot run."""

import doctest
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from checks import assert_close

import gnviz
from gnviz import Experiment, KnobError, make_problem
from gnviz.analysis.ends import loss_now
from gnviz.methods import parse_method
from gnviz.problem.build import build
from gnviz.problem.user import make as own

SAME = 1e-7  # of the flow at tol 1e-8: the same problem with other roundings takes other steps, near enough

X = torch.linspace(0, 2, 12, dtype=torch.float64)
Y = 2 * torch.exp(-1.3 * X)


def decay(w, x):
    return w[0] * torch.exp(-w[1] * x)


def settings(**knobs):
    base = {
        "methods": ["gauss-newton", "gradient-flow"],
        "clock.snapshots": 5,
        "clock.horizon": 20.0,
        "device": "cpu",
        "observe.optimum": False,
    }
    return Experiment().replace(base | {k.replace("__", "."): v for k, v in knobs.items()})


def test_a_function_is_fitted():
    ds = gnviz.run(settings(), make_problem(decay, X, Y, [1.0, 0.5]))
    weights = ds.weights.sel(run="gauss-newton").isel(time=-1)
    assert_close(weights, [2, 1.3], atol=1e-7, label="after 20 times e")  # e^-20 of a start 1 away
    assert ds.weights.dims == ("run", "time", "parameter")
    assert_close(ds.prediction.isel(time=0, run=0), decay(torch.tensor([1, 0.5]).double(), X), rtol=1e-15)
    assert_close(ds.curve.isel(time=0, run=0)[[0, -1]], [1, np.exp(-1)], rtol=1e-15)
    assert ds.attrs["model"] == "decay"
    assert "network.* did not act" in ds.attrs["notes"]


def test_the_experiments_network_as_an_own_model_gives_the_same_run():
    experiment = settings(
        network__width=8, data__n=6, data__condition=1e3, clock__horizon=3.0, clock__tol=1e-8
    )
    problem = build(experiment)
    mine = make_problem(
        lambda w, x: problem.model.outputs(w[None], x)[0],
        problem.samples.x, problem.samples.y, problem.w0, alpha=problem.runs[0].alpha,
    )  # fmt: skip
    a, b = gnviz.run(experiment), gnviz.run(experiment, mine)
    assert b.condition == pytest.approx(a.condition, rel=1e-9)  # kappa eps
    for name in ("loss", "eigenvalues", "rate", "weight_drift", "kernel_drift"):
        assert_close(b[name], a[name], rtol=SAME, label=name)


def test_a_module_starts_from_its_own_parameters():
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(1, 5), torch.nn.Tanh(), torch.nn.Linear(5, 1))
    before = [p.clone() for p in module.parameters()]
    problem = make_problem(module, X, Y)
    flat = torch.cat([p.detach().reshape(-1) for p in module.parameters()]).double()
    assert_close(problem.starts, flat[None])
    ds = gnviz.run(settings(methods=["gradient-flow"], clock__horizon=1.0), problem)
    assert_close(ds.prediction.isel(time=0, run=0), module.double()(X[:, None])[:, 0], rtol=1e-14)
    assert float(ds.loss[0, -1]) < 0.5 * float(ds.loss[0, 0])
    assert all(torch.equal(a, b) for a, b in zip(before, module.float().parameters(), strict=True))
    assert ds.attrs["model"] == "Sequential"


def test_frozen_parameters_and_buffers_stay():
    module = torch.nn.Sequential(torch.nn.BatchNorm1d(1), torch.nn.Linear(1, 3), torch.nn.Linear(3, 1))
    module[1].requires_grad_(False)
    problem = make_problem(module, X, Y)
    assert problem.model.parameters == 2 + 4
    gnviz.run(settings(), problem)
    assert torch.equal(module[0].running_mean, torch.zeros(1))


def test_inputs_of_any_shape_reach_the_model_as_given():
    images = torch.randn(4, 1, 5, 5, generator=torch.Generator().manual_seed(0)).double()
    module = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.Flatten(), torch.nn.Linear(18, 1))
    ds = gnviz.run(settings(), make_problem(module, images, torch.ones(4)))
    assert ds.x.shape == (4, 25)
    assert float(ds.loss.sel(run="gauss-newton")[-1]) < 1e-12


def test_several_starts_are_runs_side_by_side():
    problem = make_problem(decay, X, Y, [[1.0, 0.5], [3.0, 2.0]])
    ds = gnviz.run(settings(), problem)
    assert list(ds.run.values) == [
        f"{m}, seed {s}" for m in ("gauss-newton", "gradient-flow") for s in (0, 1)
    ]
    assert_close(ds.weights.isel(time=0), [[1, 0.5], [3, 2]] * 2)
    with pytest.raises(KnobError, match=r"ensemble.seeds = 3.*2 start"):
        gnviz.run(settings(ensemble__seeds=3), problem)


def test_alphas_of_the_ensemble_act_and_the_networks_does_not():
    problem = make_problem(decay, X, Y, [1.0, 0.5], centred=True)
    assert gnviz.run(settings(network__alpha=7.0), problem).alpha.values.tolist() == [1, 1]
    ds = gnviz.run(settings(methods=["constant(rho=0.5)"], ensemble__alphas="2;3"), problem)
    assert ds.alpha.values.tolist() == [2, 3]
    assert_close(ds.prediction.isel(time=0), np.zeros((2, 12)))


def test_results_are_saved_and_read(tmp_path):
    ds = gnviz.run(settings(loss__kind="log-cosh"), make_problem(decay, X, Y, [1.0, 0.5], name="my decay"))
    back = gnviz.load(gnviz.save(ds, tmp_path / "own.nc"))
    assert back.identical(ds)
    assert back.attrs["model"] == "my decay"
    assert Experiment.from_json(back.attrs["experiment"]) == settings(loss__kind="log-cosh")


def test_a_function_of_the_parameters_alone():
    ds = gnviz.run(
        settings(), make_problem(lambda w: torch.stack([w[0], w[0] * w[1]]), y=[2, 6], w0=[1.0, 1.0])
    )
    assert_close(ds.weights.isel(run=0, time=-1), [2, 3], atol=1e-7)
    assert ds.feature.values.tolist() == ["sample"]
    assert ds.sizes["grid"] == 0


def test_a_model_that_cannot_be_batched_runs_and_says_so():
    def branching(w, x):
        return decay(w, x) if w[0].item() > 0 else -decay(w, x)

    a = gnviz.run(settings(), make_problem(decay, X, Y, [1.0, 0.5]))
    b = gnviz.run(settings(), make_problem(branching, X, Y, [1.0, 0.5]))
    assert "cannot be batched" in b.attrs["notes"]
    assert_close(b.loss, a.loss, rtol=1e-9, label="other roundings, the same steps")


STEPS = ["trust-region", "gauss-newton", "adaptive(c=1)", "gradient-flow"]


@pytest.mark.parametrize("rule", ["fixed", "stable", "line-search"])
def test_every_kind_of_step_is_taken(rule):
    methods = [m for m in STEPS if rule in parse_method(m).step_rules]
    knobs = {"clock__kind": "steps", "clock__steps": 300, "clock__step_rule": rule}
    ds = gnviz.run(settings(methods=methods, **knobs), make_problem(decay, X, Y, [1.0, 0.5]))
    assert (loss_now(ds) < 0.05 * ds.loss[:, 0]).all(), loss_now(ds)
    if rule == "fixed":
        assert_close(gnviz.weights(ds)[0], [2, 1.3], atol=1e-9, label="at a zero residual")


def test_a_method_that_does_not_go_with_the_clock_is_refused():
    with pytest.raises(KnobError, match=r"clock\.kind = .flow. does not go with the method .adam."):
        gnviz.run(settings(methods=["adam"]), make_problem(decay, X, Y, [1.0, 0.5]))


@pytest.mark.parametrize("kind", ["flow", "steps"])
def test_a_checkpoint_goes_on_with_the_same_problem(tmp_path, kind):
    problem = make_problem(decay, X, Y, [[1.0, 0.5], [3.0, 2.0]])
    experiment = settings(clock__kind=kind, clock__steps=50)
    whole = list(gnviz.simulate(experiment, problem=problem))
    stream = gnviz.simulate(experiment, problem=problem)
    seen = [next(stream) for _ in range(3)]
    saved = gnviz.Checkpoint.load(stream.checkpoint(seen).save(tmp_path / "here.npz"))
    again = list(gnviz.simulate(experiment, resume=saved, problem=problem))
    for a, b in zip(again, whole, strict=True):
        np.testing.assert_array_equal(a.weights, b.weights)
        np.testing.assert_array_equal(a.prediction, b.prediction)
    other = make_problem(lambda w, x: decay(w, x) + w[2], X, Y, [1.0, 0.5, 0.0])
    with pytest.raises(
        KnobError, match=r"another problem: it has weights of shape \(4, 2\), this one \(2, 3\)"
    ):
        list(gnviz.simulate(experiment, resume=saved, problem=other))


def test_float32():
    ds = gnviz.run(settings(dtype="float32"), make_problem(decay, X, Y, [1.0, 0.5]))
    assert_close(ds.weights.isel(run=0, time=-1), [2, 1.3], atol=1e-4)


def test_labels_for_the_logistic_loss():
    problem = make_problem(lambda w, x: w[0] + w[1] * x, X, (X > 1).double(), [0.0, 0.0])
    ds = gnviz.run(settings(loss__kind="logistic"), problem)
    assert set(ds.y.values) == {-1.0, 1.0}


BAD = {
    "nothing to train.*no parameters": lambda: make_problem(torch.nn.Tanh(), X, Y),
    "nothing to train.*requires_grad": lambda: make_problem(
        torch.nn.Linear(1, 1).requires_grad_(False), X, Y
    ),
    r"shape \(12, 2\); allowed are \(12,\) and \(12, 1\)": lambda: make_problem(torch.nn.Linear(1, 2), X, Y),
    r"shape \(\); allowed": lambda: make_problem(lambda w, x: decay(w, x).sum(), X, Y, [1.0, 1]),
    "autograd sees": lambda: make_problem(lambda w, x: decay(w.detach(), x), X, Y, [1.0, 1]),
    "torch.int64, which has no deriv": lambda: make_problem(lambda w, x: decay(w, x).long(), X, Y, [1.0, 1]),
    "parameters in place": lambda: make_problem(lambda w, x: decay(w.mul_(2), x), X, Y, [1.0, 1]),
    "inputs in place": lambda: make_problem(lambda w, x: decay(w, x.mul_(2)), X, Y, [1.0, 1]),
    "cannot be differentiated.*inplace": lambda: make_problem(
        lambda w, x: (lambda e: e.exp() * e.mul_(2) + e.exp_())(w[0] * x), X, Y, [1.0, 1]
    ),
    "1 of 12 outputs are not finite": lambda: make_problem(lambda w, x: w[0] / x, X, Y, [1.0]),
    "derivative of the outputs is not finite": lambda: make_problem(
        lambda w, x: (w[0] * x).sqrt(), X, Y, [0.0]
    ),
    "other outputs for the same": lambda: make_problem(
        torch.nn.Sequential(torch.nn.Linear(1, 40), torch.nn.Dropout(), torch.nn.Linear(40, 1)), X, Y
    ),
    "fails at w0: index 2": lambda: make_problem(lambda w, x: w[2] * x, X, Y, [1.0, 1]),
    "returns a ndarray": lambda: make_problem(lambda w, x: x.numpy(), X, Y, [1.0, 1]),
    "w0 is missing": lambda: make_problem(decay, X, Y),
    "y is missing": lambda: make_problem(decay, X, w0=[1.0, 1]),
    "x is missing": lambda: make_problem(torch.nn.Linear(1, 1), y=Y),
    r"x has shape \(12,\), but y has 3": lambda: make_problem(decay, X, [1, 2, 3], [1.0, 1]),
    "y holds numbers that are not finite": lambda: make_problem(decay, [1.0], [np.nan], [1.0, 1]),
    "y must be numbers": lambda: make_problem(decay, [1.0], ["a"], [1.0, 1]),
    r"w0 has shape \(0,\)": lambda: make_problem(decay, X, Y, []),
    "2 parameters, but the module has 6": lambda: make_problem(
        torch.nn.Sequential(torch.nn.Linear(1, 2), torch.nn.Linear(2, 1, bias=False)), X, Y, [1.0, 1]
    ),
    "alpha = 0": lambda: make_problem(decay, X, Y, [1.0, 1], alpha=0),
    "the model is a str": lambda: make_problem("exp", X, Y, [1.0, 1]),
}  # fmt: skip


@pytest.mark.parametrize("message", BAD)
def test_what_is_wrong_is_said_in_plain_words(message):
    with pytest.raises(ValueError, match=message):
        BAD[message]()


def test_a_model_with_constants_elsewhere_says_where_it_fails():
    problem = make_problem(decay, X, Y, [1.0, 0.5])
    with pytest.raises(ValueError, match=r"the model fails on meta in torch\.float64.*must be on w\.device"):
        problem.model.outputs(torch.ones(1, 2, dtype=torch.float64, device="meta"), X[:, None] + 0)


def test_a_jacobian_beyond_memory_is_refused():
    layer = torch.nn.Linear(1, 2000)
    problem = make_problem(torch.nn.Sequential(layer, torch.nn.Linear(2000, 1)), X, Y)
    searches = settings(methods=["gauss-newton"], ensemble__alphas=";".join(map(str, range(1, 1000))))
    with pytest.raises(KnobError, match=r"p = 6001, n = 12, 999 runs.*allowed are"):
        gnviz.run(searches.replace({"clock.snapshots": 2000}), problem)


def test_a_model_too_large_to_form_its_jacobian_is_refused():
    with pytest.raises(KnobError, match=r"about 89 GiB \(p = 1000000, n = 2000: the Jacobian is formed"):
        make_problem(lambda w: w[:2000], y=torch.zeros(2000), w0=torch.zeros(10**6))


def test_the_example_in_the_readme(capsys):
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    blocks = [b for b in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if "make_problem" in b]
    assert len(blocks) == 1
    exec(blocks[0], {})
    shown = [line[2:] for line in blocks[0].splitlines() if line.startswith("# ")]
    assert capsys.readouterr().out.splitlines() == shown
    assert shown[0] == shown[1] == "[2.  1.3 0.5]", "Gauss-Newton and the trust region fit the data"


def test_the_example_in_the_documentation():
    failed, tried = doctest.testmod(own, extraglobs={"torch": torch, "make_problem": make_problem})
    assert (failed, tried > 0) == (0, True)
