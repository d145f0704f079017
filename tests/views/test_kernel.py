"""The kernel at the start as a heat map: held against the network itself, and drawn by every backend."""

import holoviews as hv
import numpy as np
import pytest
from bokeh.models import ColorBar, HoverTool, LinearColorMapper, Quad
from made import made_dataset
from made_surfaces import SPHERE, made_surface

from gnviz import Experiment, Line, Moons, Ring, run
from gnviz.problem.build import build
from gnviz.views import VIEWS, draw
from gnviz.views.backends.bokeh.drawing import Drawing, read
from gnviz.views.described import described
from gnviz.views.figures.kernel import COLORS, ENTRIES, MOST, UNKNOWN
from gnviz.views.style import CURVATURE_PALETTE, MODE_PALETTE, blend

VIEW = VIEWS["kernel"]

EXACT = 1e-10
"""Of the largest entry: n eps lambda_1 is 1e-14 of it, and the compiled engine sums in another order."""

SHORT = {"clock.horizon": 0.1, "clock.snapshots": 3}
METHODS = ["gauss-newton", "gradient-flow"]
RUNS = {
    "many parameters": (Ring(n=8), "squared", 20),
    "few parameters": (Ring(n=30), "squared", 4),
    "weights": (Line(n=9), "weighted(condition=1e3)", 20),
    "few parameters, weights": (Line(n=30), "weighted(condition=1e3)", 4),
    "curvature": (Line(n=9, noise=0.3), "log-cosh", 20),
    "labels": (Moons(n=12), "logistic", 20),
}


def experiment(data, loss="squared", width=20, **knobs):
    made = Experiment(data=data, methods=METHODS, loss=loss)
    return made.replace({"network.width": width, **SHORT, **knobs})


def matrix(tables):
    """Return the entries as they stand in the figure, row i from below, shape (n, n)."""
    values = tables[ENTRIES]["value"]
    n = round(len(values) ** 0.5)
    return values.reshape(n, n)


def of_network(wanted):
    """Return S_0 of the first seed's network, shape (n, n), samples as in the data."""
    problem = build(wanted)
    samples = problem.samples
    linear = problem.model.linearize(problem.w0[None], samples.x)
    alpha = problem.runs[0].alpha
    u = alpha * (linear.outputs - (linear.outputs if problem.centred else 0.0))
    root = problem.loss.curvature(u, samples.y).broadcast_to(u.shape)[0].sqrt()
    return (root[:, None] * linear.kernel()[0] * root).numpy()


def assert_near(found, expected):
    error = np.abs(found - expected).max() / np.abs(expected).max()
    assert error <= EXACT
    return error


@pytest.mark.parametrize("engine", ["torch", "compiled"])
@pytest.mark.parametrize("name", RUNS)
def test_it_is_the_kernel_of_the_network(name, engine):
    wanted = experiment(*RUNS[name], engine=engine)
    ds = run(wanted)
    assert ("few" in name) == (ds.sizes["mode"] < ds.sizes["sample"])
    order = np.argsort(ds["coordinate"].values) if "coordinate" in ds.coords else slice(None)
    expected = of_network(wanted)[order][:, order]
    for label in ds["run"].values:
        found = matrix(VIEW.tables(ds, run=label))
        print(
            f"kernel of {label}, {name}, {engine}: within {assert_near(found, expected):.1e} of the network's"
        )
        np.testing.assert_array_equal(found, found.T)


def test_modes_add_up_to_the_kernel():
    ds = made_dataset(3)
    parts = [matrix(VIEW.tables(ds, mode=k + 1)) for k in range(ds.sizes["mode"])]
    assert_near(np.sum(parts, axis=0), matrix(VIEW.tables(ds)))
    assert all(np.linalg.matrix_rank(part) == 1 for part in parts)
    with pytest.raises(ValueError, match="mode 11 does not exist"):
        VIEW.tables(ds, mode=11)


