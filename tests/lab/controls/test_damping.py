"""One slider from gradient flow to Gauss-Newton."""

from gnviz.experiment import Experiment
from gnviz.lab.controls.controls import Controls
from gnviz.lab.controls.damping import damping_of, with_damping


def test_the_first_constant_damping_is_changed_or_one_is_added():
    assert with_damping(["gradient-flow", "constant(rho=0.1)", "constant(rho=0.5)"], 0.02) == [
        "gradient-flow",
        "constant(rho=0.02)",
        "constant(rho=0.5)",
    ]
    assert with_damping(["gradient-flow"], 0.02) == ["gradient-flow", "constant(rho=0.02)"]
    assert with_damping(["constant(rho=0.1)", "constant(rho=0.5)"], 0.5) == ["constant(rho=0.5)"]
    assert damping_of(["gradient-flow", "constant(rho=0.1)"]) == 0.1
    assert damping_of(["gradient-flow"]) is None


def test_the_slider_runs_from_gradient_flow_to_gauss_newton():
    controls = Controls(Experiment())
    slider = controls.damping
    assert slider.ends == ["gradient flow", "Gauss-Newton"]
    slider.value = slider.start
    assert damping_of(controls.experiment.methods) == 1
    slider.value = slider.end
    assert damping_of(controls.experiment.methods) == 1e-8
    assert controls.methods.row("constant").knobs["rho"].value == 1e-8


def test_it_follows_the_experiment():
    controls = Controls(Experiment())
    controls.load(Experiment().replace({"methods": ["constant(rho=0.3)"]}))
    assert controls.damping.value == 0.3
    assert controls.experiment.methods == ["constant(rho=0.3)"]
    controls.methods.row("constant").knobs["rho"].value = 0.05
    assert controls.damping.value == 0.05
    controls.load(Experiment().replace({"methods": ["gradient-flow"]}))
    assert controls.experiment.methods == ["gradient-flow"], "the slider adds no run until it is moved"


def labels(controls):
    return [place.objects[0].label for place in controls.front.objects]


def test_the_knobs_in_sight_are_those_that_matter():
    controls = Controls(Experiment())
    assert labels(controls) == ["Conditioning κ(K₀)", "Damping ρ", "Output scaling α", "Width"]
    controls.load(Experiment().replace({"data.kind": "xor"}))
    assert "Conditioning κ(K₀)" not in labels(controls)
    controls.load(Experiment().replace({"surface.model": "sphere"}))
    assert labels(controls) == ["Coordinates", "Model", "Damping ρ", "Output scaling α"]
    steps = Experiment().replace({"clock.kind": "steps", "methods": ["adam"]})
    controls.load(steps)
    assert "Width" in labels(controls)
