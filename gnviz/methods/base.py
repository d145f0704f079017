"""What every method is: a name, a formula to show, its knobs; a schedule is one that says rho."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from gnviz.knobs.kinds import Kind


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


class Method(Kind):
    """A way to train: one entry of an experiment's `methods`.

    Subclasses set `label` (the public name), `formula` (plain text, shown to users), `meaning` (one
    sentence), `clocks` and `step_rules` (values of `clock.kind` and `clock.step_rule` that they work with).
    The `softbounds` of a knob, within its bounds, are those of its slider.

    On the steps clock a method may turn the schedule's direction into another one (`memory` and `turn`), or
    choose its steps itself (`own_steps`, a trust region's).

    Attributes:
        title: Its name in the page's list; without one that is its label.
        spoken: Its name in figures and sentences, before its settings; without one that is its label.
        spoken_in_steps: The same where it takes discrete steps; without one it is spoken of as elsewhere.
        color: Its curves' in all figures, #rrggbb: at least 3.2 : 1 against white and against #1e1e1e. One
            without has a colour that no other method in the figure has.
        memory: Names of what it remembers between steps, each an array like the weights, 0 at the start.
        own_steps: Whether the steps are a trust region's; the step rule does not act then.
    """

    title: ClassVar[str] = ""
    spoken: ClassVar[str] = ""
    spoken_in_steps: ClassVar[str] = ""
    color: ClassVar[str] = ""
    formula: ClassVar[str]
    clocks: ClassVar[tuple[str, ...]] = ("flow", "steps")
    step_rules: ClassVar[tuple[str, ...]] = ("fixed", "stable", "line-search")

    memory: ClassVar[tuple[str, ...]] = ()
    own_steps: ClassVar[bool] = False

    @property
    def schedule(self) -> Schedule:
        """The schedule whose rho and rates are recorded for this method."""
        raise NotImplementedError

    @staticmethod
    def turn(d: Any, memory: Mapping[str, Any], knobs: Mapping[str, Any], step: int) -> Any:
        """Return the direction of R runs of this class, shape (R, p), and update their memory in place.

        Args:
            d: The schedule's direction, J^T e for first order, shape (R, p).
            memory: Arrays (R, p) by the names in `memory`.
            knobs: Each run's value of every knob, columns (R, 1), by name; true counts as 1.
            step: Number of the step, from 1.

        Nothing here should ask for a number of an array: a device would have to be waited for.
        """
        return d

    def first_step(self, alpha: Any) -> Any:
        """Return eta where `clock.step_size` is none; None: 1 over the largest rate at the start.

        Args:
            alpha: The run's output scaling, a tensor of one number, which it is not asked for.
        """
        return None

    @property
    def stretch(self) -> float:
        """Largest stable step size in units of 2 / r_max; infinite where steps do not scale so."""
        return 1.0

    def forms_jacobian(self, shared_units: bool) -> bool:
        """Return whether J itself is wanted of a model whose weights share one unit, or do not."""
        return False


class Schedule(Method):
    """A regularization schedule rho_t in [0, 1].

    Subclasses also define `rho_at`. `needs_spectrum` says that the eigenvalues of the kernel are wanted,
    `needs_gradient` the norm of the gradient, `needs_loss` the loss: what is not wanted may be NaN. A
    `steady` one says the same rho at all times, a `first_order` one always 1, an `undamped` one always 0.
    `least` is the smallest rho that `rho_at` may ask for: what is below it, or above 1, is clipped.
    """

    needs_spectrum: bool = False
    needs_gradient: bool = False
    needs_loss: bool = False
    steady: ClassVar[bool] = False
    first_order: ClassVar[bool] = False
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
