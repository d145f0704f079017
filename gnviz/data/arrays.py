"""Arrays of one's own: NumPy, pandas, xarray, torch or lists."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import param

from gnviz.data.samples import MAX_SAMPLES
from gnviz.data.table import Measured
from gnviz.data.tables.delimited import MAX_BYTES
from gnviz.data.tables.files import table_text
from gnviz.data.tables.read import Table, standardise
from gnviz.knobs import KnobError, quoted


class Arrays(Measured):
    """Inputs x and targets y as they are given, in their own units unless `standardize` is true.

    They are kept as text, every number to its last bit (`table`: a line of names, then a line for each
    sample, the target last), so that JSON, a saved Dataset and a worker process have them: at most 2 MB.

    Args:
        x: Inputs, shape (n,) or (n, d): NumPy, pandas, xarray, torch, or lists; 1 <= n <= 2000.
        y: Targets, shape (n,) or (n, 1).
        **knobs: `standardize`, `target`, `seed`, `test`; or `table` instead of x and y.

    Raises:
        KnobError: Shapes do not fit, there are too many numbers, or some are not finite or no numbers.

    Example:
        >>> data = Arrays([0.0, 0.5, 1.0], [1.0, 2.0, 1.5])
        >>> data.y
        array([1. , 2. , 1.5])
    """

    label = "arrays"
    meaning = "arrays of your own, given in Python"
    rank = 11
    offered = False

    standardize = param.Boolean(False, doc=Measured.param.standardize.doc)
    table = param.String(
        "", doc="The table's text itself, for uploads and arrays; wins over path (never taken from a URL)."
    )

    def __init__(self, x: Any = None, y: Any = None, **knobs: Any) -> None:
        if x is not None or y is not None:
            knobs["table"] = _text(x, y)
        super().__init__(**knobs)

    @property
    def x(self) -> np.ndarray:
        """The inputs, shape (n, d)."""
        return self._rows()[1][:, :-1]

    @property
    def y(self) -> np.ndarray:
        """The targets, shape (n,)."""
        return self._rows()[1][:, -1]

    def read(self) -> Table:
        """Return the arrays."""
        names, rows = self._rows()
        x, y, units = rows[:, :-1].copy(), rows[:, -1].copy(), None
        measured = y
        if self.standardize:
            _check_varying(names, rows)
            x, y, units = standardise(x, y)
        return Table(x, y, names[:-1], names[-1], measured, (), units)

    def _rows(self) -> tuple[tuple[str, ...], np.ndarray]:
        """Return the names and the numbers, shape (n, d + 1)."""
        if not self.table:
            raise KnobError("data.kind = 'arrays' has no arrays; allowed: gnviz.Arrays(x, y), in Python")
        text, _ = table_text(self.table, "")
        names, *lines = csv.reader(io.StringIO(text))
        try:
            rows = np.array(lines, dtype=float).reshape(len(lines), len(names))
        except ValueError:
            raise KnobError(
                "data.table holds no arrays; allowed: a line of names, then as many numbers in each line"
            ) from None
        return tuple(names), _checked(rows, names)

    def __repr__(self) -> str:
        """Return what was given, without the numbers."""
        if not self.table:
            return super().__repr__()
        names, rows = self._rows()
        return f"Arrays(x of shape ({len(rows)}, {len(names) - 1}), y of shape ({len(rows)},))"


def _text(x: Any, y: Any) -> str:
    """Return arrays as the text of a table.

    Raises:
        KnobError: They cannot be used.
    """
    inputs, targets = _numbers(x, "x"), _numbers(y, "y")
    inputs = inputs[:, None] if inputs.ndim == 1 else inputs
    targets = targets[:, 0] if targets.ndim == 2 and targets.shape[1] == 1 else targets
    if targets.ndim != 1 or len(targets) < 1:
        raise KnobError(f"Arrays(y) has shape {np.shape(y)}; allowed: (n,), one number for each sample")
    if inputs.ndim != 2 or len(inputs) != len(targets) or inputs.shape[1] < 1:
        raise KnobError(
            f"Arrays(x) has shape {np.shape(x)}, but y has {len(targets)} targets; allowed: "
            f"({len(targets)},) or ({len(targets)}, d)"
        )
    names = [*_names(x, inputs.shape[1]), _name(y) or "y"]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([map(repr, row) for row in _checked(np.c_[inputs, targets], names).tolist()])
    if (size := len(out.getvalue().encode())) > MAX_BYTES:
        raise KnobError(
            f"Arrays(x, y) take {size / 1e6:.1f} MB as text; allowed: up to {MAX_BYTES / 1e6:g} MB"
        )
    return out.getvalue()


def _numbers(values: Any, what: str) -> np.ndarray:
    """Return values as float64.

    Raises:
        KnobError: They are missing, complex or no numbers.
    """
    if values is None:
        raise KnobError(f"Arrays({what}) is missing; allowed: Arrays(x, y) with an array for each")
    if hasattr(values, "detach"):  # torch
        values = values.detach().cpu().numpy()
    wrong = [str(n) for n, t in getattr(values, "dtypes", {}).items()] if hasattr(values, "columns") else []
    wrong = [name for name in wrong if values[name].dtype.kind not in "biuf"]
    if wrong:
        raise KnobError(
            f"Arrays({what}): column {quoted(wrong[0])} does not hold numbers; allowed: columns of numbers"
        )
    try:
        array = np.asarray(values)
        if array.dtype.kind == "c":
            raise TypeError("it is complex")
        if array.dtype.kind not in "biufO":
            raise TypeError(f"it holds {array.dtype.name}")
        return array.astype(float)
    except (TypeError, ValueError) as error:
        raise KnobError(f"Arrays({what}) is no array of numbers: {error}; allowed: real numbers") from None


def _checked(rows: np.ndarray, names: list[str]) -> np.ndarray:
    """Return rows (n, d + 1) if they are not too many and finite.

    Raises:
        KnobError: They are not.
    """
    if not 1 <= len(rows) <= MAX_SAMPLES:
        raise KnobError(f"Arrays(x, y) hold {len(rows)} samples; allowed: 1 to {MAX_SAMPLES}")
    if not np.isfinite(rows).all():
        i, j = (int(index) for index in np.argwhere(~np.isfinite(rows))[0])
        raise KnobError(
            f"Arrays(x, y): sample {i}, column {quoted(names[j])} is {rows[i, j]}; allowed: finite numbers"
        )
    return rows


def _check_varying(names: tuple[str, ...], rows: np.ndarray) -> None:
    """Refuse to standardise a column that is constant."""
    for name, column in zip(names, rows.T, strict=True):
        if (column == column[0]).all():
            raise KnobError(
                f"data.standardize = true, but column {quoted(name)} is constant; allowed with it: columns "
                "that vary",
                {"data.standardize": False},
            )


def _names(x: Any, d: int) -> list[str]:
    """Return the names of the input columns: a DataFrame's, a Series', or x, or x1, x2, ..."""
    if hasattr(x, "columns"):
        return [str(name) for name in x.columns]
    if d == 1:
        return [_name(x) or "x"]
    return [f"x{i + 1}" for i in range(d)]


def _name(values: Any) -> str:
    """Return the name of a Series or DataArray, or of the only column of a DataFrame; empty for none."""
    columns = getattr(values, "columns", None)
    name = columns[0] if columns is not None and len(columns) == 1 else getattr(values, "name", None)
    return "" if name is None or callable(name) else str(name)
