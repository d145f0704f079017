"""The paper's claims that the page makes: speed whatever the conditioning, and the law e^{-2t}."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from gnviz.analysis.ends import past
from gnviz.analysis.excess import law_ratio
from gnviz.analysis.time_to_loss import time_to_loss
from gnviz.dynamics.simulate import run
from gnviz.experiment.presets import preset
from gnviz.verify.check import Finding, between

CONDITIONS = (1e5, 1e7, 1e9)
LEVEL = 1e-10


def conditioning() -> Iterator[Finding]:
    """Adaptive damping needs a flow time that does not grow with kappa, gradient flow one that does."""
    adaptive, gradient = [], []
    for kappa in CONDITIONS:
        values = {"data.condition": kappa, "methods": ["gradient-flow", "adaptive(c=1)"], "device": "cpu"}
        ds = run(preset("figure2").replace(values))
        slow, quick = map(float, time_to_loss(ds, LEVEL))
        adaptive.append(quick)
        gradient.append(slow)
        yield between(f"kappa = {kappa:.0e}: adaptive damping reaches loss 1e-10 at t", 8, quick, 25)
    ratio = max(adaptive) / min(adaptive) if all(map(math.isfinite, adaptive)) else math.nan
    yield between("the longest of these over the shortest", 1, ratio, 2)
    growth = np.array(gradient[1:]) / gradient[:-1] / (np.array(CONDITIONS[1:]) / CONDITIONS[:-1])
    for (low, high), share in zip(pairwise(CONDITIONS), growth, strict=True):
        yield between(f"gradient flow's time over kappa, {low:.0e} to {high:.0e}", 0.5, share, 2)


def under_parameterized() -> Iterator[Finding]:
    """Fewer parameters than samples: the excess loss falls as e^{-2t} for large alpha."""
    values = {"ensemble.alphas": ["100", "1000"], "methods": ["gauss-newton"], "device": "cpu"}
    ds = run(preset("figure3").replace(values))
    for alpha, row, over in zip(ds["alpha"].values, law_ratio(ds), past(ds), strict=True):
        ratio = row[~over]
        worst = ratio[np.abs(np.log(ratio)).argmax()] if np.isfinite(ratio).all() else math.nan
        yield between(f"alpha = {alpha:g}: excess loss over e^(-2t), where it is farthest", 0.99, worst, 1.01)
