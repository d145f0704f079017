"""What every schedule is: a name, a formula to show, its knobs, and rho as a function."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from gnviz.knobs import Group


class Observed(NamedTuple):
    """What a schedule may look at; arrays of shape (runs,), any array library.

    Attributes:
        time: Flow time or iteration number.
        loss: The loss g.
        lambda_min: Smallest eigenvalue of the kernel above its resolution.
        lambda_max: Largest eigenvalue of the kernel.
    """

    time: Any
    loss: Any
    lambda_min: Any
    lambda_max: Any


class Schedule(Group):
    """A regularization schedule rho_t in [0, 1].

    Subclasses set `label` (the public name), `formula` (plain text, shown to users),
    `needs_spectrum` (whether `at` reads the kernel's eigenvalues) and define `at`.
    """

    label: ClassVar[str]
    formula: ClassVar[str]
    meaning: ClassVar[str]
    needs_spectrum: ClassVar[bool] = False

    def at(self, seen: Observed) -> Any:
        """Return rho for each run: an array like `seen.time`, shape (runs,)."""
        raise NotImplementedError

    def __str__(self) -> str:
        values = ", ".join(
            f"{k}={v:g}" if float(f"{v:g}") == v else f"{k}={v!r}" for k, v in self.to_dict().items()
        )
        return f"{self.label}({values})" if values else self.label
