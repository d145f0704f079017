"""Numbers read off a sweep, the Dataset of `gnviz.sweeps`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gnviz.analysis.time_to_loss import crossing

if TYPE_CHECKING:
    import xarray as xr


def time_to_loss(ds: xr.Dataset, level: float) -> xr.DataArray:
    """Return the time at which each run's loss first falls to `level`; NaN if it never does.

    Args:
        ds: A sweep, with `time` and `loss` over `moment`.
        level: The loss to reach, positive.

    Returns:
        An array over the swept knobs and `run`, the same as `gnviz.time_to_loss` gives of each experiment.
    """
    time, loss = (ds[name].values for name in ("time", "loss"))
    flat = zip(*(a.reshape(-1, a.shape[-1]) for a in (time, loss)), strict=True) if time.shape[-1] else ()
    reached = [crossing(t, g, level) for t, g in flat] or np.full(time[..., :1].shape[:-1], np.nan)
    unit = "step" if ds.attrs.get("clock") == "steps" else "flow time"
    words = {"long_name": f"{unit} until the loss is {level:g}", "scale": "log", "level": level}
    out = ds["final_loss"].copy(data=np.reshape(reached, time.shape[:-1]))
    out.attrs = words
    return out.rename("time_to_loss")
