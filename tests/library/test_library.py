"""Runs that are kept: what one puts in comes out, and nothing in the folder can hide the others."""

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import h5py
import numpy as np
import pytest
import xarray as xr
from disks import full_disk
from made import made_dataset

import gnviz
from gnviz.library import library as room
from gnviz.library.library import MOST_TRASH, TRASH

RUN = made_dataset(12, n=4).assign_attrs(experiment='{"network": {"width": 37}}')


@pytest.fixture
def library(tmp_path):
    return gnviz.Library(tmp_path / "runs")


def names(library, search=""):
    return [entry.name for entry in library.list(search)]


def test_a_run_comes_back_as_it_was_kept(library):
    entry = library.keep(RUN, "Ill conditioned: κ = 1e9", note="for lecture 3")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-ill-conditioned-[k-]*1e9-[0-9a-f]{8}\.nc", entry.file)
    found = library.open(entry)
    xr.testing.assert_equal(found, RUN)
    for name, value in RUN.attrs.items():
        np.testing.assert_array_equal(found.attrs[name], value, err_msg=name)
    with xr.open_dataset(library.folder / entry.file, engine="h5netcdf") as file:  # without gnviz
        said = file.attrs
    assert (said["title"], said["comment"]) == ("Ill conditioned: κ = 1e9", "for lecture 3")
    assert datetime.now(UTC) - datetime.fromisoformat(said["date_created"]) < timedelta(minutes=5)
    assert ET.fromstring(said["thumbnail"]).tag.endswith("svg")
    assert gnviz.Library(library.folder).list() == library.list() == [entry], "also after a restart"


def test_the_thumbnail_has_a_curve_for_each_run_inside_its_frame(library):
    drawn = ET.fromstring(library.keep(RUN, "a").thumbnail)
    assert len(drawn) == RUN.sizes["run"]
    for path in drawn:
        places = np.array([part.split() for part in path.get("d")[1:].split("L")], dtype=float)
        assert len(places) > 5
        assert ((places >= 0) & (places <= [room_width(drawn), 90])).all()
        assert (np.diff(places[:, 0]) > 0).all(), "time goes on"
        assert places[-1, 1] > places[0, 1], "the loss falls"


def room_width(drawn):
    return float(drawn.get("viewBox").split()[2])


def test_search_is_in_name_note_and_experiment(library):
    library.keep(RUN, "One", note="before the lecture")
    library.keep(RUN.assign_attrs(experiment='{"data": {"kind": "xor"}}'), "Two", note="after it")
    assert set(names(library)) == {"One", "Two"}
    assert names(library, "LECTURE one") == ["One"]
    assert names(library, "xor") == ["Two"]
    assert names(library, "37") == ["One"]
    assert names(library, "lecture xor") == []


def test_the_newest_is_first(library):
    for name in ("a", "b"):
        library.keep(RUN, name)
    old = library.open(library.list()[0]).assign_attrs(title="old", date_created="2001-01-01")
    gnviz.save(old, library.folder / "old.nc")
    assert names(library)[-1] == "old"
    assert library.list()[-1].date == datetime(2001, 1, 1, tzinfo=UTC)


def test_a_damaged_file_hides_no_other_and_is_reported(library):
    whole = library.keep(RUN, "whole")
    path = library.folder / whole.file
    (library.folder / "cut.nc").write_bytes(path.read_bytes()[:2000])
    (library.folder / "empty.nc").touch()
    (library.folder / "words.nc").write_text("no numbers at all")
    gnviz.save(RUN.assign_attrs(schema=99), library.folder / "later.nc")
    RUN.drop_attrs().to_netcdf(library.folder / "strange.nc", engine="h5netcdf")
    (library.folder / "link.nc").symlink_to(path)
    (library.folder / "folder.nc").mkdir()
    assert library.list() == [whole]
    told = library.unreadable()
    assert told.keys() == {"cut.nc", "empty.nc", "words.nc", "later.nc", "strange.nc"}
    assert "schema 99" in told["later.nc"]
    assert "no schema" in told["strange.nc"]
    assert all(str(library.folder) not in why for why in told.values())
    for name in told:
        with pytest.raises(ValueError, match=r"schema|NetCDF"):
            library.open(name)


def test_bytes_damaged_anywhere_never_hide_the_others(library, tmp_path):
    whole = library.keep(RUN, "whole")
    content = bytearray((library.folder / whole.file).read_bytes())
    rng = np.random.default_rng(0)
    for trial in range(8):
        broken = bytearray(content)
        for place in rng.integers(0, len(broken), 30):
            broken[place] = rng.integers(256)
        (library.folder / "broken.nc").write_bytes(broken[: rng.integers(100, len(broken))])
        os.utime(library.folder / "broken.nc", (trial, trial))
        assert whole in library.list()


def test_a_result_put_there_by_hand_is_listed_under_its_files_name(library):
    library.folder.mkdir()
    gnviz.save(RUN, library.folder / "my result.nc")
    assert names(library) == ["my result"]
    assert library.list()[0].thumbnail == ""
    xr.testing.assert_equal(library.open("my result.nc"), RUN)


def test_what_changes_is_read_again_and_nothing_else(library, monkeypatch):
    library.keep(RUN, "a")
    library.list()
    monkeypatch.setattr(room, "read", None)
    assert names(library) == ["a"], "not read again"
    monkeypatch.undo()
    file = library.folder / library.list()[0].file
    gnviz.save(RUN.assign_attrs(title="b"), file)
    assert names(library) == ["b"]


def test_a_deleted_run_comes_back(library):
    first, second = library.keep(RUN, "first"), library.keep(RUN, "second")
    library.delete(first)
    assert names(library) == ["second"]
    library.delete(second.file)
    again = gnviz.Library(library.folder)
    assert again.undo() == second
    assert again.undo(first) == first
    assert set(names(again)) == {"first", "second"}
    with pytest.raises(ValueError, match="nothing is in the trash"):
        library.undo()


