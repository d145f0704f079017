"""Tables: measured data from the bundled CSV files or the user's own, checked and standardised.

Whatever is wrong with a table is said in one sentence that names the knob, the row and column,
and what is allowed. Nothing here imports torch.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from gnviz.experiment import MAX_SAMPLES, Data
from gnviz.knobs import KnobError, quoted, unknown
from gnviz.problem.delimited import MAX_BYTES, Row, check_text, decode, read_rows

MAX_COLUMNS = 100
"""Most input columns: the bound of `data.d`."""

ROUNDING = 1e-12
"""Spread of a column, relative to its largest value, that counts as constant."""

MISSING = frozenset({"", "na", "n/a", "null", "none", "?", "-", "."})
"""What stands for "no value" in the tables people keep."""

_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(e[+-]?\d+)?", re.IGNORECASE)

__all__ = [
    "MAX_BYTES",
    "MAX_COLUMNS",
    "Table",
    "column_names",
    "decode_table",
    "parse_table",
    "read_table",
    "standardise",
]


@dataclass(frozen=True)
class Table:
    """Measured data, standardised.

    Attributes:
        x: Inputs, shape (n, d); see `standardise`.
        y: Targets, shape (n,).
        names: Names of the input columns.
        target: Name of the target column.
        measured: Targets as they stand in the table, shape (n,).
        notes: Plain sentences a user should know.
    """

    x: np.ndarray
    y: np.ndarray
    names: tuple[str, ...]
    target: str
    measured: np.ndarray
    notes: tuple[str, ...] = ()


def read_table(data: Data) -> Table:
    """Read the table that `data.kind` asks for: enso, thurber or csv.

    For csv, the text in `data.table` wins over the file at `data.path`; `data.x` and `data.y`
    choose the columns.

    Raises:
        KnobError: The table cannot be used; the message names knob, row, column and what is allowed.
    """
    if data.kind == "csv":
        text, knob = _text(data)
        return parse_table(text, data.x, data.y, knob)
    text = files("gnviz").joinpath("problem", "data", f"{data.kind}.csv").read_text("utf-8")
    return parse_table(text, [], "", "data.kind")


def parse_table(text: str, x: Sequence[str] = (), y: str = "", knob: str = "data.table") -> Table:
    """Read a table from text.

    Args:
        text: Delimited text, with or without a header row.
        x: Names of the input columns; none: all but the target.
        y: Name of the target column; empty: the last one.
        knob: Where the text came from, for messages.

    Raises:
        KnobError: See `read_table`.
    """
    names, rows, delimiter = _grid(text, knob)
    inputs, target = _choose(names, x, y)
    values = _numbers(rows, names, [*inputs, target], delimiter, knob)
    labels = [names[i] for i in inputs]
    _check_varied(values, [*labels, names[target]], knob)
    notes = _duplicates(values[:, :-1], [row.line for row in rows])
    scaled_x, scaled_y = standardise(values[:, :-1], values[:, -1])
    return Table(scaled_x, scaled_y, tuple(labels), names[target], values[:, -1], notes)


def decode_table(raw: bytes, knob: str = "data.table") -> str:
    """Return an uploaded file's text.

    Raises:
        KnobError: The file is too large, or not text.
    """
    _check_size(len(raw), knob)
    try:
        return decode(raw)
    except ValueError:
        raise KnobError(
            f"{knob} is not a text file; allowed: a CSV file (save spreadsheets as CSV)"
        ) from None


def column_names(text: str, knob: str = "data.table") -> list[str]:
    """Return the names of a table's columns, made up where it has no header.

    Raises:
        KnobError: See `read_table`.
    """
    return _grid(text, knob)[0]


def standardise(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and targets at the scale that the network's initialization expects.

    Every input column and the target get mean 0 and standard deviation 1 (divisor n); inputs are
    then divided by sqrt(d), so that the mean squared norm of a sample is 1, as on the circle.

    Args:
        x: Inputs, shape (n, d), no column constant.
        y: Targets, shape (n,), not constant.
    """
    return _unit(x) / math.sqrt(x.shape[1]), _unit(y)


