"""Saving a run from the page, in each format."""

import ast
import io
import json
import zipfile
from types import SimpleNamespace

import pytest

import gnviz
from gnviz.lab.run.download import FORMATS, Download
from gnviz.results import Recording

SMALL = {"network.width": 20, "clock.snapshots": 5}


@pytest.fixture(scope="module")
def recording():
    """A run that was computed: scripts repeat what a Dataset says of itself."""
    return Recording.of(gnviz.simulate(gnviz.preset("figure2").replace(SMALL)))


@pytest.fixture
def refused():
    return []


@pytest.fixture
def download(recording, refused):
    return Download(SimpleNamespace(recording=recording), refused.append)


def saved(download, words):
    download.menu.value = words
    assert download.button.filename == FORMATS[words][0]
    return download.button.callback()


def test_each_format_is_what_it_says(download, recording, refused, tmp_path):
    (tmp_path / "run.nc").write_bytes(saved(download, "data (NetCDF)").getvalue())
    assert gnviz.load(tmp_path / "run.nc").sizes["time"] == recording.count
    assert "width" in ast.dump(ast.parse(saved(download, "Python script").getvalue()))
    assert json.loads(saved(download, "notebook").getvalue())["nbformat"] == 4
    assert zipfile.ZipFile(io.BytesIO(saved(download, "tables (CSV)").getvalue())).testzip() is None
    assert refused == []


def test_what_no_script_can_repeat_is_refused_in_words(download, refused, monkeypatch):
    def refuse(ds):
        raise gnviz.KnobError("a script cannot hold a problem of your own")

    monkeypatch.setitem(FORMATS, "Python script", ("x.py", refuse))
    assert saved(download, "Python script") is None
    assert refused == ["a script cannot hold a problem of your own"]


def test_nothing_is_saved_before_there_is_a_run(refused):
    download = Download(SimpleNamespace(recording=None), refused.append)
    assert download.button.callback() is None
    assert download.button.disabled
