"""The a-priori bound in the loss figure: in colour while its light is green, grey after, never in the way."""

import numpy as np
import pytest
from made import HUES, few_parameters, made_dataset

from gnviz.views import VIEWS, draw
from gnviz.views.base import APRIORI, BOUND, ENDED, VOID
from gnviz.views.figures.loss import MOST_BOUNDS
from gnviz.views.plot import GREY

RUNS = ["gradient-flow", "constant(rho=0.01)", "adaptive(c=1)"]
LAST = "adaptive(c=1)"


@pytest.fixture
def ds():
    return made_dataset(40, moments=40).copy(deep=True)


def parts(ds, run=LAST, **options):
    tables = VIEWS["loss"].tables(ds, time_scale="linear", **options)
    return tables[run + APRIORI]["loss"], tables[run + VOID]["loss"]


def test_a_bound_whose_condition_holds_is_all_in_colour(ds):
    good, void = parts(ds)
    np.testing.assert_array_equal(good, ds["apriori"].values[2])
    assert np.isnan(void).all()


@pytest.mark.parametrize("at", [20, 30, 39])
def test_it_is_grey_from_the_moment_the_condition_fails(ds, at):
    ds["kernel_change"].values[2, at] = 1.0
    good, void = parts(ds)
    bound = ds["apriori"].values[2]
    np.testing.assert_array_equal(good, np.where(np.arange(40) < at, bound, np.nan))
    np.testing.assert_array_equal(void, np.where(np.arange(40) >= at - 1, bound, np.nan), "they join")


def test_one_that_had_said_nothing_while_it_held_is_not_drawn(ds):
    ds["kernel_change"].values[2, 2:] = 1.0
    assert np.isnan(parts(ds)).all()
    good, void = parts(ds, apriori="always")
    assert np.isfinite(good).sum() == 2
    assert np.isfinite(void).sum() == 39
    ds["kernel_change"].values[2, 0] = np.nan
    good, void = parts(ds, apriori="always")
    assert np.isnan(good).all()
    assert np.isfinite(void).all()


def test_the_hover_knows_both_sides_of_the_condition(ds):
    ds["kernel_change"].values[2] = np.arange(40.0)
    table = VIEWS["loss"].tables(ds, time_scale="linear")[LAST + VOID]
    np.testing.assert_array_equal(table["change"], np.arange(40.0))
    np.testing.assert_array_equal(table["limit"], np.full(40, 1e-6))
    fig = draw(ds, "loss", backend="bokeh")
    tools = [tool for tool in fig.tools if type(tool).__name__ == "HoverTool"]
    told = {
        frozenset(glyph.name for glyph in tool.renderers): [text for _, text in tool.tooltips]
        for tool in tools
    }
    assert all(tool.formatters.get("@loss") == "printf" for tool in tools)
    assert "@limit{%.2e}" in told[frozenset(run + end for run in RUNS for end in (APRIORI, VOID))]
    assert "@limit{%.2e}" not in told[frozenset(run + end for run in RUNS for end in ("", BOUND, ENDED))]


def test_its_two_parts_are_told_apart_by_colour(ds):
    fig = draw(ds, "loss", backend="bokeh")
    glyphs = {g.name: g.glyph for g in fig.renderers}
    assert glyphs[LAST + APRIORI].line_color == HUES["adaptive"]
    assert glyphs[LAST + VOID].line_color == GREY
    assert glyphs[LAST + APRIORI].line_dash == glyphs[LAST + VOID].line_dash != glyphs[LAST + BOUND].line_dash


def test_no_bound_where_nothing_is_promised_or_there_are_many_runs(ds):
    def drawn(ds):
        return [x for x in VIEWS["loss"].tables(ds) if x.endswith((APRIORI, VOID))]

    assert not drawn(few_parameters())
    assert not drawn(made_dataset(9, clock="steps"))
    many = ds.isel(run=np.arange(MOST_BOUNDS + 1) % 3)
    many = many.assign_coords(run=[f"run {i}" for i in range(MOST_BOUNDS + 1)])
    assert not drawn(many)
    assert drawn(many.isel(run=slice(0, MOST_BOUNDS)))