def test_the_trash_keeps_the_last_ones_only(library):
    kept = library.keep(RUN, "a")
    for i in range(MOST_TRASH + 3):
        shutil.copy(library.folder / kept.file, library.folder / f"{i}.nc")
        library.delete(f"{i}.nc")
    there = sorted(path.name for path in (library.folder / TRASH).iterdir())
    assert len(there) == MOST_TRASH
    assert there[0].endswith("-3.nc")


def test_nothing_is_overwritten_by_an_undo(library):
    entry = library.keep(RUN, "a")
    library.delete(entry)
    gnviz.save(RUN, library.folder / entry.file)
    with pytest.raises(ValueError, match="another file has its name"):
        library.undo()


@pytest.mark.parametrize(
    "name", ["../outside.nc", "/etc/passwd", "..", "", ".nc", "sub/run.nc", "~/x.nc", "a\0.nc"]
)
def test_no_name_leads_out_of_the_folder(library, tmp_path, name):
    library.keep(RUN, "a")
    gnviz.save(RUN, tmp_path / "outside.nc")
    (library.folder / "sub").mkdir()
    gnviz.save(RUN, library.folder / "sub" / "run.nc")
    for act in (library.open, library.delete):
        with pytest.raises(ValueError, match="no run"):
            act(name)
    with pytest.raises(ValueError, match="in the trash"):
        library.undo(name)
    assert (tmp_path / "outside.nc").exists()


@pytest.mark.parametrize("name", ["../../x", "/abs", "..\\x", "a" * 500, "κ = 1/2\n", "con", '<img src="x">'])
def test_any_name_makes_a_file_in_the_folder(library, tmp_path, name):
    entry = library.keep(RUN, name)
    assert entry.name == name.strip()[:120]
    assert [path.name for path in library.folder.iterdir()] == [entry.file]
    assert len(entry.file) < 80
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


def test_a_run_needs_a_name(library):
    with pytest.raises(ValueError, match="under a name"):
        library.keep(RUN, "  ")
    assert not library.folder.exists()


def test_a_file_is_taken_in_and_what_is_none_leaves_nothing_behind(library, tmp_path):
    library.add(gnviz.save(RUN, tmp_path / "x.nc").read_bytes(), "from a colleague")
    kept = library.list()[0]
    assert kept.name == "from a colleague"
    assert kept.thumbnail
    library.add((library.folder / kept.file).read_bytes(), "other")
    assert names(library) == ["from a colleague"] * 2, "its own name"
    before = sorted(library.folder.iterdir())
    for data in (b"", b"no numbers", (library.folder / kept.file).read_bytes()[:3000]):
        with pytest.raises(ValueError, match="NetCDF") as refused:
            library.add(data)
        assert str(tmp_path) not in str(refused.value)
    assert sorted(library.folder.iterdir()) == before


def test_what_is_too_large_is_not_read(library, tmp_path, monkeypatch):
    entry = library.keep(RUN, "a")
    with h5py.File(library.folder / "bomb.nc", "w") as file:
        file.attrs["schema"], file.attrs["experiment"] = 1, "{}"
        file.create_dataset("loss", (10**6, 10**6), "f8", chunks=(1000, 1000), compression="gzip")
    assert (library.folder / "bomb.nc").stat().st_size < 10**5
    monkeypatch.setattr(room, "load", None)
    with pytest.raises(ValueError, match="MB of numbers"):
        library.open("bomb.nc")
    with pytest.raises(ValueError, match="MB of numbers"):
        library.add((library.folder / "bomb.nc").read_bytes())
    monkeypatch.setattr(room, "LARGEST", 1000)
    with pytest.raises(ValueError, match="MB"):
        library.open(entry)
    with pytest.raises(ValueError, match="MB"):
        library.keep(RUN, "b")
    with pytest.raises(ValueError, match="MB"):
        library.add(bytes(2000))


def test_a_full_library_says_so(library, monkeypatch):
    monkeypatch.setattr(room, "MOST", 2)
    for name in "ab":
        library.keep(RUN, name)
    with pytest.raises(ValueError, match="full: it has 2 runs"):
        library.keep(RUN, "c")


def test_a_full_disk_leaves_what_was_there(library):
    entry = library.keep(RUN, "a")
    with full_disk(), pytest.raises(OSError, match="nothing was overwritten"):
        library.keep(RUN, "b")
    assert library.list() == [entry]
    assert len(list(library.folder.iterdir())) == 1


def test_a_folder_that_is_not_there_has_no_runs(library):
    assert library.list() == []
    assert library.unreadable() == {}
    assert not library.folder.exists(), "looking makes none"


KEEPER = """
import sys
import gnviz
from made import made_dataset
run = made_dataset(12, n=4)
library = gnviz.Library(sys.argv[1])
for k in range(12):
    library.keep(run, f"{sys.argv[2]} {k}")
"""


def test_two_servers_may_keep_runs_in_one_folder(library):
    command = [sys.executable, "-c", KEEPER, str(library.folder)]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, sys.path))}
    keepers = [subprocess.Popen([*command, name], env=env) for name in ("left", "right")]
    seen = [0]
    while any(keeper.poll() is None for keeper in keepers):
        seen.append(len(library.list()))
        assert library.unreadable() == {}, "half a file was seen"
    assert [keeper.returncode for keeper in keepers] == [0, 0]
    assert seen == sorted(seen)
    assert set(names(library)) == {f"{name} {k}" for name in ("left", "right") for k in range(12)}
    assert len(list(library.folder.iterdir())) == 24, "nothing else is left there"
