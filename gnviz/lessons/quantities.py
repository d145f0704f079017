"""What a lesson may claim a number of: each quantity is read off the Dataset of a run, without torch."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gnviz.analysis.ends import end_time, last_known, loss_now, recorded
from gnviz.analysis.excess import law_ratio
from gnviz.analysis.measures import apart
from gnviz.analysis.time_to_loss import time_to_loss, with_ends
from gnviz.experiment import Experiment
from gnviz.knobs import KnobError, unknown
from gnviz.knobs.texts import arguments
from gnviz.methods import parse_method

if TYPE_CHECKING:
    import xarray as xr

    from gnviz.experiment.ensemble import Run


@dataclass(frozen=True)
class Quantity:
    """A number, or a word, of one run.

    Attributes:
        read: From the Dataset, the position of the run and the numbers that follow it in the text.
        numbers: What those are.
        other: What another experiment changes whose Dataset `read` is given as well, last.
    """

    read: Callable[..., float | str]
    numbers: tuple[str, ...] = ()
    other: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """A quantity of a run, as a lesson's text asks for it.

    Attributes:
        name: A key of `QUANTITIES`.
        quantity: What is read.
        run: The method in canonical spelling, and alpha or seed where the experiment has several.
        numbers: What follows.
    """

    name: str
    quantity: Quantity
    run: dict[str, str]
    numbers: tuple[float, ...]

    def position(self, experiment: Experiment) -> int:
        """Return which of an experiment's runs is meant.

        Raises:
            KnobError: None is, or several are.
        """
        runs = [i for i, run in enumerate(experiment.runs) if self._is(run)]
        if len(runs) != 1:
            asked = ", ".join(f"{name}={text}" for name, text in self.run.items())
            labels = "; ".join(run.label for run in experiment.runs)
            raise KnobError(f"{len(runs)} runs are {asked!r}; allowed: what is true of one of {labels}")
        return runs[0]

    def _is(self, run: Run) -> bool:
        same = {"alpha": lambda text: float(text) == run.alpha, "seed": lambda text: int(text) == run.seed}
        return all(text == run.method if k == "method" else same[k](text) for k, text in self.run.items())

    def of(self, ds: xr.Dataset, experiment: Experiment, other: xr.Dataset | None = None) -> float | str:
        """Read the quantity off a Dataset.

        Args:
            ds: The experiment's.
            experiment: What was run.
            other: That of the other experiment, for a quantity that has one.
        """
        more = () if other is None else (other,)
        return self.quantity.read(ds, self.position(experiment), *self.numbers, *more)


def _at(time: np.ndarray, values: np.ndarray, t: float) -> float:
    """Return a value at a time, between two moments by linear interpolation of its logarithm in log time."""
    known = np.isfinite(values)
    time, values = time[known], values[known]
    if not len(time) or not time[0] <= t <= time[-1]:
        return math.nan
    exact = np.flatnonzero(time == t)
    if len(exact):
        return float(values[exact[0]])
    ahead = (time > 0) & (values > 0)
    return float(np.exp(np.interp(math.log(t), np.log(time[ahead]), np.log(values[ahead]))))


def _loss(ds: xr.Dataset, run: int, t: float) -> float:
    return _at(*with_ends(ds)[run], t)


def _last(name: str) -> Callable[[xr.Dataset, int], float]:
    def read(ds: xr.Dataset, run: int) -> float:
        values = ds[name].values[run : run + 1]
        return float(values[0, last_known(recorded(values))[0]])

    return read


def _over_time(name: str) -> Callable[[xr.Dataset, int, float], float]:
    return lambda ds, run, t: _at(ds["time"].values, ds[name].values[run], t)


def _of_mode(name: str) -> Callable[[xr.Dataset, int, float, float], float]:
    return lambda ds, run, k, t: _at(ds["time"].values, np.abs(ds[name].values[run, :, int(k) - 1]), t)


def _end(ds: xr.Dataset, run: int) -> float:
    end = float(end_time(ds)[run])
    return end if math.isfinite(end) else float(ds["time"].values[-1])


def _law(ds: xr.Dataset, run: int, t: float) -> float:
    return _at(ds["time"].values, law_ratio(ds)[run], t)


def _correct(ds: xr.Dataset, run: int) -> float:
    """Return how many samples have a prediction of the target's sign in the end."""
    values = ds["prediction"].values[run : run + 1]
    last = values[0, last_known(recorded(values))[0]]
    return float((np.sign(last) == np.sign(ds["y"].values)).sum())


def _unresolved(ds: xr.Dataset, run: int) -> float:
    """Return how many eigenvalues are rounding at the start."""
    return float((ds["eigenvalues"].values[run, 0] < ds.attrs["resolution"]).sum())


def _apart(ds: xr.Dataset, run: int, other: xr.Dataset) -> float:
    return apart(ds, other)[str(ds["run"].values[run])]


QUANTITIES: dict[str, Quantity] = {
    "time": Quantity(lambda ds, run, level: float(time_to_loss(ds, level)[run]), ("loss",)),
    "loss": Quantity(_loss, ("time",)),
    "end_loss": Quantity(lambda ds, run: float(loss_now(ds)[run])),
    "end_time": Quantity(_end),
    "peak": Quantity(lambda ds, run: float(np.nanmax(ds["loss"].values[run]))),
    "status": Quantity(lambda ds, run: str(ds["status"].values[run])),
    "condition": Quantity(lambda ds, run: float(ds.attrs["condition"])),
    "eigenvalue": Quantity(_of_mode("eigenvalues"), ("mode", "time")),
    "rate": Quantity(_of_mode("rate"), ("mode", "time")),
    "residual": Quantity(_of_mode("residual_modes"), ("mode", "time")),
    "rho": Quantity(_over_time("rho"), ("time",)),
    "kernel_drift": Quantity(_last("kernel_drift")),
    "weight_drift": Quantity(_last("weight_drift")),
    "test_loss": Quantity(_last("test_loss")),
    "law": Quantity(_law, ("time",)),
    "correct": Quantity(_correct),
    "unresolved": Quantity(_unresolved),
    "apart": Quantity(_apart, other={"surface.chart": "plain"}),
}
"""What can be claimed, by name: time and end_time in units of the clock; eigenvalue, rate and residual of a
mode, from 1, at a time; law is the excess loss over its law e^-2t; correct counts samples whose prediction
has the target's sign, unresolved the eigenvalues that are rounding at the start; apart is the largest
distance of the path from that in plain coordinates."""


def reading(name: str, text: str) -> Reading:
    """Read a quantity's name and what stands in its brackets: `METHOD, alpha=1, numbers`.

    Raises:
        KnobError: There is no such quantity, or the numbers do not fit.
    """
    name = name.replace("-", "_")
    if name not in QUANTITIES:
        raise KnobError(unknown("quantity", name, QUANTITIES))
    quantity, run, numbers = QUANTITIES[name], {}, []
    for key, value in arguments(text):
        if key is None and not run:
            run["method"] = str(parse_method(value))
        elif key in ("alpha", "seed"):
            run[key] = value
        else:
            numbers.append(value)
    try:
        found = tuple(map(float, numbers))
    except ValueError:
        raise KnobError(f"{name}({text}): {numbers} are no numbers") from None
    if not run or len(found) != len(quantity.numbers):
        raise KnobError(f"{name}({text}) is not {name}({', '.join(['method', *quantity.numbers])})")
    return Reading(name, quantity, run, found)
