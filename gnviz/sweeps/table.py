"""The arrays of a sweep, filled cell by cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from gnviz.analysis.sweeps import time_to_loss
from gnviz.results import SCHEMA, version
from gnviz.sweeps.cell import MEASURES, Cell
from gnviz.sweeps.grid import Grid, Index

MISSING = "missing"
"""Status of what has not been computed."""


class Table:
    """What is kept of all cells.

    Args:
        grid: Of the sweep.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid, self._shape = grid, (*grid.shape, len(grid.runs))
        moments = max(grid.axes.get("clock.snapshots", [grid.experiment.clock.snapshots]))
        self._numbers = {name: np.full(self._shape, np.nan) for name in MEASURES}
        self._curves = {name: np.full((*self._shape, moments), np.nan) for name in ("time", "loss")}
        self._words = {"status": self._texts(MISSING), "status_text": self._texts("")}
        self._engine = np.full(grid.shape, "", dtype=object)
        self._moments = 0

    def put(self, index: Index, cell: Cell) -> None:
        """Fill in a cell."""
        self._words["status"][index], self._words["status_text"][index] = cell.status, cell.status_text
        self._engine[index] = cell.engine
        if not cell.numbers:
            return
        for name, values in cell.numbers.items():
            self._numbers[name][index] = values
        moments = cell.time.shape[1]
        self._moments = max(self._moments, moments)
        self._curves["time"][index][:, :moments] = cell.time
        self._curves["loss"][index][:, :moments] = cell.loss

    def dataset(self, level: float) -> xr.Dataset:
        """Return what there is so far, as `gnviz.sweeps` lists it.

        Args:
            level: The loss whose time is told.
        """
        knobs, kept = tuple(self._grid.axes), self._moments
        dims = (*knobs, "run")
        variables: dict[str, Any] = {
            name: (dims, values.copy(), _attrs(MEASURES[name].words, MEASURES[name].log))
            for name, values in self._numbers.items()
        }
        variables |= {name: (dims, texts.copy()) for name, texts in self._words.items()}
        variables["engine"] = (knobs, self._engine.copy())
        variables |= {
            name: ((*dims, "moment"), values[..., :kept].copy()) for name, values in self._curves.items()
        }
        ds = xr.Dataset(variables, self._grid.coordinates(), self._attrs(level))
        ds["time_to_loss"] = time_to_loss(ds, level)
        return ds

    def _texts(self, text: str) -> np.ndarray:
        return np.full(self._shape, text, dtype=object)

    def _attrs(self, level: float) -> dict[str, Any]:
        experiment = self._grid.experiment
        return {
            "experiment": experiment.to_json(),
            "sweep": self._grid.to_json(),
            "level": level,
            "schema": SCHEMA,
            "version": version(),
            "clock": experiment.clock.kind,
        }


def _attrs(words: str, log: bool) -> dict[str, Any]:
    return {"long_name": words, "scale": "log" if log else "linear"}
