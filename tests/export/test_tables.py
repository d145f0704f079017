"""Tables have all that a Dataset has, with all its digits."""

import io
import zipfile

import numpy as np
import pandas as pd
import pytest
from export.runs import EXPERIMENTS

from gnviz.export import csv
from gnviz.export.tables import README, tables_of

EXACT = tuple(map(int, pd.__version__.split(".")[:2])) >= (3, 1)
"""Whether pandas reads numbers to the last bit by itself."""


def read(archive: bytes, name: str) -> pd.DataFrame:
    """As the documentation says."""
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        text = files.open(f"{name}.csv")
        exact = {} if EXACT else {"float_precision": "round_trip"}
        return pd.read_csv(text, keep_default_na=False, na_values=[""], **exact)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_number_comes_back(made, name):
    ds = made[name]
    archive, tables = csv(ds), tables_of(ds)
    assert sum(map(len, tables.values())) == sum(v.size > 0 for v in ds.data_vars.values())
    for table, variables in tables.items():
        frame = read(archive, table)
        for variable in variables:
            expected = ds[variable]
            assert list(frame.columns[: expected.ndim]) == list(expected.dims)
            values = frame[variable].to_numpy().reshape(expected.shape)
            if expected.dtype.kind == "O":
                values = np.where(pd.isna(values), "", values)
            if expected.dtype.kind == "f":
                values = values.astype(expected.dtype)  # planes are in single precision
            np.testing.assert_array_equal(values, expected.values)


@pytest.mark.parametrize("name", ["figure1", "figure3"])
def test_rows_say_of_what_they_are(made, name):
    ds, archive = made[name], csv(made[name])
    moments = read(archive, "moments")
    row = moments[(moments["run"] == ds["run"].values[-1]) & (moments["time"] == ds["time"].values[3])]
    assert row["loss"].item() == ds["loss"].values[-1, 3]
    assert row["alpha"].item() == ds["alpha"].values[-1]
    modes = read(archive, "modes")
    first = modes[(modes["mode"] == 1) & (modes["run"] == ds["run"].values[0])]
    np.testing.assert_array_equal(first["eigenvalues"], ds["eigenvalues"].values[0, :, 0])
    assert modes["mode"].max() == ds.sizes["mode"]


def test_the_same_run_gives_the_same_bytes_and_says_what_is_in_it(made):
    ds = made["figure2"]
    assert csv(ds) == csv(ds)
    with zipfile.ZipFile(io.BytesIO(csv(ds))) as files:
        words = files.read(README).decode()
        assert files.namelist()[:3] == [README, "runs.csv", "moments.csv"]
    assert "moments.csv  18 rows: run, time, method, alpha, seed, loss," in words
    assert "| loss, rho, bound | (run, time) |" in words
    assert f"engine: {ds.attrs['engine']}" in words


def test_texts_with_commas_and_line_breaks_come_back(made):
    ds = made["figure2"].copy(deep=True)
    ds["status_text"].values[0] = 'a, "b"\nc'
    assert read(csv(ds), "runs")["status_text"][0] == 'a, "b"\nc'
