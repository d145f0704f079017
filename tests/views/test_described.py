"""Figures in words: what a text alternative must say of each."""

import re

import numpy as np
import pytest
from made import made_dataset, made_plane
from made_surfaces import PATCH, made_surface

from gnviz.methods import display_name
from gnviz.views import VIEWS
from gnviz.views.backends.bokeh.drawing import read
from gnviz.views.described import MOST, described


@pytest.fixture(scope="module")
def datasets():
    return [made_dataset(), made_plane(), made_surface(PATCH)]


@pytest.mark.parametrize("name", VIEWS)
def test_every_figure_says_what_it_shows(name, datasets):
    found = [ds for ds in datasets if VIEWS[name].suits(ds)]
    assert found, "data for it"
    tables, plot = read(VIEWS[name], found[-1])
    words = described(plot, tables)
    for axis in (plot.x, plot.y):
        assert axis.label in words
    assert re.search(r"\d", words)
    assert "nan" not in words
    assert words.endswith(".")


def test_a_curve_is_told_from_where_it_begins_to_where_it_ends(datasets):
    ds = datasets[0]
    tables, plot = read(VIEWS["loss"], ds)
    words = described(plot, tables)
    run, last = str(ds["run"].values[0]), np.flatnonzero(ds["loss"].values[0] > 0)[-1]
    end = f"({ds['time'].values[last]:.3g}, {ds['loss'].values[0, last]:.3g})"
    assert f"{display_name(run)} goes from ({ds['time'].values[1]:.3g}, " in words
    assert f") to {end}" in words


def test_of_many_curves_the_first_are_told_and_the_others_counted(datasets):
    tables, plot = read(VIEWS["modes"], made_dataset(n=MOST + 3))
    words = described(plot, tables)
    assert f"mode {MOST} goes" in words
    assert f"mode {MOST + 1}" not in words
    assert "and 3 more" in words
