import pytest
import xarray as xr
from export.runs import EXPERIMENTS

from gnviz import run


@pytest.fixture(scope="session")
def made() -> dict[str, xr.Dataset]:
    """The runs of `EXPERIMENTS`."""
    return {name: run(experiment) for name, experiment in EXPERIMENTS.items()}
