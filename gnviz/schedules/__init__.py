"""Regularization schedules rho_t: how much of first order, how much of Gauss-Newton.

`rho = 1` is gradient flow (or descent), `rho -> 0` pure Gauss-Newton. One class per file;
to add one, write its file and name it in `SCHEDULES`.
"""

from __future__ import annotations

import re

from gnviz.knobs import KnobError, parse, unknown
from gnviz.schedules.adaptive import Adaptive
from gnviz.schedules.base import Observed, Schedule
from gnviz.schedules.constant import Constant
from gnviz.schedules.gauss_newton import GaussNewton
from gnviz.schedules.gradient_flow import GradientFlow

SCHEDULES: dict[str, type[Schedule]] = {
    cls.label: cls for cls in (GradientFlow, Constant, Adaptive, GaussNewton)
}

__all__ = ["SCHEDULES", "Observed", "Schedule", "parse_method"]

_CALL = re.compile(r"^\s*([A-Za-z][\w-]*)\s*(?:\((.*)\))?\s*$", re.DOTALL)


def parse_method(text: str) -> Schedule:
    """Read a method such as `"constant(rho=0.01)"` or `"gradient-flow"`.

    Args:
        text: A schedule's name, with its parameters in brackets where it has any.

    Returns:
        The schedule; `str()` of it gives the canonical text back.

    Raises:
        KnobError: The name or a parameter is unknown, or a value is out of range.
    """
    match = _CALL.match(text)
    name = match.group(1).replace("_", "-") if match else text
    if match is None or name not in SCHEDULES:
        raise KnobError(unknown("method", name, SCHEDULES))
    schedule, values = SCHEDULES[name], {}
    knobs = schedule.knobs()
    for part in filter(None, (p.strip() for p in (match.group(2) or "").split(","))):
        key, equals, value = (s.strip() for s in part.partition("="))
        if not equals and len(knobs) == 1:  # constant(0.01)
            (key,), value = knobs, part
        if key not in knobs:
            raise KnobError(
                unknown(f"parameter of {name}", key, knobs)
                if knobs
                else f"{name} takes no parameters, got {part!r}"
            )
        if key in values:
            raise KnobError(f"{name}({key}) is given twice")
        values[key] = parse(f"{name}({key})", knobs[key], value)
    return schedule(**values)