def test_samples_stand_in_the_order_of_their_coordinate():
    ds = made_dataset(3)
    shuffled = ds.isel(sample=np.random.default_rng(0).permutation(10))
    np.testing.assert_allclose(matrix(VIEW.tables(shuffled)), matrix(VIEW.tables(ds)), rtol=1e-12)
    b, own = shuffled["basis"].values, shuffled["eigenvalues"].values[0, 0]
    bare = shuffled.drop_vars("coordinate")
    np.testing.assert_allclose(matrix(VIEW.tables(bare)), (b * own) @ b.T, rtol=1e-9, atol=1e-12)
    words = [VIEW.marks(data, VIEW.tables(data)).x.label for data in (ds, bare)]
    assert words == ["sample j by angle θ", "sample j"]
    on_a_line = ds.isel(feature=slice(0, 1))
    assert VIEW.marks(on_a_line, VIEW.tables(on_a_line)).y.label == "sample i by x1"


def test_each_cell_is_where_its_samples_are():
    table = VIEW.tables(made_dataset(3, n=4))[ENTRIES]
    np.testing.assert_array_equal(table["x"], np.tile([1, 2, 3, 4], 4))
    np.testing.assert_array_equal(table["y"], np.repeat([1, 2, 3, 4], 4))
    for low, place, high in (("left", "x", "right"), ("bottom", "y", "top")):
        np.testing.assert_array_equal(table[low], table[place] - 0.5)
        np.testing.assert_array_equal(table[high], table[place] + 0.5)


def test_of_many_samples_every_kth_is_shown():
    n = 2 * MOST + 1
    ds = made_dataset(2, n=n)
    tables = VIEW.tables(ds)
    b, own = ds["basis"].values, ds["eigenvalues"].values[0, 0]
    full = (b * own) @ b.T
    order = np.argsort(ds["coordinate"].values, kind="stable")[::3]
    assert_near(matrix(tables), full[order][:, order])
    np.testing.assert_array_equal(np.unique(tables[ENTRIES]["x"]), np.arange(1, n + 1, 3))
    np.testing.assert_array_equal(np.diff(np.unique(tables[ENTRIES]["left"])), 3)
    plot = VIEW.marks(ds, tables)
    assert plot.x.label.endswith(", 1 in 3")
    assert plot.across == plot.upright == (-0.5, n + 1.5), "the last sample is n"
    full = made_dataset(2, n=MOST)
    assert len(matrix(VIEW.tables(full))) == MOST
    assert "1 in" not in VIEW.marks(full, VIEW.tables(full)).x.label


def test_a_run_from_another_start_is_not_said_to_be_known():
    ds = run(experiment(Ring(n=6), **{"ensemble.seeds": 2, "engine": "torch"}))
    seeds = ds["seed"].values
    for label, seed in zip(ds["run"].values, seeds, strict=True):
        tables, plot = read(VIEW, ds, run=label)
        known = seed == seeds[0]
        assert np.isfinite(tables[ENTRIES]["value"]).all() == known
        assert plot.shades.words == "kernel K₀" + ("" if known else UNKNOWN)
        assert "nan" not in described(plot, tables)


@pytest.mark.parametrize(("start", "known"), [("paired", True), ("plain", False)])
def test_alphas_share_a_kernel_unless_they_change_the_curvature(start, known):
    knobs = {"ensemble.alphas": "1; 5", "network.initialization": start, "engine": "torch"}
    ds = run(experiment(Line(n=8, noise=0.3), "log-cosh", **knobs))
    found = [
        bool(np.isfinite(VIEW.tables(ds, run=label)[ENTRIES]["value"]).all()) for label in ds["run"].values
    ]
    assert found == [known or alpha == ds["alpha"].values[0] for alpha in ds["alpha"].values]
    flat = run(experiment(Line(n=8), **knobs))
    for label in flat["run"].values:
        np.testing.assert_allclose(matrix(VIEW.tables(flat, run=label)), matrix(VIEW.tables(flat)), rtol=1e-9)


