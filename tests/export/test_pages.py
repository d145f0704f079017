"""The page of a run: one file with all that belongs to it."""

import re
from pathlib import Path

import pytest
from export.runs import EXPERIMENTS
from made_surfaces import SPHERE, made_surface

import gnviz
from gnviz import Csv, Experiment, KnobError, run
from gnviz.export import page, script
from gnviz.export.figures import TRAINING
from gnviz.views import VIEWS
from gnviz.views.headline import headline

MOST = 4e6
"""Bytes of the page of the paper's second figure."""


def words(html: str) -> str:
    """What stands in a page beside its scripts."""
    import html as entities

    return entities.unescape(re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL))


@pytest.fixture(scope="module")
def pages(made):
    return {name: page(made[name]) for name in ("figure1", "figure2", "figure3", "steps")}


def test_the_page_of_the_second_figure_is_small():
    html = page(run(gnviz.preset("figure2")))
    assert len(html.encode()) < MOST
    assert "Ill-conditioned kernel: gradient flow stalls" in html


@pytest.mark.parametrize("name", ["figure1", "figure2", "figure3", "steps"])
def test_a_page_has_headline_runs_settings_and_script(made, pages, name):
    ds, text = made[name], words(pages[name])
    assert headline(ds) in text
    assert all(status in text for status in ds["status_text"].values)
    assert script(ds) in text
    assert f"<code>{EXPERIMENTS[name].methods[-1]}</code>" in text
    assert f"{ds.attrs['engine']} engine, cpu, float64" in text


def test_a_page_has_the_figures_that_an_experiment_is_about(pages, made):
    for label in TRAINING:
        assert f"<h2>{VIEWS[label].title}" in words(pages["figure2"])
    assert "<h2>Residual mode by mode · gradient flow</h2>" in words(pages["figure2"])
    assert f"<h2>{VIEWS['excess'].title}</h2>" in words(pages["figure3"])
    chosen = words(page(made["figure2"], figures=["rates", "loss"], title="Mine & yours"))
    assert re.findall("<h2>(.*?)<", chosen) == ["Rate of each mode · gradient flow", "Loss over time"]
    assert "<h1>Mine & yours</h1>" in chosen


def test_a_surface_is_left_out_with_a_sentence(pages):
    text = words(pages["figure1"])
    assert "<h2>The predictor manifold" not in text
    assert "“The predictor manifold” is not in this file: Plotly" in text
    assert "not in this file" not in words(pages["figure2"])


def test_a_page_is_the_same_where_panel_is_imported(made):
    """Whose scripts and models it does without: a default of one of them is the current folder."""
    from gnviz.lab.laboratory import Laboratory

    assert Laboratory
    html = page(made["figure2"])
    assert "FileSelector" not in html
    assert str(Path.cwd()) not in html
    assert not re.findall(r"<script[^>]*\bsrc=", html)


def test_a_page_names_no_other_file(pages):
    for html in pages.values():
        outside = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
        assert not re.findall(r"\b(?:src|href|url)\b\s*[=(]", outside)
        assert not re.findall(r"<script[^>]*\bsrc=", html)


def test_mistakes_are_told(made):
    with pytest.raises(KnobError, match="unknown figure 'los'; did you mean 'loss'"):
        page(made["figure2"], figures=["los"])
    with pytest.raises(ValueError, match="'manifold' needs the variable"):
        page(made["figure2"], figures=["loss", "manifold"])
    with pytest.raises(KnobError, match="nothing is recorded yet"):
        page(made["figure2"].isel(time=slice(0)))


def test_a_run_of_one_moment_has_no_slider(made):
    assert '<div class="bar"></div>' in page(made["figure2"].isel(time=slice(1)))


def test_a_problem_of_ones_own_has_a_page_that_says_why_there_is_no_script():
    problem = gnviz.make_problem(lambda w, x: w[0] * x + w[1], [0.0, 1.0, 2.0], [1.0, 2.0, 2.0], [0.0, 0.0])
    steps = Experiment(methods=["gauss-newton"]).replace({"clock.kind": "steps", "clock.steps": 2})
    assert "is a problem of your own (gnviz.make_problem)" in words(page(run(steps, problem)))


def test_what_users_name_is_text():
    name = "</script><b>x</b>"
    table = f"a,{name}\n1,2\n2,4\n3,1\n"
    small = {"network.width": 8, "clock.horizon": 1.0, "clock.snapshots": 4}
    html = page(run(Experiment(data=Csv(table=table)).replace(small)))
    assert "<b>x</b>" not in html
    assert html.count("</script>") == html.count("<script")


def test_figures_of_a_surface_are_drawn_from_what_is_there():
    ds = made_surface(SPHERE)
    ds.attrs["experiment"] = EXPERIMENTS["figure1"].to_json()
    assert f"<h2>{VIEWS['parameter_plane'].title}" in page(ds.drop_vars("curvature"))
