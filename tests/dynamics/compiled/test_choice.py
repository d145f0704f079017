"""Which engine runs an experiment, and that nothing else hangs on it."""

import subprocess
import sys

import numpy as np
import pytest
from engines import assert_same_course

from gnviz import Experiment, KnobError, make_problem, preset, run, simulate
from gnviz.dynamics import engine
from gnviz.dynamics.compiled.machine import ready

SMALL = {"data.n": 4, "data.condition": 1e2, "network.width": 6, "clock.snapshots": 8, "clock.horizon": 5.0}

STRANGE = {
    "clock.step_rule = 'line-search'": {"clock.kind": "steps", "clock.step_rule": "line-search"},
    "trust-region": {"clock.kind": "steps", "methods": ["trust-region"]},
    "fewer parameters": {
        "data.kind": "ring",
        "data.n": 40,
        "data.condition": None,
        "network.width": 2,
        "clock.kind": "steps",
    },
    "observe.sharpness = 2": {"observe.sharpness": 2},
    "float64 only": {"dtype": "float32"},
    "formula": {"methods": ["gradient-flow", "formula(exp(-t))"]},
    "fewer parameters (2)": {"surface.model": "neuron", "network.alpha": 1.0, "clock.kind": "steps"},
}

CLOCKS = {
    "flow": {},
    "flow, fewer parameters": {"data.kind": "ring", "data.n": 12, "data.condition": None, "network.width": 2},
    "steps": {"clock.kind": "steps", "clock.steps": 60, "clock.step_rule": "stable",
              "methods": ["constant(rho=0.1)", "momentum", "gauss-newton"]},
}  # fmt: skip


def small(**knobs):
    return Experiment().replace({**SMALL, **{k.replace("__", "."): v for k, v in knobs.items()}})


@pytest.fixture
def at_hand(monkeypatch):
    monkeypatch.setattr(ready, "_decided", dict.fromkeys(ready.CLOCKS, True))


@pytest.mark.parametrize("name", STRANGE)
def test_what_it_does_not_know_is_named_and_torch_runs_it(at_hand, name):
    e = small().replace(STRANGE[name])
    with pytest.raises(
        KnobError, match=r"engine = 'compiled' cannot run this: .*allowed: engine = auto"
    ) as error:
        next(simulate(e.replace({"engine": "compiled"})))
    assert name in str(error.value)
    assert error.value.remedy == {"engine": "auto"}
    assert next(simulate(e)).header.engine == "torch"


def test_a_model_of_ones_own_is_torchs(at_hand):
    problem = make_problem(lambda w, x: x @ w, [[0.0], [1.0]], [1.0, 2.0], [0.5])
    assert next(simulate(small(), problem=problem)).header.engine == "torch"
    with pytest.raises(KnobError, match="it knows the networks and surfaces of gnviz only"):
        next(simulate(small(engine="compiled"), problem=problem))


def test_small_work_is_compiled_and_large_work_is_not(at_hand):
    assert next(simulate(preset("figure1"))).header.engine == "compiled"
    assert next(simulate(preset("figure2"))).header.engine == "compiled"
    assert next(simulate(preset("figure3"))).header.engine == "compiled"
    wide = {
        "data.n": 64,
        "data.kind": "ring",
        "data.condition": None,
        "network.width": 256,
        "network.depth": 3,
    }
    assert next(simulate(Experiment().replace(wide))).header.engine == "torch"
    assert next(simulate(small(engine="torch"))).header.engine == "torch"


