"""What happened, in plain words: the headline over the pictures."""

from __future__ import annotations

import math

import numpy as np
import xarray as xr

from gnviz.analysis.ends import VERBS, end_time, last_known, loss_now, past
from gnviz.analysis.excess import law_ratio
from gnviz.analysis.optimality import in_short, missed
from gnviz.analysis.time_to_loss import time_to_loss
from gnviz.views.numbers import number, power_of_ten
from gnviz.views.runs import MOST_NAMED, in_a_row, name_of

LEVELS = (1e-10, 1e-6, 1e-3)
"""Losses at which runs are compared, the smallest that two of them have passed."""

MOST_TOLD = 4
"""Runs that the headline names one by one; of more, the first and the last."""

TOGETHER = 0.05
"""Relative difference up to which times to a loss are told as one: nobody took "1 times as long"."""

BROKE = ("diverged", "singular", "step-limit")
"""Status of runs that ended without getting anywhere."""

CLOSE = 0.01
"""Relative difference up to which a loss follows a law."""


def headline(ds: xr.Dataset) -> str:
    """Return one sentence that compares the fastest with the slowest method so far.

    Where other starts found less than the runs head for, that is said first; not beside the law, which is of
    the excess over each run's own optimum.
    """
    if "foot" in ds:
        return _on_surface(ds)
    if _has_law(ds):
        return _law(ds)
    starts, words = in_short(ds), _fastest(ds)
    return f"{starts} {words}" if missed(ds) else f"{words} {starts}".rstrip()


def _fastest(ds: xr.Dataset) -> str:
    """Return which method passed the least loss that several have passed first, and by how much."""
    ds = ds.assign_coords(run=[name_of(ds, label) for label in ds["run"].values])
    times = ds["time"].values
    unit = "step" if ds.attrs["clock"] == "steps" else "t ="
    for level in LEVELS:
        passed = dict(zip(map(str, ds["run"].values), time_to_loss(ds, level), strict=True))
        passed = {m: float(_whole(t) if unit == "step" else t) for m, t in passed.items() if np.isfinite(t)}
        if not passed:
            continue
        if len(ds["run"]) > MOST_NAMED:
            first = min(passed, key=passed.__getitem__)
            return (
                f"{len(passed)} of {len(ds['run'])} runs reached loss {power_of_ten(level)}, {first} first, "
                f"at {unit} {number(passed[first])}."
            )
        order = sorted(passed, key=passed.__getitem__)
        together = [m for m in order if passed[m] <= passed[order[0]] * (1 + TOGETHER)]
        first = f"{_list(together)} reached loss {power_of_ten(level)} at {unit} {number(passed[order[0]])}"
        ended, going = _left_behind(ds, passed)
        behind = order[len(together) :] if passed[order[0]] > 0 else []
        others = behind if len(order) <= MOST_TOLD else behind[-1:]
        words = [first, *_later(others, passed, order[0], unit)]
        if ended:
            told = _told_ends(ds)
            words.append(f"{_list([m + told[m] for m in ended])} did not get there")
        elif going and len(times) > 1:
            words.append(f"{_list(going)} {'is' if len(going) == 1 else 'are'} not there yet")
        return "; ".join(words) + "."
    return _so_far(ds) if len(times) > 1 else "Starting."


def _later(others: list[str], passed: dict[str, float], first: str, unit: str) -> list[str]:
    """Return in at most one phrase how much later some runs passed a loss than the first did."""
    if not others:
        return []
    factors = [_factor(passed[m] / passed[first]) for m in others]
    told = [f"{others[0]} took {factors[0]} times as long"]
    told += [f"{m} {factor} times" for m, factor in zip(others[1:], factors[1:], strict=True)]
    return [f"{_list(told)} ({unit} {number(passed[others[-1]])})"]


def _so_far(ds: xr.Dataset) -> str:
    """Return which run has the least loss by now, and which the largest, of those that have one.

    That of a run that has ended, and not diverged, is the one at its end.
    """
    last, told = dict(zip(map(str, ds["run"].values), loss_now(ds), strict=True)), _told_ends(ds)
    order = sorted((m for m, loss in last.items() if np.isfinite(loss)), key=last.__getitem__)
    when = f"{'At step' if ds.attrs['clock'] == 'steps' else 'At t ='} {number(ds['time'].values[-1])}"
    if not order:
        return f"{when}, no run has a loss any more."
    least, largest = ((m + told[m], f"{number(last[m])}") for m in (order[0], order[-1]))
    if len(order) == 1:
        return f"{when}, {least[0]} has loss {least[1]}."
    return f"{when}, {least[0]} has the least loss, {least[1]}, and {largest[0]} the largest, {largest[1]}."


def _on_surface(ds: xr.Dataset) -> str:
    """Return how far the runs are from the surface's point that is nearest to the target.

    Once all are there, what differs is the way: how long it was, in shortest ways on the surface.
    """
    u = ds["prediction"].values
    away = np.linalg.norm(u - ds["foot"].values, axis=-1)
    if not away.shape[1] or not np.isfinite(away[:, 0]).all():
        return str(ds.attrs["foot_text"])
    last, told = last_known(np.isfinite(away)), _told_ends(ds)
    there = away[np.arange(len(last)), last]
    if (there <= CLOSE * away[:, 0]).all():
        return _ways(ds, _length(u), float(_length(ds["geodesic"].values)))
    each = [
        f"{name_of(ds, run)}{told[str(run)]} is {number(distance, 2)}"
        for run, distance in zip(ds["run"].values, there, strict=True)
    ]
    when = f"At t = {number(ds['time'].values[-1])}"
    return f"{when}, {_list(each)} away from the surface's nearest point to the target."


