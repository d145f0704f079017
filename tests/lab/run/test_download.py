"""Saving a run, or a figure of it, from the page."""

import ast
import io
import json
import zipfile

import pytest
from beside import settle_aside

import gnviz
from gnviz.lab.figures.board import Board
from gnviz.lab.run.download import FORMATS, Download
from gnviz.results import Recording

SMALL = {"network.width": 20, "clock.snapshots": 5}


@pytest.fixture(scope="module")
def recording():
    """A run that was computed: scripts repeat what a Dataset says of itself."""
    return Recording.of(gnviz.simulate(gnviz.preset("figure2").replace(SMALL)))


@pytest.fixture(scope="module")
def board(recording):
    board = Board()
    board.begin(recording)
    return board


@pytest.fixture
def sent():
    return []


@pytest.fixture
def download(recording, board, sent):
    download = Download(recording.dataset, lambda: board)
    download._send_msg = sent.append
    return download


def saved(download, sent, **asked):
    download._handle_msg(asked)
    settle_aside()
    return sent[-1]


def test_each_format_is_what_it_says(download, sent, recording, tmp_path):
    made = {name: saved(download, sent, format=name) for name in FORMATS}
    assert {name: one["file"] for name, one in made.items()} == {n: f.file for n, f in FORMATS.items()}
    (tmp_path / "run.nc").write_bytes(made["Data (NetCDF)"]["data"])
    assert gnviz.load(tmp_path / "run.nc").sizes["time"] == recording.count
    assert "width" in ast.dump(ast.parse(made["Python script"]["data"]))
    assert json.loads(made["Notebook"]["data"])["nbformat"] == 4
    assert zipfile.ZipFile(io.BytesIO(made["Tables (CSV)"]["data"])).testzip() is None
    assert made["Page (HTML)"]["data"].startswith(b"<!DOCTYPE html>")
    assert download.said == ""


def test_a_figure_is_sent_with_its_title_and_all_runs_in_its_legend(download, sent, board):
    download._handle_msg({})
    assert list(download.figures) == [name for name in board.figures if name != "decision"]
    for name in download.figures:
        drawn = saved(download, sent, figure=name, format="svg")
        assert drawn["file"] == f"gnviz_{name}.svg"
        models = list(models_of(json.loads(drawn["drawing"]["content"])))
        heading = next(m for m in models if m["name"] == "Title" and m["attributes"].get("text"))
        assert heading["attributes"]["text"].startswith(download.figures[name])
    drawn = saved(download, sent, figure="learned", format="png")
    words = json.dumps(json.loads(drawn["drawing"]["content"]), ensure_ascii=False)
    for run in ("gradient flow", "constant ρ=0.01", "adaptive c=1"):
        assert f'"label": {{"type": "value", "value": "{run}"}}' in words
    assert board.figures["learned"].figure.title.text == "", "the page's own is as it was"


def models_of(content):
    """Yield all models of a document's content, nested as they are."""
    if isinstance(content, dict):
        if content.get("type") == "object" and "attributes" in content:
            yield content
        content = list(content.values())
    if isinstance(content, list):
        for part in content:
            yield from models_of(part)


def test_zoom_and_hidden_curves_are_those_of_the_page(download, sent, board):
    shown = board.figures["loss"]
    shown.figure.x_range.start = 0.125
    shown.drawing.glyphs["gradient-flow"].visible = False
    models = list(
        models_of(json.loads(saved(download, sent, figure="loss", format="svg")["drawing"]["content"]))
    )
    starts = [m["attributes"].get("start") for m in models if m["name"] == "Range1d"]
    assert 0.125 in starts
    hidden = [
        m["attributes"]["name"]
        for m in models
        if m["attributes"].get("visible") is False and "name" in m["attributes"]
    ]
    assert "gradient-flow" in hidden
    assert "adaptive(c=1)" not in hidden


def test_what_no_script_can_repeat_is_refused_in_words(download, sent, monkeypatch):
    def refuse(ds):
        raise gnviz.KnobError("a script cannot hold a problem of your own")

    monkeypatch.setitem(FORMATS, "Python script", FORMATS["Python script"]._replace(make=refuse))
    download._handle_msg({"format": "Python script"})
    settle_aside()
    assert sent == []
    assert download.said == "a script cannot hold a problem of your own"


@pytest.mark.parametrize("message", [None, "x", [], {"format": "exe"}, {"figure": "loss", "format": "exe"},
                                     {"figure": {}, "format": []}])  # fmt: skip
def test_other_messages_make_nothing(download, sent, message):
    download._handle_msg(message)
    settle_aside()
    assert sent == []


def test_nothing_is_saved_before_there_is_a_run(sent):
    download = Download(lambda: None, Board)
    download._send_msg = sent.append
    download._handle_msg({"format": "Data (NetCDF)"})
    assert "nothing is recorded" in download.said
    download._handle_msg({"figure": "loss", "format": "svg"})
    assert "no such figure" in download.said
    assert sent == []