def test_colours_go_both_ways_where_entries_are_negative():
    ds = made_dataset(3)
    tables = VIEW.tables(ds)
    assert matrix(tables).min() < 0
    shades = VIEW.marks(ds, tables).shades
    assert -shades.low == shades.high == np.abs(matrix(tables)).max()
    assert shades.palette == tuple(blend(CURVATURE_PALETTE, COLORS))
    assert shades.palette[COLORS // 2] == CURVATURE_PALETTE[3], "0 has the middle colour"
    ds["basis"] = abs(ds["basis"])
    tables = VIEW.tables(ds)
    shades = VIEW.marks(ds, tables).shades
    assert (shades.low, shades.high) == (matrix(tables).min(), matrix(tables).max())
    assert shades.palette == tuple(blend(MODE_PALETTE, COLORS))


def test_rounding_is_not_negative():
    ds = made_dataset(3)
    ds["basis"] = ds["basis"].dims, np.eye(10)[::-1].copy()
    ds["basis"].values[0, 0] = -1e-14
    assert VIEW.marks(ds, VIEW.tables(ds)).shades.low == 0


def test_bokeh_draws_cells_a_tip_and_a_bar_of_numbers():
    fig = draw(made_dataset(3), "kernel", backend="bokeh")
    (drawn,) = [r for r in fig.renderers if r.name == ENTRIES]
    assert isinstance(drawn.glyph, Quad)
    assert isinstance(drawn.glyph.fill_color.transform, LinearColorMapper)
    (hover,) = [tool for tool in fig.tools if isinstance(tool, HoverTool)]
    assert hover.tooltips == [("sample i", "@y{0}"), ("sample j", "@x{0}"), ("kernel K₀", "@value{%.3e}")]
    (bar,) = [part for part in fig.right if isinstance(part, ColorBar)]
    assert bar.title == "kernel K₀"
    assert len(bar.ticker.ticks) == 3
    assert not any(grid.visible for grid in fig.grid)


def test_a_weighted_loss_is_named():
    ds = made_dataset(3).assign_attrs(loss_kind="log-cosh")
    assert VIEW.marks(ds, VIEW.tables(ds)).shades.words == "kernel G^½ K₀ G^½"


def test_holoviews_draws_square_cells():
    ds = made_dataset(3)
    (cells,) = draw(ds, "kernel")
    table = VIEW.tables(ds)[ENTRIES]
    for column in ("left", "right", "bottom", "top", "value", "x", "y"):
        np.testing.assert_array_equal(cells.dimension_values(column), table[column])
    fig = hv.render(draw(ds, "kernel"), backend="bokeh")
    wide, high = (axis.end - axis.start for axis in (fig.x_range, fig.y_range))
    assert wide >= 10
    assert high >= 10


def test_words_for_who_cannot_see_it():
    tables, plot = read(VIEW, made_dataset(3))
    low, high = plot.shades.low, plot.shades.high
    assert described(plot, tables) == (
        "Across: sample j by angle θ from 0.5 to 10.5, upright: sample i by angle θ from 0.5 to 10.5. "
        f"The colour is kernel K₀, from {low:.3g} to {high:.3g}."
    )
    tables, plot = read(VIEW, made_dataset(3), mode=2)
    assert "The colour is λvvᵀ of mode 2, from " in described(plot, tables)


def test_other_samples_and_runs_are_brought_up_in_place():
    drawing = Drawing(VIEW, made_dataset(3))
    tables, plot = read(VIEW, made_dataset(3, n=16), run="adaptive(c=1)")
    assert drawing.shows(tables, plot)
    drawing.update(tables, plot)
    assert drawing.figure.x_range.reset_end == 16.5
    assert len(drawing.sources[ENTRIES].data["value"]) == 256


def test_it_is_on_the_page_of_theory_in_full_rows():
    from gnviz.lab.run.plans import PLANS

    spans = PLANS["theory"].figures
    assert "kernel" in spans
    for width in ("md", "lg"):
        assert sum(span.get(width, span["md"]) for span in spans.values()) % 12 == 0


def test_single_precision_is_as_exact_as_it_is():
    wanted = experiment(Ring(n=8), dtype="float32", engine="torch")
    ds, expected = run(wanted), of_network(wanted)
    for label in ds["run"].values:
        found = matrix(VIEW.tables(ds, run=label))
        assert np.abs(found - expected).max() <= 1e-5 * np.abs(expected).max(), "n eps lambda_1 is 4e-6 of it"


def test_without_the_start_nothing_is_claimed():
    ds = made_dataset(5).isel(time=slice(2, None))
    tables, plot = read(VIEW, ds)
    assert np.isnan(tables[ENTRIES]["value"]).all()
    assert plot.shades.words.endswith(UNKNOWN)


def test_three_samples_of_a_surface():
    ds = made_surface(SPHERE)
    assert VIEW.suits(ds)
    assert matrix(VIEW.tables(ds)).shape == (3, 3)
    assert np.linalg.matrix_rank(matrix(VIEW.tables(ds))) == 2
