"""A Dataset that was recorded before, as the recording it came from: for what shows recordings."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from gnviz.results.recording import Recording
from gnviz.results.snapshot import Header


def recalled(ds: xr.Dataset) -> Recording:
    """Return the recording that a Dataset was made of, to be shown, not to be gone on with.

    Its `dataset()` is this Dataset. What only those need who record more, such as what a surface's snapshots
    carry, is left out; `reach` of the header is not in a Dataset, and empty.

    Args:
        ds: A Dataset of schema 1; one of an older version may lack variables.
    """
    recording = Recording(_header(ds), count=ds.sizes["time"], _built=ds)
    recording.status = [str(word) for word in ds["status"].values]
    recording.status_text = [str(text) for text in ds["status_text"].values]
    recording.wall_seconds = float(ds.attrs.get("wall_seconds", 0.0))
    for name in ("optimum", "optimum_error", "evaluations"):
        if name in ds:
            setattr(recording, name, ds[name].values)
    return recording


def _header(ds: xr.Dataset) -> Header:
    runs = ds.sizes["run"]

    def said(name: str, otherwise: str = "") -> str:
        return str(ds.attrs.get(name, otherwise))

    return Header(
        experiment=said("experiment"),
        methods=_texts(ds, "method", runs),
        runs=_texts(ds, "run", runs),
        alphas=_values(ds, "alpha", np.ones(runs)),
        seeds=_values(ds, "seed", np.zeros(runs, dtype=int)),
        time=ds["moment" if "moment" in ds.coords else "time"].values,
        x=ds["x"].values,
        y=ds["y"].values,
        basis=ds["basis"].values,
        resolution=float(ds.attrs.get("resolution", 0.0)),
        condition=float(ds.attrs.get("condition", np.nan)),
        grid=_values(ds, "grid", np.empty(0)),
        grid_truth=ds["truth"].values,
        coordinate=_values(ds, "coordinate", np.empty(0)),
        names=_texts(ds, "feature", ds.sizes["feature"]),
        target=said("target"),
        clock=said("clock", "flow"),
        device=said("device", "cpu"),
        dtype=said("dtype", "float64"),
        notes=tuple(filter(None, said("notes").split("\n"))),
        loss=said("loss_kind", "squared"),
        formula=said("loss_formula", "½‖u − y‖²"),
        model=said("model"),
        sigma=said("sigma"),
        engine=said("engine", "torch"),
    )


def _values(ds: xr.Dataset, name: str, otherwise: np.ndarray) -> Any:
    return ds[name].values if name in ds.variables else otherwise


def _texts(ds: xr.Dataset, name: str, count: int) -> tuple[str, ...]:
    found = ds[name].values if name in ds.variables else range(1, count + 1)
    return tuple(map(str, found))
