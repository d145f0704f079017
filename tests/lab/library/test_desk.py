"""The library's desk: what the browser asks for is done, and said; nothing that it sends is trusted."""

import base64

import pytest
import xarray as xr
from beside import settle_aside
from made import made_dataset

import gnviz
from gnviz.jobs.base import JobStatus
from gnviz.lab.laboratory import Laboratory
from gnviz.lab.library import desk as room
from gnviz.lab.library.desk import Desk

RUN = made_dataset(12, n=4)


@pytest.fixture
def library(tmp_path):
    return gnviz.Library(tmp_path / "runs")


@pytest.fixture
def opened():
    return []


@pytest.fixture
def desk(library, opened):
    desk = Desk(lambda: (RUN, "as it opens"), opened.append)
    desk.begin(library)
    return desk


def ask(desk, act, **more):
    desk._asked({"act": act, **more})
    settle_aside()
    return desk.shelf


def test_a_run_is_kept_found_deleted_and_brought_back(desk, library, opened):
    shelf = ask(desk, "look", words="")
    assert (shelf.suggested, shelf.entries) == ("as it opens", [])
    ask(desk, "keep", name="<b>one</b>", note="for lecture 3")
    (row,) = shelf.entries
    assert (row["name"], row["note"]) == ("<b>one</b>", "for lecture 3")
    assert base64.b64decode(row["picture"].partition(",")[2]).startswith(b"<svg")
    assert shelf.said == {"words": "Kept as <b>one</b>.", "bad": False}
    assert ask(desk, "look", words="lecture").entries == [row]
    assert ask(desk, "look", words="nowhere").entries == []
    assert shelf.found == "nowhere"
    ask(desk, "look", words="")
    ask(desk, "delete", file=row["file"])
    assert shelf.entries == []
    assert shelf.said["back"] == row["file"]
    ask(desk, "undo", file=shelf.said["back"])
    assert shelf.entries == [row]
    ask(desk, "open", file=row["file"])
    xr.testing.assert_equal(opened[0], RUN)
    assert shelf.said["shut"]


def test_a_file_arrives_in_parts(desk, library, tmp_path):
    data = gnviz.save(RUN, tmp_path / "x.nc").read_bytes()
    parts = [data[k : k + 9000] for k in range(0, len(data), 9000)]
    for i, part in enumerate(parts):
        text = base64.b64encode(part).decode()
        ask(desk, "part", number=7.0, name="colleague.nc", part=text, last=i == len(parts) - 1)
    assert [row["name"] for row in desk.shelf.entries] == ["colleague"]
    assert desk.shelf.said["words"] == "Added colleague.nc."


@pytest.mark.parametrize("sent", [
    {"act": "part", "number": 1, "name": "x.nc", "part": "no base 64!", "last": True},
    {"act": "part", "number": 1, "name": "x.nc", "part": "bm8gbnVtYmVycw==", "last": True},
    {"act": "open", "file": "../../etc/passwd"},
    {"act": "open"},
    {"act": "delete", "file": ["x"]},
    {"act": "undo", "file": "x.nc"},
    {"act": "keep", "name": "", "note": ""},
])  # fmt: skip
def test_what_cannot_be_done_is_said(desk, library, sent):
    desk._asked(sent)
    settle_aside()
    assert desk.shelf.said["bad"]
    assert desk.shelf.said["words"].endswith(".")
    assert library.list() == []


@pytest.mark.parametrize("sent", [None, 3, "look", [], {}, {"act": "rm"}, {"act": None}])
def test_other_messages_do_nothing(desk, sent):
    desk._asked(sent)
    assert desk.shelf.said == {}


def test_a_file_that_grows_without_end_is_refused(desk, monkeypatch):
    monkeypatch.setattr(room, "LARGEST", 1000)
    part = base64.b64encode(bytes(900)).decode()
    for _ in range(3):
        ask(desk, "part", number=1.0, name="x.nc", part=part, last=False)
    assert "larger than" in desk.shelf.said["words"]
    assert len(desk._arriving) <= 2000


def test_a_damaged_file_is_reported_beside_the_others(desk, library):
    ask(desk, "keep", name="whole", note="")
    (library.folder / "cut.nc").write_bytes(b"cut short")
    shelf = ask(desk, "look", words="")
    assert [row["name"] for row in shelf.entries] == ["whole"]
    assert shelf.unreadable[0][0] == "cut.nc"


def test_without_a_library_nothing_is_done():
    desk = Desk(lambda: (RUN, "x"), lambda ds: None)
    desk.begin(None)
    assert desk.shelf.styles == {"display": "none"}
    desk._asked({"act": "keep", "name": "x", "note": ""})
    assert desk.shelf.said == {}


def test_an_opened_run_is_shown_with_its_settings_and_nothing_is_trained(runner, tmp_path):
    kept = gnviz.run(gnviz.Experiment().replace({"network.width": 20, "clock.snapshots": 5, "data.n": 4}))
    lab = Laboratory(runner=runner)
    lab.start()
    runner.jobs[0].compute(3)
    lab.tick()
    lab.recall(gnviz.load(gnviz.save(kept, tmp_path / "kept.nc")))
    lab.tick()
    assert len(runner.jobs) == 1
    assert runner.jobs[0].status == JobStatus.CANCELLED
    assert lab.controls.experiment.network.width == 20
    assert lab.live.recording.count == kept.sizes["time"]
    shown = lab.board.figures["loss"].sources["gradient-flow"].data
    assert list(shown["loss"]) == gnviz.views.VIEWS["loss"].tables(kept)["gradient-flow"]["loss"].tolist()
    assert "finished" in lab.transport.text.object
    lab.transport.run.press()
    assert len(runner.jobs) == 2, "Run trains it again"
    runner.jobs[1].compute(1)
    lab.tick()
    lab.controls.change({"network.width": 24})
    assert len(runner.jobs) == 3, "as does another setting"


def test_a_run_of_what_is_not_known_here_is_refused_and_leaves_what_is_shown(runner):
    lab = Laboratory(runner=runner)
    lab.start()
    runner.jobs[0].compute(3)
    lab.tick()
    strange = RUN.assign_attrs(experiment='{"methods": ["of-a-plugin"]}')
    with pytest.raises(gnviz.KnobError, match="of-a-plugin"):
        lab.recall(strange)
    assert runner.jobs[0].status == JobStatus.RUNNING
    lab.controls.change({"network.width": 24})
    assert lab.live.experiment.network.width == 24
