"""Kinds from outside: registered in a script or by an installed package, and known everywhere by name."""

import importlib.metadata
import subprocess
import sys

import numpy as np
import param
import pytest
from checks import assert_close

import gnviz
from gnviz import Experiment, KnobError, Method, Schedule
from gnviz.jobs import JobStatus, stream
from gnviz.knobs import registry
from gnviz.lab.controls.methods import MethodChooser
from gnviz.methods import METHODS, parse_method
from gnviz.report import catalogue
from gnviz.results import Recording

SMALL = {"data.n": 4, "data.condition": None, "network.width": 8, "clock.horizon": 2.0, "clock.snapshots": 5}
SMALL |= {"device": "cpu"}
FLOOR = 0.25


class Halving(Schedule):
    """Damping that halves in every unit of time, down to a floor of this module's."""

    label = "halving"
    title = "Halving damping"
    formula = "ρ = max(FLOOR, first·2^(−t))"
    meaning = "less and less damping"

    first = param.Number(1.0, bounds=(1e-3, 1.0), softbounds=(0.1, 1.0), doc="The blend at the start.")

    def rho_at(self, seen):
        rho = self.first * 2.0 ** (-seen.time)
        return rho.clip(FLOOR)


@pytest.fixture
def halving():
    gnviz.register(Halving)
    yield Halving
    METHODS.remove("halving")


def expected(times, first):
    return np.maximum(FLOOR, first * 2.0**-times)


def test_it_runs_and_round_trips_by_name(halving):
    experiment = Experiment(methods=[halving(first=0.5), "gradient-flow"]).replace(SMALL)
    assert experiment.methods[0] == "halving(first=0.5)"
    assert Experiment.from_json(experiment.to_json()) == experiment
    assert Experiment.from_query(experiment.to_query()) == experiment
    ds = gnviz.run(experiment)
    assert_close(ds.rho[0], expected(ds.time.values, 0.5), rtol=1e-9)
    with pytest.raises(KnobError, match=r"halving\(first\) = '2' is not allowed: a number from 0.001 to 1"):
        parse_method("halving(first=2)")


def test_a_worker_process_knows_it(halving, worker):
    experiment = Experiment(methods=["halving(first=0.5)"]).replace(SMALL)
    job = worker.submit(experiment)
    ds = Recording.of(stream(job)).dataset()
    assert (job.status, job.error) == (JobStatus.FINISHED, None)
    assert_close(ds.rho[0], expected(ds.time.values, 0.5), rtol=1e-9)


def test_the_page_and_the_command_line_offer_it(halving):
    chooser = MethodChooser(["halving(first=0.5)"])
    assert chooser.methods == ["halving(first=0.5)"]
    row = chooser.row("halving")
    assert (row.switch.label, row.switch.value, row.knobs["first"].value) == ("Halving damping", True, 0.5)
    assert (row.knobs["first"].start, row.knobs["first"].end) == (0.1, 1)
    assert "halving" not in [row.label for row in MethodChooser(["gradient-flow"])._rows if row.method]
    assert "halving: ρ = max(FLOOR, first·2^(−t)); less and less damping" in catalogue()


class UnitSteps(Method):
    """Steps of one length along the gradient, however steep it is."""

    label, formula, meaning = "unit-steps", "w ← w − (η/α)·length·Jᵀe/‖Jᵀe‖", "steps of one length"
    clocks, step_rules = ("steps",), ("fixed",)

    length = param.Number(1.0, bounds=(1e-3, 1e3), doc="How long a step is.")

    @staticmethod
    def turn(d, memory, knobs, step):
        return knobs["length"] * d / d.norm(dim=1, keepdim=True)

    def first_step(self, alpha):
        return 0.1 * alpha

    @property
    def schedule(self):
        return gnviz.GradientFlow()


def test_a_method_may_say_its_own_direction_and_first_step():
    gnviz.register(UnitSteps)
    try:
        experiment = Experiment(methods=[UnitSteps(length=0.5), "unit-steps(length=2)", "adam"]).replace(
            SMALL
        )
        steps = {"clock.kind": "steps", "clock.steps": 4, "clock.spacing": "linear", "observe.weights": "all"}
        ds = gnviz.run(experiment.replace(steps))
    finally:
        METHODS.remove("unit-steps")
    moved = np.linalg.norm(np.diff(ds.weights.values, axis=1), axis=2)
    assert ds.time.values.tolist() == [0, 1, 2, 3, 4]
    assert_close(moved[:2], np.array([[0.05] * 4, [0.2] * 4]), rtol=1e-9, label="length of the steps")


def test_defining_it_again_takes_the_new_one(halving):
    later = type("Halving", (halving,), {"formula": "another"})
    assert gnviz.register(later) is later
    assert type(parse_method("halving")) is later


@pytest.mark.parametrize(
    ("thing", "error", "words"),
    [
        (type("Adaptive", (Schedule,), {"label": "adaptive"}), ValueError, "is the name of"),
        (type("Nameless", (Schedule,), {}), ValueError, "Nameless.label is None; allowed: letters"),
        (type("Odd", (Schedule,), {"label": "a b"}), ValueError, "Odd.label is 'a b'; allowed: letters"),
        (dict, TypeError, "cannot be registered; allowed: a subclass of "),
        (Halving(), TypeError, "cannot be registered; allowed: a subclass of "),
    ],
)
def test_what_cannot_be_registered_is_told(thing, error, words):
    with pytest.raises(error, match=words):
        gnviz.register(thing)
    assert "halving" not in METHODS


PLUGIN = """
from gnviz import Schedule


class Third(Schedule):
    label = "third"
    formula = "ρ = 1/3"
    meaning = "a third"

    def rho_at(self, seen):
        return 0 * seen.time + 1 / 3
"""


def test_an_installed_package_is_found(tmp_path):
    (tmp_path / "third.py").write_text(PLUGIN)
    info = tmp_path / "third-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: third\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[gnviz.plugins]\nthird = third:Third\nbroken = third:Fourth\n")
    code = f"""
import sys, warnings
sys.path.insert(0, {str(tmp_path)!r})
from gnviz.cli import main
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    main(["list"])
print(*(w.message for w in told))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert "third: ρ = 1/3; a third" in done.stdout
    assert "the plugin broken (third:Fourth) is left out" in done.stdout


def test_nothing_else_is_installed_here():
    assert not list(importlib.metadata.entry_points(group=registry.GROUP))
