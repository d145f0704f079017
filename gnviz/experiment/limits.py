"""What a run may take of this machine: for who serves the page to others.

Each limit is an environment variable, or a line of the TOML file that `GNVIZ_LIMITS` names (`width = 500`);
the variable wins. Workers inherit them.

| variable | in the file | what is limited | usual |
|---|---|---|---|
| GNVIZ_MAX_WIDTH | width | network.width | none |
| GNVIZ_MAX_SAMPLES | samples | samples n | none |
| GNVIZ_MAX_RUNS | runs | runs of an experiment: methods, alphas and seeds | none |
| GNVIZ_MAX_GIB | gib | estimated memory of an experiment, in GiB | 8 |
| GNVIZ_MAX_SECONDS | seconds | time from an experiment's start to its end, pauses too, in a worker | none |
| GNVIZ_MAX_WORKERS | workers | experiments that a server of the page runs at a time | 4, or one a core |

A session runs two experiments at a time, its own and the one that it is compared with; a server holds at most
`workers` times `gib` in its workers.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import param

from gnviz.experiment.work import parameters_of
from gnviz.knobs import KnobError, parse, unknown

if TYPE_CHECKING:
    from gnviz.experiment.experiment import Experiment

FILE, PREFIX = "GNVIZ_LIMITS", "GNVIZ_MAX_"


@dataclass(frozen=True)
class Limits:
    """The limits; see the table of `gnviz.experiment.limits`. None: there is none."""

    width: int | None = None
    samples: int | None = None
    runs: int | None = None
    gib: float = 8.0
    seconds: float | None = None
    workers: int | None = None

    def check(self, experiment: Experiment, samples: int = 0, runs: int = 0, *, own: bool = False) -> None:
        """Refuse an experiment that has more than is allowed.

        Args:
            experiment: What is to be run.
            samples: n, where it is known.
            runs: How many there are; 0: the experiment's.
            own: Whether the model is not the experiment's network.

        Raises:
            KnobError: It has; the message names the limit, the remedy is the most that is allowed.
        """
        if not own:
            self._refuse("width", "network.width", experiment.network.width)
        runs = runs or len(experiment.runs)
        self._refuse("samples", "data.n" if hasattr(experiment.data.choice, "n") else "data.rows", samples)
        if self.runs is not None and runs > self.runs:
            raise KnobError(
                f"{runs} runs are more than is allowed here: {self.runs} ({PREFIX}RUNS); lower "
                "ensemble.seeds, or shorten ensemble.alphas or methods"
            )

    def check_memory(self, needed: float, sizes: str, remedy: str) -> None:
        """Refuse what would hold more bytes than is allowed.

        Args:
            needed: Bytes.
            sizes: Of what it is made.
            remedy: What to lower.

        Raises:
            KnobError: It would; the message gives the estimate and names the limit.
        """
        if needed > self.gib * 2**30:
            shown = f"{needed / 2**30:.{0 if needed > self.gib * 2**31 else 1}f}"
            raise KnobError(
                f"this experiment needs about {shown} GiB ({sizes}); allowed are {self.gib:g} GiB "
                f"({PREFIX}GIB): lower {remedy}"
            )

    def _refuse(self, name: str, knob: str, value: int) -> None:
        most = getattr(self, name)
        if most is not None and value > most:
            raise KnobError(
                f"{knob} = {value} is more than is allowed here: {most} ({PREFIX}{name.upper()})",
                {knob: most},
            )


WHOLE = {"width", "samples", "runs", "workers"}


def limits(environment: Mapping[str, str] = os.environ) -> Limits:
    """Return the limits of this process.

    Raises:
        KnobError: One is no number above 0, or the file cannot be used.
    """
    names = [field.name for field in fields(Limits)]
    found: dict[str, Any] = {}
    if path := environment.get(FILE):
        for name, value in _file(Path(path)).items():
            if name not in names:
                raise KnobError(f"{FILE} = {path!r}: {unknown('limit', name, names)}")
            found[name] = _read(f"{path}: {name}", name, value)
    for name in names:
        variable = PREFIX + name.upper()
        if text := environment.get(variable, "").strip():
            found[name] = _read(variable, name, text)
    return Limits(**found)


def _file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise KnobError(f"{FILE} = {str(path)!r} cannot be used: {error}") from None


def _read(spelling: str, name: str, value: Any) -> float | int:
    kind = param.Integer(1, bounds=(1, None)) if name in WHOLE else param.Number(1.0, bounds=(1e-3, None))
    return parse(spelling, kind, value)


def needed_bytes(experiment: Experiment, samples: int, inputs: int, grid: int = 0) -> float:
    """Return about how many bytes an experiment's network takes to be trained.

    Args:
        experiment: What is to be run.
        samples: n.
        inputs: Numbers in x.
        grid: Points at which a fitted curve is drawn.
    """
    net, runs, n = experiment.network, len(experiment.runs), samples
    parameters = parameters_of(net, inputs)
    numbers = runs * (30 * parameters + 6 * n * net.width * net.depth + 6 * n * n)
    kept = parameters if experiment.observe.weights == "all" else 0
    numbers += runs * experiment.clock.snapshots * (4 * n + grid + kept)
    if any(m.forms_jacobian(shared_units=True) for m in experiment.parsed_methods):
        numbers += 4 * runs * n * parameters  # the Jacobian, weighted and decomposed
    return numbers * (8 if experiment.dtype == "float64" else 4)
