"""`gnviz export`: a run taken away on the command line."""

import json
import zipfile

import pytest
from disks import full_disk
from made import made_header, made_snapshots
from test_cli import SMALL, fail

import gnviz.dynamics.simulate as engine
from gnviz import Experiment, cli, load, preset, results, run
from gnviz.cli import commands
from gnviz.cli.commands import EXPORTS
from gnviz.cli.files import read_experiment
from gnviz.cli.terminal import NOT_SAVED
from gnviz.export import csv, script

KINDER = preset("figure2").replace({"data.condition": 1e4})
KNOBS = {"data.n": 4, "network.width": 20, "clock.snapshots": 8, "data.condition": 1e3}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def never(monkeypatch):
    """No run may begin."""
    monkeypatch.setattr(commands, "record", lambda *_, **__: pytest.fail("ran"))


def test_a_script_and_a_notebook_are_made_of_an_experiment_without_a_run(never, here, capsys):
    changes = ["--set", "data.condition=1e4"]
    assert cli.main(["export", "script", "figure2", *changes]) == 0
    assert capsys.readouterr().err == "gnviz: saved figure2.py\n"
    assert (here / "figure2.py").read_text("utf-8") == script(
        preset("figure2").replace({"data.condition": 1e4})
    )
    assert cli.main(["export", "notebook", "figure3", "-o", "my.ipynb"]) == 0
    assert json.loads((here / "my.ipynb").read_text("utf-8"))["nbformat"] == 4


def test_tables_and_a_page_are_made_of_a_run(here, capsys):
    argv = [*SMALL, "--set", "data.condition=1e3"]
    assert cli.main(["export", "csv", "figure2", *argv]) == 0
    with zipfile.ZipFile("figure2.zip") as archive:
        assert "moments.csv" in archive.namelist()
    assert cli.main(["export", "page", "figure2", *argv]) == 0
    assert "reached loss" in (here / "figure2.html").read_text("utf-8")
    assert capsys.readouterr().out == ""


def test_a_result_is_taken_away_as_it_is(never, here):
    ds = run(preset("figure2").replace(KNOBS))
    results.save(ds, "mine.nc")
    for kind in EXPORTS:
        assert cli.main(["export", kind, "mine.nc"]) == 0
    assert (here / "mine.py").read_text("utf-8") == script(ds)
    assert (here / "mine.zip").read_bytes() == csv(load("mine.nc"))
    assert {path.name for path in here.iterdir()} == {f"mine{x}" for x in (".nc", *EXPORTS.values())}


@pytest.mark.parametrize(
    ("link", "experiment"),
    [
        (
            "http://127.0.0.1:5006/app?data.condition=1e4&page=theory#loss",
            Experiment().replace({"data.condition": 1e4}),
        ),
        ("?page=scaling", preset("figure3")),
        ("?lesson=why-slow&step=2&data.n=6", Experiment().replace({"data.n": 6})),
    ],
)
def test_a_link_is_what_the_page_opens_with(never, here, link, experiment):
    assert read_experiment(link) == experiment
    assert cli.main(["export", "script", link]) == 0
    assert (here / "run.py").read_text("utf-8") == script(experiment)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["page", "figur2"], "unknown experiment 'figur2'; did you mean 'figure2'"),
        (["pge", "figure2"], "argument KIND: invalid choice: 'pge' (choose from"),
        (["page"], "required: NAME_OR_FILE (see gnviz export --help)"),
        (["page", "figure2", "-o", "/missing/x.html"], "-o /missing/x.html cannot be written (/missing: no"),
        (["csv", "missing.nc"], "No such file or directory: 'missing.nc'"),
        (["csv", "text.nc"], "text.nc is not a NetCDF file that can be read"),
        (["page", "text.nc", "--set", "data.n=4"], "--set changes an experiment before it is run"),
        (["script", "there"], "unknown experiment 'there'"),
        (["script", "?data.nn=4"], "The link's settings could not be used: unknown knob 'data.nn'"),
        (["script", "?data.path=/etc/passwd"], "data.path cannot be set in a URL"),
        (["notebook", "figure1"], "figure1.ipynb is there already; give a file's name: -o figure1"),
    ],
)  # fmt: skip
def test_mistakes_are_one_line_before_any_run(never, here, capsys, argv, message):
    (here / "text.nc").write_text("no")
    (here / "figure1.ipynb").write_text("mine")
    assert message in fail(capsys, "export", *argv)
    assert (here / "figure1.ipynb").read_text() == "mine"


def test_ctrl_c_takes_away_what_there_is(here, monkeypatch):
    def simulate(experiment, checkpoint=None):
        yield from made_snapshots(made_header(n=4, moments=9), count=5)
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "simulate", simulate)
    assert cli.main(["export", "csv", "figure2", "--quiet"]) == cli.INTERRUPTED
    with zipfile.ZipFile("figure2.zip") as archive:
        lines = archive.read("moments.csv").decode().splitlines()
    assert len(lines) == 1 + 3 * 5


def test_what_cannot_be_saved_is_said(here, capsys, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(here))
    with full_disk(room=100):
        assert cli.main(["export", "script", "figure2", "-o", "x.py"]) == NOT_SAVED
    assert "the result is lost" in capsys.readouterr().err
    assert list(here.iterdir()) == []