def _ways(ds: xr.Dataset, lengths: np.ndarray, shortest: float) -> str:
    """Return how long the ways of runs that have arrived were, shape (run,), beside the shortest."""
    order = np.argsort(lengths, kind="stable")
    names = [name_of(ds, ds["run"].values[i]) for i in order]
    if not shortest > 0:  # NaN: none was found
        each = [f"{name} {number(float(lengths[i]))}" for name, i in zip(names, order, strict=True)]
        return f"At the surface's nearest point to the target. The ways there are long: {_list(each)}."
    first, *others = zip(names, (_longer(float(lengths[i]) / shortest) for i in order), strict=True)
    words = f"The way of {first[0]} to the surface's nearest point is {first[1]}"
    return "; ".join([words, *(f"that of {name} is {longer}" for name, longer in others)]) + "."


def _longer(ratio: float) -> str:
    if ratio < 1 + CLOSE / 2:
        return f"the shortest, to within {CLOSE:.0%}"
    if ratio < 2:
        return f"{ratio - 1:.0%} longer than the shortest"
    return f"{number(ratio, 2)} times the shortest"


def _length(points: np.ndarray) -> np.ndarray:
    """Return the length of each polygon, of its known corners, for points of shape (..., corner, sample)."""
    return np.asarray(np.nansum(np.linalg.norm(np.diff(points, axis=-2), axis=-1), axis=-1))


def _has_law(ds: xr.Dataset) -> bool:
    """Return whether alphas are compared by flows whose least loss is known."""
    several = len(np.unique(ds["alpha"].values)) > 1
    return several and ds.attrs["clock"] == "flow" and bool(np.isfinite(ds["optimum"].values).any())


def _law(ds: xr.Dataset) -> str:
    """Return whose excess loss falls as e^-2t and how far it has, which runs broke off, and the others."""
    last = loss_now(ds) - ds["optimum"].values
    with np.errstate(invalid="ignore"):
        follows = ((np.abs(law_ratio(ds) - 1) <= CLOSE) | past(ds)).all(axis=1) & np.isfinite(last)
    broke = np.isin(ds["status"].values.astype(str), BROKE)
    runs, told = np.array([name_of(ds, run) for run in ds["run"].values], dtype=object), _told_ends(ds)
    words = [_lawful(ds, runs, follows & ~broke, last)]
    if broke.any():
        those = [runs[i] + told[str(ds["run"].values[i])] for i in np.flatnonzero(broke)]
        words.append(f"{_list(those)} did not get there")
    rest = np.where(follows | broke, np.nan, last)
    if np.isfinite(rest).any():
        lowest = int(np.nanargmin(rest))
        words.append(f"of the others, {runs[lowest]} is lowest, at {number(rest[lowest], 2)}")
    return "; ".join(words) + "."


def _lawful(ds: xr.Dataset, runs: np.ndarray, follows: np.ndarray, last: np.ndarray) -> str:
    """Return which of the runs, shape (run,), follow the law, and the largest that is left of the excess."""
    if not follows.any():
        return f"No run's excess loss follows e⁻²ᵗ to within {CLOSE:.0%} to the end"
    largest = int(np.nanargmax(np.where(follows, last, np.nan)))
    when = float(np.fmin(end_time(ds), ds["time"].values[-1])[largest])
    return (
        f"To within {CLOSE:.0%}, the excess loss of {_list(list(runs[follows]))} falls as e⁻²ᵗ, "
        f"to {number(last[largest], 2)} at t = {number(when)}"
    )


def _told_ends(ds: xr.Dataset) -> dict[str, str]:
    """Return in brackets what each run did that ended before the last moment, and when; else nothing."""
    when = f"{'at step' if ds.attrs['clock'] == 'steps' else 'at t ='}"
    rows = zip(ds["run"].values, ds["status"].values.astype(str), end_time(ds), strict=True)
    return {
        str(run): f" ({VERBS[status]} {when} {number(end)})" if status in VERBS and end == end else ""
        for run, status, end in rows
    }


def _left_behind(ds: xr.Dataset, passed: dict[str, float]) -> tuple[list[str], list[str]]:
    """Return the runs that ended without passing, and those that are still on their way."""
    state = {str(m): str(s) for m, s in zip(ds["run"].values, ds["status"].values, strict=True)}
    behind = [m for m in state if m not in passed]
    return [m for m in behind if state[m] != "running"], [m for m in behind if state[m] == "running"]


def _whole(step: float) -> int:
    """Return the first whole step by which a loss has fallen, where steps between were not recorded."""
    return math.ceil(step * (1 - 1e-9))


def _factor(ratio: float) -> str:
    if ratio >= 1e6:
        return number(ratio)
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2g}"


def _list(runs: list[str]) -> str:
    words = in_a_row(runs)
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
