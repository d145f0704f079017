"""The two engines side by side: what may differ, and by how much."""

import re
from unittest.mock import patch

import numpy as np
import torch

import gnviz.dynamics.simulate as loop
from gnviz import Experiment, run
from gnviz.results import PER_MODE, PER_RUN, Status

STEPS = 1
"""Kernel evaluations by which engines may differ: a step whose error is 1 to rounding is taken or not."""

LEAVING = 0.2
"""Share of its steps by which engines may differ for a run that leaves the manifold: where a singular value
sinks into rounding, rounding decides how many small steps are tried before there is none."""

CLOSE = 1e-5
"""Of ||u - y||, by which predictions may differ where the steps are the same; `clock.tol` is 1e-3 or so."""

OTHER_STEP = 0.1
"""Of `clock.tol`, where they are not: what one step may leave (`flow.scheme.LOCAL`)."""

SURE = 1e9
"""kappa up to which CLOSE is asked for: rates, and what schedules see, are known to eps kappa of it."""

RESOLVED = 1e-16
"""Share of the first loss above which a residual is no rounding."""

STEPPED, SHAKEN = 1e-10, 1e4
"""Of ||u - y||, by which predictions may differ after 50 discrete steps; where steps amplify rounding, in
units of what a change of the weights by rounding makes."""

THROWN = 10.0
"""Times the first loss, above which steps are too long: each amplifies what rounding the one before had."""

NUMBER = re.compile(r"[-+]?\d[\d.]*(?:e[-+]?\d+)?")


def both(experiment):
    """Run an experiment on both engines."""
    a, b = (run(experiment.replace({"engine": engine})) for engine in ("torch", "compiled"))
    assert (a.attrs["engine"], b.attrs["engine"]) == ("torch", "compiled")
    return a, b


def words(ds):
    """Return the runs' sentences without their numbers, whose last digits may be rounding."""
    return [NUMBER.sub("#", str(text)) for text in ds.status_text.values]


def gaps(a, b):
    """Return each run's largest difference of the predictions, in units of what is left to fit."""
    k = min(a.sizes["time"], b.sizes["time"])
    u, v = a.prediction.values[:, :k], b.prediction.values[:, :k]
    left = np.linalg.norm(u - a.y.values, axis=-1)
    first = a.loss.values[:, :1]
    seen = a.loss.values[:, :k] > RESOLVED * np.maximum(first, 1e-300)
    off = np.linalg.norm(u - v, axis=-1) / np.where(seen, left, np.inf)
    return np.where(seen, off, 0.0).max(axis=1)


def assert_same_course(a, b, steps=STEPS):
    """Assert that two Datasets tell of the same steps, ends and predictions."""
    assert list(a.status.values) == list(b.status.values), (a.status_text.values, b.status_text.values)
    assert words(a) == words(b)
    more = abs(a.evaluations.values - b.evaluations.values)
    tol = Experiment.from_json(a.attrs["experiment"]).clock.tol
    assert more.max() <= steps
    with np.errstate(divide="ignore", invalid="ignore"):
        kappa = (a.eigenvalues[..., 0] / a.eigenvalues[..., -1]).max("time").values
    strict = (more == 0) & (kappa <= 2 * SURE)  # the kernel moves a little on the way
    assert (gaps(a, b) <= np.where(strict, CLOSE, OTHER_STEP * tol)).all(), (gaps(a, b), more, kappa)


def assert_same_way_out(a, b):
    """Assert the same course of one run with fewer parameters than samples; see `LEAVING`."""
    leaving = a.status.item() == Status.SINGULAR
    assert_same_course(a, b, steps=LEAVING * a.evaluations.item() if leaving else STEPS)


def shaken(experiment):
    """Run an experiment on torch from weights that differ by rounding."""

    exactly = loop.assemble

    def nearly(*args):
        system, w0 = exactly(*args)
        noise = np.random.default_rng(0).uniform(-2, 2, w0.shape) * np.finfo(float).eps
        return system, w0 * torch.from_numpy(1 + noise)

    with patch.object(loop, "assemble", nearly):
        return run(experiment.replace({"engine": "torch"}))


def assert_same_steps(a, b, again):
    """Assert that two Datasets tell of the same discrete steps, up to what rounding does to them.

    Args:
        a: By torch.
        b: By the compiled engine.
        again: By torch, `shaken`: runs that are told otherwise there are left out.
    """
    loss = a.loss.values
    sure = ~(loss > THROWN * loss[:, :1]).any(axis=1)  # of a run that was thrown far out, only its end is
    sure &= np.array([one == other for one, other in zip(_told(a), _told(again), strict=True)])
    assert [one for one, on in zip(_told(b), sure, strict=True) if on] == [
        one for one, on in zip(_told(a), sure, strict=True) if on
    ]
    shaky = a.status.values != again.status.values
    assert ((a.status.values == b.status.values) | shaky).all(), (a.status_text.values, b.status_text.values)
    off, own = gaps(a, b), gaps(a, again)
    assert (off <= np.maximum(STEPPED, SHAKEN * own))[sure].all(), (a.run.values, off, own)


def _told(ds):
    """Return what is told of each run: its status, its sentence without numbers, its steps."""
    return list(zip(ds.status.values, words(ds), ds.evaluations.values, strict=True))


def assert_same_numbers(a, b, rtol):
    """Assert that everything that is recorded agrees, in units of each quantity's largest value."""
    assert a.sizes == b.sizes
    for name in (*PER_RUN, *PER_MODE, "prediction", "curve", "end_time", "end_loss", "apriori_until"):
        x, y = a[name].values, b[name].values
        if name == "residual_modes":
            x, y = abs(x), abs(y)  # the sign of an eigenvector is the library's choice
        assert (np.isnan(x) == np.isnan(y)).all(), name
        known = ~np.isnan(x)
        if known.any():
            off, most = np.abs(x - y)[known].max(), np.abs(x[known]).max()
            assert off <= rtol * most, f"{name} is off by {off:.1e} of {most:.1e}"
