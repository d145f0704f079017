"""Stopped and gone on with: bit for bit what running straight through gives, for every method and clock."""

import pickle

import numpy as np
import pytest

from gnviz import Checkpoint, Experiment, KnobError, simulate
from gnviz.dynamics.checkpoint import RECORDED, SOME
from gnviz.experiment import STEP_RULES
from gnviz.methods import METHODS, parse_method
from gnviz.results import Recording

EVERY_METHOD = [*METHODS, "momentum(beta=0.5, nesterov=true)", "trust-region(update=marquardt)",
                "constant(rho=1e-15)", "formula(1.2-t)"]  # fmt: skip
SMALL = {"network.width": 10, "data.condition": 1e4, "data.n": 6, "clock.snapshots": 8, "clock.steps": 20,
         "clock.horizon": 8.0, "clock.tol": 1e-2, "network.alpha": 1.0}  # fmt: skip

ROUNDING = 1e-12
"""Of the least loss in reach, which is known to its recorded uncertainty and this, not bit for bit."""


def experiment(methods, **knobs):
    return Experiment().replace(
        {**SMALL, "methods": methods, **{k.replace("__", "."): v for k, v in knobs.items()}}
    )


def straight_through(e):
    """All snapshots of an experiment."""
    return tuple(simulate(e))


def assert_same(snapshots, expected):
    assert len(snapshots) == len(expected)
    for a, b in zip(snapshots, expected, strict=True):
        assert (a.index, a.time, a.status, a.status_text) == (b.index, b.time, b.status, b.status_text)
        for name in RECORDED:
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=f"{name} at {a.time}")
        for name in SOME:
            one, other = getattr(a, name), getattr(b, name)
            assert (one is None) == (other is None)
            assert one is None or np.array_equal(one, other, equal_nan=True)
        assert (a.optimum is None) == (b.optimum is None)
        if a.optimum is not None:  # MINPACK rounds differently from call to call, with or without a stop
            assert (np.abs(a.optimum - b.optimum) <= ROUNDING + a.optimum_error + b.optimum_error).all()
            assert a.start_loss.shape == b.start_loss.shape
            assert (np.abs(a.start_loss - b.start_loss) <= ROUNDING + a.start_error + b.start_error).all()


def stopped(e, moments, keep=False):
    """Run to a moment and return the checkpoint there, and the snapshots."""
    stream = simulate(e)
    seen = [next(stream) for _ in range(moments)]
    return stream.checkpoint(seen if keep else ()), seen


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize(("kind", "rule"), [("flow", "fixed"), *(("steps", rule) for rule in STEP_RULES)])
def test_every_method_goes_on_bit_for_bit(kind, rule, half):
    """All that go with a clock and a rule, in two batches."""
    known = {method: parse_method(method) for method in EVERY_METHOD}
    able = [m for m, x in known.items() if kind in x.clocks and (kind == "flow" or rule in x.step_rules)]
    e = experiment(able[half::2], clock__kind=kind, clock__step_rule=rule)
    whole = straight_through(e)
    for moments in (1, 3, 6):
        saved, seen = stopped(e, moments)
        assert_same([*seen, *simulate(e, resume=saved)], whole)


