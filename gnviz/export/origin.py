"""The experiment that a run can be repeated from: as it was asked for, and by the engine that ran it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gnviz.experiment import Experiment
from gnviz.knobs import KnobError

if TYPE_CHECKING:
    import xarray as xr

NETWORK = "the experiment's network"
"""What a Dataset says of its model, if the experiment names it."""


class Origin(NamedTuple):
    """What a run came from.

    Attributes:
        experiment: With the engine and the device that it ran on.
        chosen: Those of the two that the experiment had left to gnviz, by their knobs.
        version: Of gnviz, that made the run; empty if there is none yet.
    """

    experiment: Experiment
    chosen: dict[str, str]
    version: str = ""


def origin(run: Experiment | xr.Dataset) -> Origin:
    """Return what gives a run again: of a Dataset, also what gnviz chose for it.

    Raises:
        KnobError: The Dataset's model was the user's own, or its experiment cannot be read.
    """
    if isinstance(run, Experiment):
        return Origin(run, {})
    experiment = Experiment.from_json(run.attrs["experiment"])
    if own_model(run, experiment):
        raise KnobError(
            f"the model {run.attrs['model']!r} is a problem of your own (gnviz.make_problem), which a result "
            "does not hold: no script or notebook can repeat it; allowed: runs of an experiment alone"
        )
    chosen = _chosen(run, experiment)
    return Origin(experiment.replace(chosen), chosen, str(run.attrs["version"]))


def own_model(ds: xr.Dataset, experiment: Experiment) -> bool:
    """Return whether a result is of a problem from `gnviz.make_problem`."""
    return not experiment.on_surface and str(ds.attrs.get("model", NETWORK)) != NETWORK


def _chosen(ds: xr.Dataset, experiment: Experiment) -> dict[str, str]:
    """Return `engine` and `device` as they came out, where they were left to gnviz and are known."""
    came_out = {}
    if "engine" in ds.attrs:
        came_out["engine"] = str(ds.attrs["engine"])
    if "device" in ds.attrs:
        came_out["device"] = "cpu" if ds.attrs["device"] == "cpu" else "cuda"
    return {name: value for name, value in came_out.items() if getattr(experiment, name) == "auto"}
