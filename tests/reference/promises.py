"""Random runs of the flow clock held against what `clock.tol` promises."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from reference.trusted import Equation, Followed, Seen, follow, make_curve

from gnviz import Experiment
from gnviz.dynamics.linearized.dynamics import linearize_dynamics
from gnviz.dynamics.simulate import assemble, simulate, time_grid
from gnviz.knobs import KnobError
from gnviz.problem.build import build
from gnviz.results import Status

KINDS = ("squared", "log-cosh", "pseudo-huber", "logistic", "weighted")

NOISE = 30 * float(np.finfo(float).eps)
"""Rounding of weights and outputs, relative to them: no accuracy is promised below it."""

TRUST = 0.2
"""A moment counts where the reference is this much better than what it judges."""

CLEAR = {True: 1e-12, False: 1e-24}
"""lambda_min / lambda_max under which an undamped direction is not defined to the digits that are asked for,
with at least as many parameters as samples (a kernel is formed) or fewer (a Jacobian)."""

Draw = np.random.Generator


def schedules(draw: Draw) -> tuple[str, Callable[[Seen], float]]:
    """Draw a method: its text, and its law written anew; `looks` says whether the law reads the spectrum."""
    a, b = float(f"{10 ** draw.uniform(-6, 0):.2g}"), float(f"{10 ** draw.uniform(-4, -1):.2g}")
    c = float(f"{10 ** draw.uniform(-2, 2):.2g}")
    laws: list[tuple[str, Callable[[Seen], float], bool]] = [
        ("gradient-flow", lambda s: 1.0, False),
        (f"constant(rho={a})", lambda s: a, False),
        (f"constant(rho={b})", lambda s: b, False),
        (f"adaptive(c={c})", lambda s: c * s.lambda_min / (1 + c * s.lambda_min), True),
        (f"exponential(start=1, floor={b}, rate={c})", lambda s: b + (1 - b) * math.exp(-c * s.time), False),
        (f"polynomial(start=1, floor={b}, power=2)", lambda s: b + (1 - b) * (1 + s.time) ** -2, False),
        (f"hybrid(by=loss, switch={c}, floor={b})", lambda s: b ** (c / (c + s.loss)), True),
        (
            f"hybrid(order=second-to-first, by=time, switch={c}, floor={b})",
            lambda s: b ** (1 - s.time / (s.time + c)),
            False,
        ),
        ("gauss-newton", lambda s: 0.0, True),
        ('formula(rho="0.5*exp(-t) + 0.001")', lambda s: 0.5 * math.exp(-s.time) + 0.001, False),
        (
            'formula(rho="lambda_min/(lambda_min + lambda_max)")',
            lambda s: max(s.lambda_min / (s.lambda_min + s.lambda_max), 1e-15),
            True,
        ),
        (
            'formula(rho="grad_norm/(1 + grad_norm)")',
            lambda s: max(s.grad_norm / (1 + s.grad_norm), 1e-15),
            True,
        ),
    ]
    text, law, looks = laws[draw.integers(len(laws))]
    law.looks = looks  # type: ignore[attr-defined]
    return text, law


@dataclass
class Case:
    """A drawn problem.

    Attributes:
        settings: Knobs, but for `clock.tol`.
        law: rho as a function of what is seen.
    """

    settings: dict[str, Any]
    law: Callable[[Seen], float]

    @property
    def undamped(self) -> bool:
        """Whether the smallest eigenvalue itself decides where weights go."""
        return any(word in self.settings["methods"][0] for word in ("gauss", "adaptive", "lambda_min"))


def drawn(seed: int, index: int) -> Case:
    """Draw problem `index`; losses take turns, and every other one starts far from its targets."""
    draw = np.random.default_rng((seed, index))
    kind, far = KINDS[index % len(KINDS)], index // len(KINDS) % 2 == 0
    few = draw.random() < 0.3
    width = int(draw.integers(1, 4) if few else draw.choice([4, 6, 8, 12, 16, 24]))
    start = "plain" if far else str(draw.choice(["paired", "centred", "plain"]))
    text, law = schedules(draw)
    settings = {
        "data.kind": str(draw.choice(["ring", "line", "circle", "teacher"])),
        "data.n": int(draw.integers(2, 13)),
        "data.seed": int(draw.integers(1000)),
        "data.condition": "none",
        "data.separation": float(f"{10 ** draw.uniform(-1.5, 0):.2g}"),
        "network.width": width + width % 2 if start == "paired" else width,
        "network.depth": int(draw.integers(1, 3 if few or width > 16 else 4)),
        "network.activation": str(draw.choice(["tanh", "erf", "sigmoid", "softplus", "gelu", "silu", "sin"])),
        "network.initialization": start,
        "network.alpha": float(f"{10 ** (draw.uniform(1, 3) if far else draw.uniform(-0.5, 1.5)):.3g}"),
        "network.seed": int(draw.integers(1000)),
        "loss.kind": kind,
        "loss.delta": float(f"{10 ** draw.uniform(-2, 2):.2g}"),
        "loss.condition": float(f"{10 ** draw.uniform(0, 6):.2g}"),
        "methods": [text],
        "clock.horizon": float(f"{10 ** draw.uniform(-0.3, 1.5):.3g}"),
        "clock.snapshots": 12,
        "clock.spacing": str(draw.choice(["log", "linear"])),
    }
    if settings["data.kind"] == "circle" and settings["data.n"] % 2:
        settings["data.n"] += 1
    return Case(settings, law)


def equation_of(case: Case) -> tuple[Equation, NDArray[np.float64], NDArray[np.float64]]:
    """Return the equation, w0 (p,) and the recorded moments (T,) of a case.

    Raises:
        KnobError: Its settings do not fit together.
    """
    experiment = Experiment().replace(case.settings)
    problem = build(experiment)
    system, w0 = assemble(experiment, problem)
    times = time_grid(experiment.clock, linearize_dynamics(system, w0, torch.zeros_like(system.alpha)))
    x, y, net, loss = system.x.numpy(), system.y.numpy(), experiment.network, experiment.loss
    curve = make_curve(loss.kind, y, loss.delta, loss.condition)
    shape = (x.shape[1], net.width, net.depth, net.activation)
    offset = system.offset[0].numpy()
    return Equation(shape, x, y, float(system.alpha), offset, curve, case.law), w0[0].numpy(), times


@dataclass
class Outcome:
    """How one run kept its promise.

    Attributes:
        kind, tol: Its loss and tolerance.
        ratio: Largest error over what is promised, at moments that can be judged.
        judged: How many moments these are.
        reached: Share of the moments that the run reached.
        said: What the run said that it could not do; empty: nothing.
        kernels: Linearizations it took; -1 where that is not known.
        settings: All its settings.
    """

    kind: str
    tol: float
    ratio: float
    judged: int
    reached: float
    said: str
    kernels: int
    settings: dict[str, Any]


UNABLE = (Status.STEP_LIMIT, Status.SINGULAR, Status.DIVERGED, Status.UNDEFINED)


def promised(equation: Equation, found: Followed, tol: float) -> NDArray[np.float64]:
    """Return what `clock.tol` promises at each moment, shape (T,).

    That is tol ||u - y||, and on top what rounding of weights and outputs does:
    30 eps (alpha ||J|| ||w|| + ||u|| + ||y||).
    """
    out = []
    for u, w in zip(found.u, found.w, strict=True):
        bent = np.linalg.norm(equation.network(w)[1], 2) if np.isfinite(w).all() else np.nan
        noise = equation.alpha * bent * np.linalg.norm(w) + np.linalg.norm(u) + np.linalg.norm(equation.y)
        out.append(tol * np.linalg.norm(u - equation.y) + NOISE * noise)
    return np.array(out)


def measure(case: Case, tols: list[float]) -> list[Outcome] | str:
    """Run a case at some tolerances; a text says why nothing can be judged."""
    try:
        equation, w0, times = equation_of(case)
    except KnobError:
        return "settings that do not fit together"
    found = follow(equation, w0, times)
    if case.undamped and not equation.spread > CLEAR[len(w0) >= len(equation.y)]:
        return "a spectrum that rounding blurs"
    out = [_outcome(case, equation, found, tol) for tol in tols]
    return [
        o for o in out if o.said or o.judged > len(times) // 2
    ] or "a reference that does not know its digits"


def _outcome(case: Case, equation: Equation, found: Followed, tol: float) -> Outcome:
    settings = case.settings | {"clock.tol": tol}
    moments = list(simulate(Experiment().replace(settings | {"device": "cpu"})))
    status, text = moments[-1].status[0], moments[-1].status_text[0]
    ends = next((i for i, m in enumerate(moments) if m.status[0] != Status.RUNNING), len(moments) - 1)
    moments = moments[: ends + (status not in UNABLE)]  # later ones are of an earlier time
    u = np.array([m.prediction[0] for m in moments]).reshape(-1, len(equation.y))
    limit, error = promised(equation, found, tol)[: len(u)], np.linalg.norm(u - found.u[: len(u)], axis=1)
    seen = found.error[: len(u)] < TRUST * limit
    ratio = float((error / limit)[seen].max(initial=0.0))
    said = text if status in UNABLE or "curvature" in text or "clock.tol" in text else ""
    kernels = int(moments[-1].evaluations[0]) if moments else -1
    return Outcome(
        settings["loss.kind"], tol, ratio, int(seen.sum()), len(u) / len(found.u), said, kernels, settings
    )
