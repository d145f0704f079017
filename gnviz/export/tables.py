"""A run as tables that any program reads: CSV files in one archive, one for each set of dimensions.

    import io, zipfile, pandas as pd
    archive = zipfile.ZipFile("run.zip")
    moments = pd.read_csv(archive.open("moments.csv"))
    moments.pivot(index="time", columns="run", values="loss").plot(loglog=True)

Tables are tidy: a row says in its first columns of what it is (`run`, `time`, `mode`, ...), and then what was
recorded there. Numbers have all their digits, so that they can be read back to the last bit (by pandas before
3.1 with `float_precision="round_trip"`). An empty cell is NaN, such as after the end of a run.
"""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import numpy as np

from gnviz import results

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

NAMES = {
    ("run",): "runs",
    ("run", "time"): "moments",
    ("run", "time", "mode"): "modes",
    ("run", "time", "sample"): "predictions",
    ("run", "time", "grid"): "curves",
    ("run", "time", "parameter"): "weights",
    ("run", "time", "order"): "sharpness",
    ("run", "time", "sample", "mode"): "tangents",
    ("run", "parameter"): "end_weights",
    ("run", "parameter", "other"): "covariances",
    ("run", "start"): "starts",
    ("run", "moment"): "frozen",
    ("run", "moment", "mode"): "frozen_modes",
    ("run", "grid"): "kernel_limits",
    ("sample",): "samples",
    ("sample", "feature"): "inputs",
    ("sample", "mode"): "basis",
    ("grid",): "truth",
    ("start",): "start_places",
    ("mesh_1", "mesh_2", "sample"): "mesh",
    ("mesh_1", "mesh_2"): "surface",
    ("plane_1", "plane_2"): "plane",
    ("parameter",): "foot",
    ("arc", "sample"): "geodesic",
    ("arc", "parameter"): "geodesic_parameters",
}
"""Names of the tables of some dimensions; others are named after theirs."""

README = "README.txt"


def csv(ds: xr.Dataset) -> bytes:
    """Return all that a Dataset holds as a ZIP archive of CSV files (UTF-8), and a README.txt.

    `runs.csv` has a row for each run (method, alpha, seed, how it ended), `moments.csv` one for each run and
    moment (loss, rho, bound, ...), `modes.csv` one for each mode besides (eigenvalue, rate, residual), and so
    on. What has no label of its own, such as modes and samples, is counted from 1. The same Dataset gives the
    same bytes.

    Args:
        ds: A Dataset of schema 1.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        found = {name: _frame(ds, variables) for name, variables in tables_of(ds).items()}
        archive.writestr(_entry(README), _readme(ds, found))
        for name, frame in found.items():
            archive.writestr(_entry(f"{name}.csv"), frame.to_csv(index=False, lineterminator="\n"))
    return out.getvalue()


def tables_of(ds: xr.Dataset) -> dict[str, list[str]]:
    """Return the variables that stand in one table, by its name; those that have no values are left out."""
    tables: dict[str, list[str]] = {}
    order = {dims: i for i, dims in enumerate(NAMES)}
    variables = [str(name) for name, variable in ds.data_vars.items() if variable.size]
    for name in sorted(variables, key=lambda name: order.get(_dims(ds, name), len(order))):
        dims = _dims(ds, name)
        tables.setdefault(NAMES.get(dims, "_".join(dims)), []).append(name)
    return tables


def _dims(ds: xr.Dataset, name: str) -> tuple[str, ...]:
    return tuple(map(str, ds[name].dims))


def _frame(ds: xr.Dataset, variables: list[str]) -> pd.DataFrame:
    """Return variables of the same dimensions as a table."""
    part = ds[variables]
    dims = [str(dim) for dim in part[variables[0]].dims]
    part = part.assign_coords(
        {dim: np.arange(1, part.sizes[dim] + 1) for dim in dims if dim not in part.coords}
    )
    frame = part.to_dataframe(dim_order=dims).reset_index()
    beside = [str(name) for name in part.coords if name not in dims]
    return frame.reindex(columns=[*dims, *beside, *variables])


def _entry(name: str) -> zipfile.ZipInfo:
    """Return a file's entry, without the time of the day."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _readme(ds: xr.Dataset, tables: dict[str, pd.DataFrame]) -> str:
    """Return what is in the tables, what the columns mean, and how the run was made."""
    words = (__doc__ or "").partition("\n\n")[2].rstrip()
    lines = ["A run of gnviz as tables, one for each set of dimensions.", "", words, ""]
    for name, frame in tables.items():
        lines.append(f"{name}.csv  {len(frame)} rows: {', '.join(map(str, frame.columns))}")
    meaning = (results.__doc__ or "").partition("| variable")[1:]
    lines += ["", "What the columns mean:", "", "".join(meaning).strip(), ""]
    lines += ["How the run was made:", "", *(f"{name}: {value}" for name, value in ds.attrs.items())]
    return "\n".join(lines) + "\n"
