"""What is used of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Selection:
    """Which columns and rows of a table are used, and how; the usual: all.

    Attributes:
        x: Names of the input columns; empty: all that hold numbers, but the target.
        y: Name of the target column; empty: the last one that holds numbers.
        missing: What is done with rows that have empty cells: "refuse" or "drop".
        rows: How many rows are used; None: all.
        seed: Chooses among more rows.
        standardize: Whether columns are given mean 0 and standard deviation 1.
    """

    x: Sequence[str] = ()
    y: str = ""
    missing: str = "refuse"
    rows: int | None = None
    seed: int = 0
    standardize: bool = True
