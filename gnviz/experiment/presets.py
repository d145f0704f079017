"""Named experiments: the paper's figures and lessons to start from."""

from __future__ import annotations

from gnviz.experiment import Experiment
from gnviz.knobs import KnobError, unknown

PRESETS: dict[str, tuple[str, dict[str, object]]] = {
    "figure1": (
        "Three samples, two parameters: the paths of Gauss-Newton and gradient flow on a surface",
        {
            "surface.model": "neuron",
            "network.alpha": 1.0,
            "methods": ["gradient-flow", "gauss-newton"],
            "clock.horizon": 10.0,
            "clock.snapshots": 81,
            "clock.tol": 5e-3,
        },
    ),
    "figure2": ("Ill-conditioned kernel: gradient flow stalls, Gauss-Newton does not care", {}),
    "figure3": (
        "Fewer parameters than samples: Gauss-Newton's excess loss falls as exp(-2t) if alpha is large",
        {
            "data.kind": "ring",
            "data.n": 40,
            "data.target": "wave",
            "data.condition": None,
            "network.width": 6,
            "network.initialization": "centred",
            "methods": ["gradient-flow", "gauss-newton"],
            "ensemble.alphas": ["1", "10", "100", "1000"],
            "clock.horizon": 10.0,
            "clock.snapshots": 101,
            "clock.spacing": "linear",
            "clock.tol": 1e-3,
        },
    ),
    "well-conditioned": (
        "A kinder kernel: gradient flow is less far behind",
        {"data.kind": "line", "data.n": 4, "data.target": "wave", "network.width": 200},
    ),
    "enso": (
        "Real data: the Pacific's pressure swings (NIST ENSO)",
        {
            "data.kind": "enso",
            "network.width": 64,
            "network.depth": 3,
            "network.activation": "sin",
            "network.alpha": 30.0,
            "methods": ["gradient-flow", "constant(rho=0.01)", "constant(rho=0.001)"],
            "clock.horizon": 200.0,
            "clock.snapshots": 100,
            "clock.tol": 0.01,
        },
    ),
    "thurber": (
        "Real data: electron mobility in a semiconductor (NIST Thurber)",
        {
            "data.kind": "thurber",
            "network.width": 100,
            "network.alpha": 5.0,
            "clock.horizon": 1e4,
            "clock.snapshots": 120,
            "clock.tol": 0.01,
        },
    ),
    "teacher": (
        "A student learns from a random teacher in five dimensions",
        {"data.kind": "teacher", "data.n": 40, "data.d": 5, "network.width": 128, "network.depth": 2},
    ),
    "steps": (
        "Discrete time: gradient descent against Gauss-Newton steps",
        {"clock.kind": "steps", "clock.steps": 2000, "data.condition": 1e5},
    ),
}


def preset(name: str) -> Experiment:
    """Return a named experiment.

    Args:
        name: One of `PRESETS`, e.g. `"figure2"`.

    Raises:
        KnobError: There is none of that name; the message has the nearest ones.
    """
    if name not in PRESETS:
        raise KnobError(unknown("experiment", name, PRESETS))
    return Experiment().replace(PRESETS[name][1])
