"""Where a table's text comes from: the knob that holds it, or a file."""

from __future__ import annotations

from pathlib import Path

from gnviz.data.tables.delimited import MAX_BYTES, check_text, decode
from gnviz.knobs import KnobError, quoted


def table_text(table: str, path: str) -> tuple[str, str]:
    """Return a table's text and the knob that it came from: `data.table` wins over `data.path`.

    Raises:
        KnobError: There is none, it cannot be read, or it is no text.
    """
    if table:
        try:
            text = check_text(table)
        except ValueError:
            raise KnobError(
                "data.table is not text (it holds control characters); allowed: CSV text"
            ) from None
        _check_size(len(text.encode("utf-8", "replace")), "data.table")
        return text, "data.table"
    if not path:
        raise KnobError("data.path = '' names no table; allowed: the path of a CSV file")
    knob = f"data.path = {quoted(path)}"
    return decode_table(_read(path, knob), knob), knob


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


def _read(name: str, knob: str) -> bytes:
    """Return a file's bytes."""
    try:
        path = Path(name).expanduser()
        if not path.is_file():
            problem = "is a folder" if path.is_dir() else "does not exist"
            raise KnobError(f"{knob} {problem}; allowed: the path of a CSV file")
        _check_size(path.stat().st_size, knob)
        return path.read_bytes()
    except (OSError, ValueError, RuntimeError) as error:  # ValueError: NUL in the path; RuntimeError: ~nobody
        if isinstance(error, KnobError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise KnobError(f"{knob} cannot be read: {reason}; allowed: a CSV file you may read") from None


def _check_size(size: int, knob: str) -> None:
    if size > MAX_BYTES:
        raise KnobError(f"{knob} has {size / 1e6:.1f} MB; allowed: up to {MAX_BYTES / 1e6:g} MB")
