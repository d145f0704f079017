"""What every method is: a name, a formula to show, its knobs; a schedule is one that says rho."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import param

from gnviz.knobs import Group


class ScheduleInputs(NamedTuple):
    """What a schedule may look at; arrays of shape (runs,), any array library.

    Attributes:
        time: Flow time or iteration number.
        loss: The loss g.
        lambda_min: Smallest eigenvalue of the kernel above its resolution.
        lambda_max: Largest eigenvalue of the kernel.
        grad_norm: ||J^T e||, which costs a backward pass.
    """

    time: Any
    loss: Any
    lambda_min: Any
    lambda_max: Any
    grad_norm: Any


class Method(Group):
    """A way to train: one entry of an experiment's `methods`.

    Subclasses set `label` (the public name), `formula` (plain text, shown to users), `meaning` (one
    sentence), `clocks` and `step_rules` (values of `clock.kind` and `clock.step_rule` that they work with).
    """

    label: ClassVar[str]
    formula: ClassVar[str]
    meaning: ClassVar[str]
    clocks: ClassVar[tuple[str, ...]] = ("flow", "steps")
    step_rules: ClassVar[tuple[str, ...]] = ("fixed", "stable", "line-search")

    @property
    def schedule(self) -> Schedule:
        """The schedule whose rho and rates are recorded for this method."""
        raise NotImplementedError

    @classmethod
    def spelling(cls, name: str) -> str:
        """Return a knob's name as messages have it, such as `constant(rho)`."""
        return f"{cls.label}({name})"

    def __str__(self) -> str:
        knobs = self.knobs()
        values = ", ".join(f"{k}={format_value(p, getattr(self, k))}" for k, p in knobs.items())
        return f"{self.label}({values})" if values else self.label


class Schedule(Method):
    """A regularization schedule rho_t in [0, 1].

    Subclasses also define `rho_at`. `needs_spectrum` says that the eigenvalues of the kernel are wanted,
    `needs_gradient` the norm of the gradient, `needs_loss` the loss: what is not wanted may be NaN. A
    `steady` one says the same rho at all times, an `undamped` one always 0. `least` is the smallest rho that
    `rho_at` may ask for: what is below it, or above 1, is clipped.
    """

    needs_spectrum: bool = False
    needs_gradient: bool = False
    needs_loss: bool = False
    steady: ClassVar[bool] = False
    undamped: ClassVar[bool] = False
    least: ClassVar[float] = 0.0

    def rho_at(self, seen: ScheduleInputs) -> Any:
        """Return rho for each run: an array like `seen.time`, shape (runs,)."""
        raise NotImplementedError

    def worst_rho(self, rho: Any, smallest: Any) -> Any:
        """Return the blend whose rate at `smallest` is the least there can be while lambda_min >= `smallest`.

        A rate grows with the eigenvalue, so for most schedules it is the one in use.

        Args:
            rho: The blend in use, shape (runs,).
            smallest: A lower bound of lambda_min, shape (runs,).
        """
        return rho

    @property
    def schedule(self) -> Schedule:
        """The schedule itself."""
        return self


def format_value(p: param.Parameter, value: Any) -> str:
    """Return a knob's value as a method's text has it: `0.1`, `true`, `loss`, `"exp(-t)"`."""
    if isinstance(p, param.Boolean):
        return str(value).lower()
    if isinstance(p, param.Number):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return value if isinstance(p, param.Selector) else f'"{value}"'
