import os
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from disks import full_disk
from made import made_header, made_snapshots

from gnviz.results import SCHEMA, VARIABLES, Recording, Status, load, save


@pytest.fixture
def recording() -> Recording:
    return Recording.of(made_snapshots(made_header(n=4, moments=9)))


def test_a_recording_holds_what_came(recording):
    data = recording.dataset()
    snapshots = list(made_snapshots(made_header(n=4, moments=9)))
    assert set(VARIABLES) <= set(data.variables)
    for name in ("loss", "eigenvalues", "prediction", "curve"):
        np.testing.assert_array_equal(data[name][:, 3], getattr(snapshots[3], name))
    assert data.sizes["time"] == 9
    assert data.attrs["schema"] == SCHEMA


def test_evaluations_are_kept_where_snapshots_have_them(recording):
    assert "evaluations" not in recording.dataset().variables, "older streams do not say"
    counted = [
        replace(s, evaluations=np.array([1, 2, 3]) * (s.index + 1))
        for s in made_snapshots(made_header(n=4, moments=9))
    ]
    data = Recording.of(counted).dataset()
    assert data["evaluations"].dims == ("run",)
    np.testing.assert_array_equal(data["evaluations"], [9, 18, 27])


def test_a_short_recording_has_a_short_time_axis():
    recording = Recording.of(made_snapshots(made_header(n=4, moments=9), count=5))
    assert recording.dataset().sizes["time"] == 5
    assert not np.isnan(recording.dataset()["loss"]).any()


def test_recording_refuses_gaps_and_emptiness():
    first, _, third = made_snapshots(made_header(n=4, moments=3))
    with pytest.raises(ValueError, match="snapshot 2 came where 1 was due"):
        Recording.of([first, third])
    with pytest.raises(ValueError, match="carries no header"):
        Recording.of([third])
    with pytest.raises(ValueError, match="no snapshots"):
        Recording.of([])


def test_close_ends_only_what_still_runs(recording):
    recording.status[:] = [Status.CONVERGED, Status.RUNNING, Status.RUNNING]
    recording.close(Status.CANCELLED, "stopped")
    assert recording.status == [Status.CONVERGED, Status.CANCELLED, Status.CANCELLED]
    assert recording.status_text[1] == "stopped"


@pytest.mark.parametrize("grid", [0, 7])
def test_save_and_load_give_the_same_back(tmp_path, grid):
    data = Recording.of(made_snapshots(made_header(n=4, moments=9, grid=grid))).dataset()
    again = load(save(data, tmp_path / "result.nc"))
    xr.testing.assert_identical(again, data)
    assert os.listdir(tmp_path) == ["result.nc"]


def test_a_saved_file_has_ordinary_permissions(recording, tmp_path):
    (tmp_path / "plain").touch()
    saved = save(recording.dataset(), tmp_path / "result.nc")
    assert saved.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_full_disk_leaves_the_old_file(recording, tmp_path):
    path = tmp_path / "result.nc"
    path.write_text("what stood there")
    with full_disk(), pytest.raises(OSError, match=r"could not save .*result\.nc.*nothing was overwritten"):
        save(recording.dataset(), path)
    assert path.read_text() == "what stood there"
    assert os.listdir(tmp_path) == ["result.nc"]


def test_an_interrupted_save_leaves_no_litter(recording, tmp_path, monkeypatch):
    def interrupted(handle):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(recording.dataset(), tmp_path / "result.nc")
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no special files")
def test_a_special_file_is_not_replaced(recording, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        save(recording.dataset(), tmp_path / "pipe")
    assert (tmp_path / "pipe").is_fifo()


def test_saving_into_nowhere_is_an_error_that_names_the_path(recording, tmp_path):
    with pytest.raises(OSError, match="could not save"):
        save(recording.dataset(), tmp_path / "missing" / "result.nc")


def test_loading_what_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nothing.nc")
    with pytest.raises(IsADirectoryError):
        load(tmp_path)


@pytest.mark.parametrize("rubbish", [b"", b"not a result", b"\x89HDF\r\n\x1a\n" + bytes(100)])
def test_loading_rubbish(tmp_path, rubbish):
    (tmp_path / "x.nc").write_bytes(rubbish)
    with pytest.raises(ValueError, match="not a NetCDF file"):
        load(tmp_path / "x.nc")


def test_loading_half_a_file(recording, tmp_path):
    path = save(recording.dataset(), tmp_path / "x.nc")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ValueError, match="not a NetCDF file"):
        load(path)


def test_loading_other_peoples_files(recording, tmp_path):
    path = tmp_path / "x.nc"
    xr.Dataset({"a": 1}).to_netcdf(path, engine="h5netcdf")
    with pytest.raises(ValueError, match="not a gnviz result"):
        load(path)
    recording.dataset().assign_attrs(schema=SCHEMA + 1).to_netcdf(path, engine="h5netcdf")
    with pytest.raises(ValueError, match=f"schema {SCHEMA + 1}; this gnviz reads up to {SCHEMA}"):
        load(path)
    recording.dataset().drop_vars("loss").to_netcdf(path, engine="h5netcdf")
    with pytest.raises(ValueError, match="lacks loss"):
        load(path)
