"""Methods: the ways to train that an experiment compares, one a file.

Most are regularization schedules rho_t: how much of first order, how much of Gauss-Newton. `rho = 1` is
gradient flow (or descent), `rho -> 0` pure Gauss-Newton. The others (momentum, Adam, trust region) exist in
discrete time only. To add one, write its file: a subclass of `Method` or of `Schedule` with a label.
"""

from __future__ import annotations

from functools import lru_cache

from gnviz.knobs import KnobError
from gnviz.knobs.kinds import read_kind
from gnviz.knobs.registry import REGISTRIES, Registry, kinds_in, register
from gnviz.knobs.texts import format_value
from gnviz.methods.base import Method, Schedule, ScheduleInputs

METHODS: Registry[type[Method]] = Registry(
    Method, kinds_in(Method, __name__, f"{__name__}.schedules"), "method"
)
REGISTRIES.append(METHODS)

__all__ = [
    "METHODS",
    "Method",
    "Schedule",
    "ScheduleInputs",
    "display_name",
    "parse_method",
    "register",
    "short_label",
]


def parse_method(text: str) -> Method:
    """Read a method such as `"constant(rho=0.01)"` or `"gradient-flow"`.

    Args:
        text: A method's name, with its parameters in brackets where it has any.

    Returns:
        The method; `str()` of it gives the canonical text back.

    Raises:
        KnobError: The name or a parameter is unknown, or a value is not allowed.
    """
    return read_kind(METHODS, text)


@lru_cache(1024)  # pages ask for the same few labels several times a second
def short_label(text: str) -> str:
    """Return a method's text without the settings that are the usual ones, if it has more than one.

    Args:
        text: A method, or a run's label, which may go on with `, alpha=1` and the like.

    Example:
        >>> short_label("momentum(beta=0.5, nesterov=false), seed 3")
        'momentum(beta=0.5), seed 3'
    """
    called, tail = _split(text)
    try:
        method = parse_method(called)
    except KnobError:
        return text
    knobs = method.knobs()
    if len(knobs) < 2:
        return text
    values = {k: getattr(method, k) for k in knobs}
    kept = ", ".join(f"{k}={format_value(p, values[k])}" for k, p in knobs.items() if values[k] != p.default)
    return method.label + (f"({kept})" if kept else "") + tail


@lru_cache(1024)
def display_name(text: str, clock: str = "flow") -> str:
    """Return a method's text, or a run's label, as people write it, without brackets and in symbols.

    Args:
        text: A method, or a run's label; of a method that is not known here, its text.
        clock: The experiment's `clock.kind`.

    Example:
        >>> display_name("constant(rho=0.01), alpha=5")
        'constant ρ=0.01 α=5'
        >>> display_name("gradient-flow", "steps")
        'gradient descent'
    """
    called, tail = _split(short_label(text))
    label, _, values = called.removesuffix(")").partition("(")
    name = _spoken(label, clock)
    words = f"{name} {values.replace('rho=', 'ρ=')}" if values else name
    return words + tail.replace(", alpha=", " α=")


def _spoken(label: str, clock: str) -> str:
    method = METHODS.get(label)
    if method is None:
        return label
    return (clock == "steps" and method.spoken_in_steps) or method.spoken or label


def _split(label: str) -> tuple[str, str]:
    """Return the method of a run's label, and what follows it."""
    ends = [at for mark in (", alpha=", ", seed ", " · ") if (at := label.find(mark)) >= 0]
    end = min(ends, default=len(label))
    return label[:end], label[end:]