@pytest.mark.parametrize("kind", ["flow", "steps"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_file_keeps_everything(tmp_path, kind, dtype):
    e = experiment(["gradient-flow", "adaptive(c=1)", "formula(1.2-t)"], clock__kind=kind, dtype=dtype)
    whole = straight_through(e)
    saved, _ = stopped(e, 4, keep=True)
    again = Checkpoint.load(saved.save(tmp_path / "here.npz"))
    stream = list(simulate(e, resume=again))
    assert_same(stream, whole)
    assert Recording.of(stream).dataset().equals(Recording.of(whole).dataset())
    assert_same(list(simulate(e, resume=pickle.loads(pickle.dumps(saved)))), whole)


FEW = {"data.kind": "ring", "data.n": 20, "network.width": 3, "network.initialization": "centred"}
"""More samples than parameters."""

ELSEWHERE = {
    "ensemble": {"ensemble.alphas": ["0.3", "3"], "ensemble.seeds": 2},
    "log-cosh": {"loss.kind": "log-cosh"},
    "few parameters": {**FEW, "network.seed": 3, "clock.horizon": 1.0},
    "a breakdown": {  # Gauss-Newton is stuck at t = 0.18, between the fourth moment and the fifth
        **FEW, "network.seed": 1, "clock.horizon": 0.5, "methods": ["gauss-newton", "constant(rho=0.1)"],
        "observe.optimum": False,
    },
    "a run that ends early": {"methods": ["formula(log(3-t))", "gradient-flow", "constant(rho=0.1)"]},
}  # fmt: skip


@pytest.mark.parametrize("kind", ["flow", "steps"])
@pytest.mark.parametrize("change", ELSEWHERE)
def test_whatever_is_trained_goes_on_bit_for_bit(tmp_path, kind, change):
    methods = ["adaptive(c=1)", "gauss-newton", "constant(rho=0.1)"]
    e = experiment(methods, clock__kind=kind, clock__snapshots=7).replace(ELSEWHERE[change])
    whole = straight_through(e)
    for moments in {2, min(5, len(whole))}:
        saved, seen = stopped(e, moments)
        again = Checkpoint.load(saved.save(tmp_path / "here.npz"))
        assert_same([*seen, *simulate(e, resume=again)], whole)
    if change == "few parameters":
        assert whole[-1].optimum is not None, "the least loss in reach is known at the end"
        done, _ = stopped(e, len(whole), keep=True)
        assert_same(list(simulate(e, resume=Checkpoint.load(done.save(tmp_path / "done.npz")))), whole)


def test_inside_a_step_there_is_nothing_to_go_on_from():
    def tick():
        raise InterruptedError

    stream = simulate(experiment(["gradient-flow"]), tick)
    next(stream)
    assert stream.checkpoint().index == 0
    with pytest.raises(InterruptedError):
        next(stream)
    with pytest.raises(ValueError, match="in the middle of a step"):
        stream.checkpoint()


def test_twice_stopped_is_as_good_as_once():
    e = experiment(["adam", "trust-region", "constant(rho=0.01)"], clock__kind="steps")
    whole = straight_through(e)
    saved, seen = stopped(e, 2)
    stream = simulate(e, resume=saved)
    more = [next(stream) for _ in range(3)]
    assert_same([*seen, *more, *simulate(e, resume=stream.checkpoint())], whole)
    assert more[0].header is not None, "without the snapshots before, the header comes with the first one"


def test_a_finished_run_has_nothing_to_add():
    e = experiment(["gradient-flow"], clock__kind="steps")
    whole = straight_through(e)
    assert list(simulate(e, resume=stopped(e, len(whole))[0])) == []
    assert_same(list(simulate(e, resume=stopped(e, len(whole), keep=True)[0])), whole)


def test_another_experiment_is_refused_by_name():
    e = experiment(["gradient-flow"])
    saved, _ = stopped(e, 2)
    with pytest.raises(KnobError, match=r"another experiment: network.seed, clock.tol differ"):
        next(simulate(e.replace({"clock.tol": 1e-4, "network.seed": 1}), resume=saved))


def test_before_the_first_snapshot_there_is_nothing_to_keep():
    with pytest.raises(ValueError, match="nothing to keep"):
        simulate(experiment(["gradient-flow"])).checkpoint()


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04" + b"0" * 99])
def test_another_file_is_refused(tmp_path, content):
    path = tmp_path / "x.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is not a gnviz checkpoint"):
        Checkpoint.load(path)


def test_an_archive_of_something_else_is_refused(tmp_path):
    np.savez(tmp_path / "x.npz", a=np.ones(3))
    with pytest.raises(ValueError, match="another kind of file"):
        Checkpoint.load(tmp_path / "x.npz")
    np.savez(tmp_path / "evil.npz", checkpoint=np.array(1), experiment=np.array([print], dtype=object))
    with pytest.raises(ValueError, match="is not a gnviz checkpoint"):
        Checkpoint.load(tmp_path / "evil.npz")
