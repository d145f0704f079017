"""What a map shows, the sweep that it asks for, and its spelling in an address."""

import pytest

from gnviz.experiment import Experiment
from gnviz.knobs import KnobError
from gnviz.lab.map import axes
from gnviz.lab.map.axes import Axis
from gnviz.lab.map.settings import MOST_CELLS, Settings, checked, read
from gnviz.lab.server import address
from gnviz.sweeps import Grid


def test_at_first_it_is_damping_over_conditioning_and_small():
    settings = Settings()
    assert settings.cells == 81
    assert settings.up.values == pytest.approx([10.0**k for k in range(-8, 1)])
    grid = Grid(settings.base(Experiment()), settings.over(Experiment()))
    assert list(grid.axes) == ["data.condition", "constant(rho)"]
    assert [run.label for run in grid.runs] == settings.runs(Experiment()) == ["constant"]


def test_its_sweep_does_not_depend_on_what_its_axes_set():
    one, other = (Experiment().replace({"data.condition": k}) for k in (1e6, 1e8))
    other = other.replace({"methods": ["gradient-flow", "constant(rho=0.3)"]})
    assert Settings().base(one) == Settings().base(other)
    assert Settings().base(one) != Settings().base(one.replace({"network.width": 60}))


def test_other_knobs_keep_all_methods_and_alphas_unless_alpha_is_an_axis():
    experiment = Experiment().replace(
        {"ensemble.alphas": ["1", "10"], "ensemble.seeds": 3, "network.seed": 5}
    )
    widths = Settings(up=axes.usual("network.width"), seeds=2)
    assert len(widths.runs(experiment)) == 6
    assert widths.over(experiment)["network.seed"] == [5, 6]
    assert all(width % 2 == 0 for width in widths.up.values), "neurons are twins"
    alphas = Settings(up=axes.usual("network.alpha"))
    assert alphas.runs(experiment) == list(experiment.methods)
    Grid(widths.base(experiment), widths.over(experiment))
    Grid(alphas.base(experiment), alphas.over(experiment))


def test_a_cell_is_opened_beside_the_other_methods():
    beside = Settings().beside(Experiment().replace({"methods": ["gradient-flow", "adaptive(c=1)"]}))
    assert beside.methods == ["gradient-flow", "adaptive(c=1)", "constant(rho=0.01)"]
    two = Experiment().replace({"methods": ["constant(0.1)", "gradient-flow", "constant(0.2)"]})
    assert Settings().beside(two).methods == ["constant(rho=0.1)", "gradient-flow"]


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(Axis("network.alpha", 0.125, 64.0, 4), axes.usual("network.width"), "kernel_drift", 1e-3, 5),
        Settings(measure="status", run="adaptive(c=1)", up=Axis("adaptive(c)", 0.1, 10.0, 3)),
        Settings(across=Axis("data.condition", 123456.789, 1e9, 5)),
    ],
)
def test_an_address_leads_back(settings):
    query = address.write(Experiment(), "map", map=settings)
    assert address.read(query) == address.Visited(Experiment(), "map", "", map=settings)
    assert query.startswith("?page=map")
    assert (query == "?page=map") == (settings == Settings())


def test_other_pages_do_not_say_what_the_map_shows():
    assert "map" not in address.write(Experiment(), "theory", map=Settings(seeds=3))
    assert address.read("?page=theory&map.seeds=3").map is None


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("map.z", "1", "unknown setting of a map 'map.z'"),
        ("map.x", "data.conditon", "unknown knob 'data.conditon'; did you mean"),
        ("map.x", "network.activation", "no number"),
        ("map.x", "data.condition=1e5:1e9", "KNOB=FROM:TO:COUNT"),
        ("map.x", "data.condition=1e5:inf:4", "KNOB=FROM:TO:COUNT"),
        ("map.x", "data.condition=1e5:1e9:1", "1 values are not allowed: 2 to 25"),
        ("map.x", "data.condition=1e5:1e99:9", "is not allowed: from 100 to 1e"),
        ("map.x", "data.n=4:4:3", "fewer than 2 values"),
        ("map.x", "constant(rho)", "two different knobs"),
        ("map.x", "adaptive(c)", "a map is of one method"),
        ("map.measure", "los", "unknown map.measure 'los'"),
        ("map.level", "0", "a positive number"),
        ("map.level", "x", "no numbers"),
        ("map.seeds", "21", "1 to 20"),
    ],
)
def test_what_is_not_allowed_is_refused_in_words(name, text, message):
    with pytest.raises(KnobError, match=message.replace("(", r"\(")):
        read({name: text})
    visited = address.read(f"?page=map&{name}={text}")
    assert "could not be used" in visited.refusal


def test_a_map_has_an_end():
    large = Settings(Axis("data.condition", 1e5, 1e9, 25), Axis("constant(rho)", 1e-8, 1, 25), seeds=20)
    with pytest.raises(KnobError, match=f"12500 experiments is not allowed here: at most {MOST_CELLS}"):
        checked(large)


def test_axes_are_offered_that_matter():
    offered = axes.offered(Experiment())
    assert {"Conditioning κ(K₀)", "Damping ρ", "c of adaptive", "Width"} <= set(offered)
    assert "η" not in offered, "a flow has no steps"
    steps = axes.offered(Experiment().replace({"clock.kind": "steps", "methods": ["adam", "gradient-flow"]}))
    assert "clock.step_size" in steps.values()
    for knob in (offered | steps).values():
        assert axes.checked(axes.usual(knob)).values
