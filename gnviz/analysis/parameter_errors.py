"""What a fit says of its parameters: values, standard errors, correlations.

To first order at the end of a run, the covariance of the parameters is s^2 (alpha^2 J^T G J)^{-1} (for
example Bates and Watts 1988). Where the targets' deviations sigma are given, s^2 = 1; else s^2 is estimated
from what is left: sum of squares over n - rank.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from gnviz.analysis.ends import loss_now, weights


def parameters(ds: xr.Dataset) -> xr.Dataset:
    """Return the parameters of each run with their errors.

    Args:
        ds: A result whose runs have ended, of fewer parameters than samples (at most 64) and squared loss.

    Returns:
        `value`, `standard_error` (run, parameter), `correlation` (run, parameter, other), in the parameters'
        own units; `rank`, `residual_deviation` s (run,). Errors are NaN for a parameter that the samples do
        not determine, and where as many are fitted as there are samples.

    Raises:
        ValueError: The result has no covariance: too many parameters, or another loss.
    """
    if "unscaled_covariance" not in ds:
        raise ValueError(
            "no covariance is recorded: that takes runs that have ended, fewer parameters than samples, at "
            "most 64 of them, and a squared loss"
        )
    inverse, rank = ds["unscaled_covariance"].values, ds["rank"].values
    with np.errstate(invalid="ignore", divide="ignore"):
        spare = ds.sizes["sample"] - rank
        left = np.sqrt(np.where(spare > 0, 2 * loss_now(ds) / spare, np.nan))
        scale = np.ones_like(left) if ds.attrs.get("sigma") == "given" else left
        deviation = np.sqrt(np.einsum("rpp->rp", inverse))
        correlation = inverse / (deviation[:, :, None] * deviation[:, None])
    return xr.Dataset(
        {
            "value": (("run", "parameter"), weights(ds)),
            "standard_error": (("run", "parameter"), scale[:, None] * deviation),
            "correlation": (("run", "parameter", "other"), correlation),
            "rank": ("run", rank),
            "residual_deviation": ("run", left),
        },
        {"run": ds["run"].values},
    )