def _unit(values: np.ndarray) -> np.ndarray:
    scaled = values / np.abs(values).max(0)  # squares of very large or small numbers leave float64
    centred = scaled - scaled.mean(0)
    return centred / centred.std(0)


def _text(data: Data) -> tuple[str, str]:
    """Return the table's text and the knob that it came from."""
    if data.table:
        try:
            text = check_text(data.table)
        except ValueError:
            raise KnobError(
                "data.table is not text (it holds control characters); allowed: CSV text"
            ) from None
        _check_size(len(text.encode("utf-8", "replace")), "data.table")
        return text, "data.table"
    knob = f"data.path = {quoted(data.path)}"
    if not data.path:
        raise KnobError("data.path = '' names no table; allowed: the path of a CSV file")
    try:
        path = Path(data.path).expanduser()
        if not path.is_file():
            problem = "is a folder" if path.is_dir() else "does not exist"
            raise KnobError(f"{knob} {problem}; allowed: the path of a CSV file")
        _check_size(path.stat().st_size, knob)
        raw = path.read_bytes()
    except (OSError, ValueError, RuntimeError) as error:  # ValueError: NUL in the path; RuntimeError: ~nobody
        if isinstance(error, KnobError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise KnobError(f"{knob} cannot be read: {reason}; allowed: a CSV file you may read") from None
    return decode_table(raw, knob), knob


def _check_size(size: int, knob: str) -> None:
    if size > MAX_BYTES:
        raise KnobError(f"{knob} has {size / 1e6:.1f} MB; allowed: up to {MAX_BYTES / 1e6:g} MB")


def _grid(text: str, knob: str) -> tuple[list[str], list[Row], str]:
    """Return column names and rows of equal length."""
    try:
        rows, delimiter = read_rows(text.removeprefix("\ufeff"))  # the mark of a file saved by Excel
    except ValueError as error:
        raise KnobError(f"{knob} is not readable as CSV ({error}); allowed: one row per line") from None
    if not rows:
        raise KnobError(f"{knob} is empty; allowed: a header and 2 to {MAX_SAMPLES} rows")
    first = rows[0].cells
    if any(_is_name(cell, delimiter) for cell in first):
        names, rows = [cell or f"column {i}" for i, cell in enumerate(first, 1)], rows[1:]
        if not rows:
            raise KnobError(f"{knob} has a header but no rows; allowed: 2 to {MAX_SAMPLES} rows")
        if not first[-1] and all(len(r.cells) == len(first) and not r.cells[-1] for r in rows):
            names, rows = names[:-1], [Row(r.line, r.cells[:-1]) for r in rows]  # a trailing delimiter
    else:
        names = [f"x{i}" for i in range(1, len(first))] + ["y"]
    _check_shape(names, rows, knob)
    return names, rows, delimiter


def _is_name(cell: str, delimiter: str) -> bool:
    """Return whether a cell of the first row makes it a header."""
    decimal_comma = delimiter != "," and _DECIMAL_COMMA.fullmatch(cell)
    return _number(cell) is None and cell.lower() not in MISSING and not decimal_comma


def _check_shape(names: list[str], rows: list[Row], knob: str) -> None:
    if not 2 <= len(rows) <= MAX_SAMPLES:
        count = "1 row" if len(rows) == 1 else f"{len(rows)} rows"
        raise KnobError(f"{knob} has {count} of data; allowed: 2 to {MAX_SAMPLES}")
    _refuse(
        [
            f"{knob}: row {row.line} has {_count(len(row.cells), 'cell')}; "
            f"allowed: {len(names)}, as in the first row"
            for row in rows
            if len(row.cells) != len(names)
        ]
    )
    _refuse(
        [
            f"{knob}: column name {quoted(name)} appears twice; allowed: different names"
            for i, name in enumerate(names)
            if name in names[:i]
        ]
    )


def _choose(names: list[str], x: Sequence[str], y: str) -> tuple[list[int], int]:
    """Return the positions of the input columns and of the target."""
    for knob, name in [("data.y", y)] * bool(y) + [("data.x", name) for name in x]:
        if name not in names:
            raise KnobError(f"{knob}: {unknown('column', name, names)}")
    target = names.index(y) if y else len(names) - 1
    inputs = [names.index(name) for name in x] or [i for i in range(len(names)) if i != target]
    if target in inputs:
        raise KnobError(
            f"data.x contains the target {quoted(names[target])}; allowed: every column but data.y"
        )
    if len(set(inputs)) < len(inputs):
        raise KnobError(f"data.x = {quoted(list(x))} names a column twice; allowed: different columns")
    if not 1 <= len(inputs) <= MAX_COLUMNS:
        raise KnobError(
            f"data.x: the table has {_count(len(inputs), 'input column')} beside the target "
            f"{quoted(names[target])}; allowed: 1 to {MAX_COLUMNS}"
        )
    return inputs, target


def _numbers(rows: list[Row], names: list[str], columns: list[int], delimiter: str, knob: str) -> np.ndarray:
    """Return the chosen columns as numbers, shape (rows, columns)."""
    values, problems = np.empty((len(rows), len(columns))), []
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            number = _number(row.cells[column])
            if number is None or not math.isfinite(number):
                wrong = _what_is_wrong(row.cells[column], delimiter)
                problems.append(f"{knob}: row {row.line}, column {quoted(names[column])} {wrong}")
            else:
                values[i, j] = number
    _refuse(problems)
    return values


def _what_is_wrong(cell: str, delimiter: str) -> str:
    if cell.lower() in MISSING:
        return f"has no value ({quoted(cell)}); allowed: a number in every cell"
    if delimiter != "," and _DECIMAL_COMMA.fullmatch(cell):
        return f"has a decimal comma ({quoted(cell)}); allowed: numbers with a decimal point"
    if _number(cell) is not None:
        return f"is not finite ({quoted(cell)}); allowed: finite numbers"
    return (
        f"is not a number ({quoted(cell)}); allowed: numbers, or choose other columns with data.x and data.y"
    )


def _number(cell: str) -> float | None:
    """Return a cell's number, None if it is not one (Python's `1_000` is not)."""
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def _check_varied(values: np.ndarray, names: list[str], knob: str) -> None:
    what = ["column"] * (len(names) - 1) + ["the target"]
    largest = np.abs(values).max(0)
    scaled = values / np.where(largest == 0, 1, largest)
    flat = np.ptp(scaled, axis=0) <= ROUNDING
    _refuse(
        [
            f"{knob}: {what[j]} {quoted(name)} is constant ({values[0, j]:g} in every row); "
            f"allowed: columns that vary (choose with data.x and data.y)"
            for j, name in enumerate(names)
            if flat[j]
        ]
    )


def _duplicates(x: np.ndarray, lines: list[int]) -> tuple[str, ...]:
    """Return a note about equal inputs, if any: their rows of the kernel are equal too."""
    first: dict[bytes, int] = {}
    pairs = []
    for sample, line in zip(x + 0.0, lines, strict=True):  # + 0.0 makes -0.0 equal 0.0
        other = first.setdefault(sample.tobytes(), line)
        if other != line:
            pairs.append((other, line))
    if not pairs:
        return ()
    more = f" (and {_count(len(pairs) - 1, 'more row')} like that)" if len(pairs) > 1 else ""
    a, b = pairs[0]
    return (f"rows {a} and {b} have the same inputs: the kernel is singular there{more}",)


def _refuse(problems: list[str]) -> None:
    """Raise on the first problem, with the count of the others."""
    if problems:
        more = f" (and {_count(len(problems) - 1, 'more problem')})" if len(problems) > 1 else ""
        raise KnobError(problems[0] + more)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