def test_the_dataset_says_which_engine_ran(at_hand):
    assert run(small()).attrs["engine"] == "compiled"
    assert run(small(engine="torch")).attrs["engine"] == "torch"


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("made", ["torch", "compiled"])
def test_a_checkpoint_goes_on_with_the_engine_that_made_it(monkeypatch, tmp_path, made, clock):
    e = small().replace(CLOCKS[clock])
    kind = e.clock.kind
    monkeypatch.setattr(ready, "_decided", {kind: made == "compiled"})
    whole, stream = list(simulate(e)), simulate(e)
    seen = [next(stream) for _ in range(3)]
    path = stream.checkpoint().save(tmp_path / "here.npz")
    monkeypatch.setattr(ready, "_decided", {kind: made != "compiled"})
    again = [*seen, *simulate(e, resume=type(stream.checkpoint()).load(path))]
    assert again[3].header.engine == made
    for a, b in zip(whole, again, strict=True):
        np.testing.assert_array_equal(a.loss, b.loss)
        np.testing.assert_array_equal(a.path_length, b.path_length)
        assert a.status_text == b.status_text


def test_a_caller_may_stop_it_between_steps():
    calls = []

    def tick():
        calls.append(1)
        if len(calls) > 3:
            raise InterruptedError

    stream = simulate(small(engine="compiled"), tick)
    assert [next(stream).index for _ in range(4)] == [0, 1, 2, 3]
    with pytest.raises(InterruptedError):
        next(stream)


def test_threads_do_not_change_the_numbers(monkeypatch):
    from gnviz.dynamics.compiled import engine as compiled

    alone = run(small(engine="compiled"))
    monkeypatch.setattr(compiled, "THREADS_PAY", 0)
    monkeypatch.setattr(compiled, "_cores", lambda: 2)
    np.testing.assert_array_equal(run(small(engine="compiled")).loss, alone.loss)


TWICE = """
import sys
{first}
from gnviz import Experiment, run
e = Experiment().replace({small!r})
print([run(e).attrs["engine"] for _ in range(2)])
"""


def script(first="", **environment):
    """Run an experiment twice in a fresh interpreter; return what it prints, and its errors."""
    import os

    code = TWICE.format(first=first, small=SMALL)
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip(), done.stderr


def test_without_numba_torch_answers_and_says_so_once():
    out, errors = script("sys.modules['numba'] = None")
    assert out == "['torch', 'torch']"
    assert errors.count("gnviz runs without its compiled engine") == 1
    assert "numba is not installed" in errors


def test_without_a_place_to_keep_code_torch_answers_and_says_so_once(tmp_path):
    (tmp_path / "file").touch()
    out, errors = script(NUMBA_CACHE_DIR=str(tmp_path / "file"))
    assert out == "['torch', 'torch']"
    assert errors.count("no folder can be written to keep it in") == 1


def test_a_fresh_process_finds_what_is_kept():
    out, errors = script()
    assert out == "['compiled', 'compiled']"
    assert "gnviz" not in errors


def test_until_it_is_compiled_torch_answers(monkeypatch):
    started = []
    monkeypatch.setattr(ready, "_decided", {})
    monkeypatch.setattr(ready, "_loaded", {"flow"})
    monkeypatch.setattr(ready.cache, "complete", lambda clock: clock == "flow")
    monkeypatch.setattr(ready, "_compile_elsewhere", started.append)
    e = small().replace(CLOCKS["steps"])
    assert [run(e).attrs["engine"] for _ in range(2)] == ["torch", "torch"]
    assert started == ["steps"]
    assert run(small()).attrs["engine"] == "compiled"


def test_the_rule_counts_a_step_of_all_runs(at_hand, monkeypatch):
    monkeypatch.setattr(engine, "LITTLE", 3 * 4 * (4 * 6 + 4 * 4))
    assert next(simulate(small())).header.engine == "compiled"
    monkeypatch.setattr(engine, "LITTLE", 3 * 4 * (4 * 6 + 4 * 4) - 1)
    assert next(simulate(small())).header.engine == "torch"


def test_what_is_forced_runs_whatever_its_size(monkeypatch):
    monkeypatch.setattr(engine, "LITTLE", 0)
    assert_same_course(run(small(engine="torch")), run(small(engine="compiled")))
