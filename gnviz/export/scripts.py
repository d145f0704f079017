"""A run as a short Python script."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from gnviz.experiment import Experiment
from gnviz.export.origin import Origin, origin
from gnviz.export.spelling import TABLE, WIDTH, spell
from gnviz.export.words import title_of
from gnviz.results import version

if TYPE_CHECKING:
    import xarray as xr

RUN = """\
ds = gnviz.run(experiment)
for run, loss, status in zip(ds["run"].values, loss_now(ds), ds["status"].values):
    print(f"{run}: loss {loss:.3g} ({status})")
"""
"""Runs the experiment, and says how each run ended."""

SAVE = 'gnviz.save(ds, "run.nc")\n'


def script(run: Experiment | xr.Dataset) -> str:
    """Return a script that repeats a run, prints its last losses and saves it as `run.nc`.

    Run on the same machine with the same version of gnviz, it gives the same numbers to the last bit. The
    script of a Dataset names the engine and the device that it was made by; that of an experiment leaves them
    to gnviz, where the experiment does. A table that the experiment holds is in the script; a table that it
    reads from a file is not, and the script says so.

    Args:
        run: An experiment, or a Dataset of schema 1.

    Raises:
        KnobError: It cannot be repeated by a script: its model is the user's own, or it has a kind that only
            this process knows.
    """
    made = origin(run)
    lines = [f"{title_of(made.experiment)}.", "", *written(made)]
    head = "\n".join(fill(line, WIDTH, break_long_words=False) for line in lines)
    imports = f"import gnviz\n{define(made.experiment, 'from gnviz.analysis.ends import loss_now')}"
    return f"{_docstring(head)}\n\n{imports}\n{RUN}{SAVE}"


def define(experiment: Experiment, *imports: str) -> str:
    """Return the Python that imports an experiment's classes and assigns it to `experiment`.

    Args:
        experiment: What to write.
        imports: Lines that import more.
    """
    spelling = spell(experiment)
    table = f"{TABLE} = {quoted_table(spelling.table)}\n\n" if spelling.table else ""
    lines = "\n".join([*spelling.imports, *imports])
    return f"{lines}\n\n{table}experiment = {spelling.call}\n"


def written(made: Origin) -> list[str]:
    """Return sentences on who wrote this, and what it takes for the numbers to come out the same."""
    after = f" after a run by gnviz {made.version}" if made.version not in ("", version()) else ""
    lines = [f"Written by gnviz {version()}{after}; what is not named is as usual there."]
    if made.chosen:
        knobs = " and ".join(f"{name}={value}" for name, value in made.chosen.items())
        lines.append(f"gnviz chose {knobs} for this run; what others give agrees to its tolerance.")
    if path := table_file(made.experiment):
        lines.append(f"It reads {path} from where it is run: the numbers are the same if that file is.")
    return lines


def _docstring(text: str) -> str:
    """Return a text as a docstring, whatever is in it."""
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    plain = (c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in escaped)
    return f'"""{"".join(plain)}\n"""'


def table_file(experiment: Experiment) -> str:
    """Return the path of the file that an experiment reads its table from; empty if it reads none."""
    data = experiment.data.choice
    return "" if getattr(data, "table", "") or experiment.on_surface else getattr(data, "path", "")


def quoted_table(text: str) -> str:
    """Return the text of a table as Python that gives it back, a row a line."""
    plain = all(c.isprintable() or c == "\n" for c in text) and not set('\\"') & set(text)
    if plain:
        return f'"""\\\n{text}"""'
    return "(\n" + "".join(f"    {line!r}\n" for line in text.splitlines(keepends=True)) + ")"
