"""The runs of a Dataset as figures show them: which, under which names, in which colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gnviz.methods import display_name
from gnviz.views.style import Look, looks_of
from gnviz.views.values import picked

if TYPE_CHECKING:
    import xarray as xr

MOST_RUNS = 24
"""Runs drawn in one figure; of more, that many are picked evenly."""

MOST_NAMED = 12
"""Runs that have a colour and a legend entry each; of more, the runs of a method share theirs."""


def run_labels(ds: xr.Dataset) -> list[str]:
    """Return the labels of the runs, in order."""
    return [str(label) for label in ds["run"].values]


def name_of(ds: xr.Dataset, run: object) -> str:
    """Return what a run, or one of the legend's entries, is called in figures and sentences."""
    return display_name(str(run), str(ds.attrs.get("clock", "flow")))


def in_a_row(names: Sequence[str]) -> list[str]:
    """Return names of runs as they are told one after another: of a run like the one before, what differs.

    Example:
        >>> in_a_row(["gradient flow α=1", "gradient flow α=10", "Gauss-Newton α=10"])
        ['gradient flow α=1', 'α=10', 'Gauss-Newton α=10']
    """
    methods = [name.partition(" α=")[0] if " α=" in name else None for name in names]
    before = [None, *methods]
    return [
        name.removeprefix(f"{method} ") if method and method == last else name
        for name, method, last in zip(names, methods, before, strict=False)
    ]


def shown(ds: xr.Dataset) -> xr.Dataset:
    """Return the Dataset with the runs that a figure draws: all, or evenly picked ones of many."""
    return ds if ds.sizes["run"] <= MOST_RUNS else ds.isel(run=picked(ds.sizes["run"], MOST_RUNS))


def run_groups(ds: xr.Dataset) -> dict[str, list[str]]:
    """Return the labels of the runs by what the legend calls them: themselves, or their method."""
    labels = run_labels(ds)
    if len(labels) <= MOST_NAMED:
        return {label: [label] for label in labels}
    groups: dict[str, list[str]] = {}
    for method, label in zip(ds["method"].values, labels, strict=True):
        groups.setdefault(str(method), []).append(label)
    return groups


def run_index(ds: xr.Dataset, run: str | None) -> int:
    """Return the position of the run labelled `run`; None is the first.

    Raises:
        ValueError: There is no such run; the message lists those there are.
    """
    labels = run_labels(ds)
    if run is None:
        return 0
    if run not in labels:
        raise ValueError(f"no run is labelled {run!r}; the runs are {', '.join(labels)}")
    return labels.index(run)


def run_looks(ds: xr.Dataset) -> dict[str, Look]:
    """Return the look of each run in every figure, by label: its method's colour, and a marker of its own.

    Runs that share an entry of the legend (`run_groups`) look alike.
    """
    groups = run_groups(ds)
    methods = dict(zip(run_labels(ds), map(str, ds["method"].values), strict=True))
    looks = looks_of([methods[labels[0]] for labels in groups.values()])
    return {label: look for look, labels in zip(looks, groups.values(), strict=True) for label in labels}


def entries_of(ds: xr.Dataset) -> dict[str, str]:
    """Return the text of each run's entry in a legend, by the run's label."""
    return {label: text for text, labels in run_groups(ds).items() for label in labels}
