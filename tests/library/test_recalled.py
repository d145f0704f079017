"""A Dataset as the recording that it came from."""

import pytest
import xarray as xr
from made import made_header, made_snapshots

import gnviz
from gnviz.results import Recording, recalled

SAME = ("methods", "labels", "clock", "device", "dtype", "engine", "loss", "formula", "condition", "names")


@pytest.mark.parametrize("clock", ["flow", "steps"])
def test_it_says_what_the_recording_said(clock, tmp_path):
    first = Recording.of(made_snapshots(made_header(moments=20, clock=clock), 15))
    ds = gnviz.load(gnviz.save(first.dataset(), tmp_path / "run.nc"))
    again = recalled(ds)
    xr.testing.assert_identical(again.dataset(), ds)
    assert (again.count, again.status, again.status_text) == (15, first.status, first.status_text)
    for name in SAME:
        assert getattr(again.header, name) == getattr(first.header, name), name


def test_a_file_of_an_older_version_is_recalled_too():
    ds = Recording.of(made_snapshots(made_header(moments=5))).dataset()
    old = ds.drop_vars(["alpha", "seed", "coordinate", "grid", "optimum", "optimum_error"])
    for name in ("engine", "loss_kind", "loss_formula", "notes", "resolution"):
        del old.attrs[name]
    again = recalled(old)
    assert again.header.engine == "torch"
    assert again.header.formula == "½‖u − y‖²"
    assert len(again.header.alphas) == len(again.header.labels)
