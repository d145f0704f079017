"""Damaged and hostile inputs, drawn from seeds: what a page, a file or a command line may be given.

`KINDS` maps each kind to a function that draws one case and lets gnviz have it. It returns whether the case
was `ACCEPTED` or `REFUSED` in words, or raises what gnviz raised.
"""

from __future__ import annotations

import functools
import io
import json
import math
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import numpy as np
from made import made_header, made_snapshots

from gnviz import Checkpoint, Experiment, KnobError, simulate
from gnviz.data.tables.files import decode_table
from gnviz.data.tables.read import offer, parse_table
from gnviz.data.tables.selection import Selection
from gnviz.knobs.formulas import FUNCTIONS
from gnviz.lab.server.address import read as read_address
from gnviz.methods import parse_method
from gnviz.methods.base import ScheduleInputs
from gnviz.methods.schedules.formula import NAMES
from gnviz.results import load, recalled, to_bytes
from gnviz.results.recording import Recording
from gnviz.results.seal import MARK
from gnviz.sweeps.cell import MEASURES, Cell

ACCEPTED, REFUSED = "accepted", "refused"

LONGEST = 1500
"""Characters of a message: a sentence, with the names that there are."""

Case = Callable[[random.Random, Path], str]


class VagueError(Exception):
    """A refusal that is no sentence, or does not say what of."""


def outcome(case: Case, seed: str, folder: Path) -> str:
    """Return how a case ended: `ACCEPTED` or `REFUSED`; anything else is raised."""
    try:
        return case(random.Random(seed), folder)
    except KnobError as error:
        return _refused(error)


def _refused(error: ValueError, about: str = "") -> str:
    """Return `REFUSED`, if what was raised is a sentence that names what it is about."""
    text = str(error)
    if not text or len(text) > LONGEST or "\n" in text or about not in text or "Traceback" in text:
        raise VagueError(repr(error)[:LONGEST]) from error
    return REFUSED


def _read_file(read: Callable[[Path], Any], path: Path) -> Any:
    """Return what is read of a file, None where it was refused with the one error that says so."""
    try:
        return read(path)
    except ValueError as error:
        if type(error) is not ValueError:
            raise
        _refused(error, str(path))
        return None


EDGES = [
    "", "0", "-0", "-1", "1e308", "1e309", "-1e999", "nan", "inf", "1e-320", "9" * 5000, "1" + "0" * 400,
    "0x10", "1_000", "١٢", "true", "none", "auto", "[", "[1,2]", '["a"]', "[" * 3000, "{}", "a" * 3000, "\0",
    "\ud800", "é", "🦆", "%", "%zz", "../../etc/passwd", "<script>", "'; --", "adaptive", "adaptive(c=1)",
    "constant(rho=", "formula(" + "(" * 60 + "t", "9**9**9**9", "()" * 900, ",,,", ";;;", "=", "csv",
    "circle", " ",
]  # fmt: skip
"""Texts that break readers."""


def _text(rng: random.Random) -> str:
    """Return a text of any kind."""
    if rng.random() < 0.7:
        return rng.choice(EDGES)
    letters = "abcxyz0189.,;:()[]{}=&%+-*/^ <>\"'\\\n\t\0é🦆\ud800"
    return "".join(rng.choice(letters) for _ in range(rng.randrange(60)))


def _knob(rng: random.Random) -> str:
    return rng.choice(
        [*Experiment.knobs(), *Experiment.knobs(), "page", "lesson", "step", "data", "", "data.", "name"]
    )


def _flipped(rng: random.Random, data: bytes, in_place: bool = False) -> bytes:
    """Return bytes with some of them changed; not in place, also left out, put in or cut off."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        where = rng.randrange(len(out) or 1)
        match rng.randrange(3 if in_place else 5):
            case 0 | 1:
                out[where : where + 1] = bytes([rng.randrange(256)])
            case 2:
                out[where : where + 8] = rng.choice((b"\xff" * 8, b"\0" * 8, b"\x7f" + b"\xff" * 7))
            case 3:
                del out[where : where + rng.randrange(1, 64)]
            case 4:
                out[where:where] = bytes(out[where : where + 16])
    return bytes(out[: rng.randrange(len(out))] if not in_place and rng.random() < 0.15 and out else out)


def url(rng: random.Random, folder: Path) -> str:
    """A query of the page's address."""
    escaped = rng.random() < 0.8
    parts = []
    for _ in range(rng.randrange(6)):
        value = _text(rng)
        if escaped:
            value = quote_plus(value, errors="surrogatepass")
        parts.append(_knob(rng) + rng.choice(("=", "=", "=", "", "==")) + value)
    joined = rng.choice(("?", "", "??")) + rng.choice(("&", "&", ";", "&&")).join(parts)
    if rng.random() < 0.2:
        joined = _flipped(rng, joined.encode("utf-8", "surrogatepass")).decode("latin-1")
    refusal = read_address(joined).refusal
    if len(refusal) > LONGEST:
        raise VagueError(refusal)
    return REFUSED if refusal else ACCEPTED


def _itself() -> dict:
    values: dict = {"data": {}}
    values["data"]["data"] = values
    return values


def _deep(depth: int) -> dict:
    values: dict = {}
    for _ in range(depth):
        values = {"data": values}
    return values


def _looped() -> list:
    values: list = []
    values.append(values)
    return values


WILD: list[Callable[[], object]] = [
    _itself, _looped, lambda: _deep(5000), lambda: _deep(90), lambda: 10**5000, lambda: -(10**400),
    lambda: math.nan, lambda: math.inf, lambda: None, lambda: True, lambda: [], lambda: {}, lambda: [[]],
    lambda: [None], lambda: [1e400], lambda: np.array([]), lambda: np.zeros((2, 2)), lambda: np.array("a"),
    lambda: np.float32(1), lambda: np.int64(-1), lambda: np.array([10**400], dtype=object), lambda: b"bytes",
    lambda: object(), lambda: complex(1, 1), lambda: 1 << 70, lambda: {1: 2}, lambda: {"": {"": 1}},
    lambda: [10**5000], lambda: {"n": 10**5000}, lambda: range(3), lambda: "", lambda: [np.array([])],
    lambda: set(), lambda: float, lambda: iter([1]), lambda: "a" * 3_000_000,
]  # fmt: skip
"""Python's values that no setting has."""


def _value(rng: random.Random) -> object:
    return rng.choice(WILD)() if rng.random() < 0.5 else _text(rng)


def json_text(rng: random.Random, folder: Path) -> str:
    """An experiment as JSON."""
    values = Experiment().to_dict()
    for _ in range(rng.randrange(4)):
        part = rng.choice(list(values))
        value = rng.choice([_text(rng), 1e400, -1, [], {}, None, True, ["a"], [1, "b"], {"n": {"n": 1}}])
        if isinstance(values[part], dict) and rng.random() < 0.8:
            values[part][rng.choice([*values[part], "x"])] = value
        else:
            values[part] = value
    text = json.dumps(values)
    match rng.randrange(6):
        case 0:
            text = _flipped(rng, text.encode()).decode("utf-8", "replace")
        case 1:
            text = text.replace(
                "10", rng.choice(("9" * 5000, "1e999", "-NaN", "NaN", "Infinity", "[" * 4000))
            )
        case 2:
            text = rng.choice(
                ("", "[", "1", '"a"', "null", '{"data":' * 3000, "[" * 100_000, "9" * 5000, "\ufeff{}")
            )
    experiment = Experiment.from_json(text)
    Experiment.from_json(experiment.to_json())
    return ACCEPTED


def python_values(rng: random.Random, folder: Path) -> str:
    """An experiment as Python's values, nested or by dotted names."""
    values: dict = {}
    for _ in range(rng.randrange(1, 4)):
        name = _knob(rng)
        group, dot, leaf = name.partition(".")
        if dot and rng.random() < 0.5 and isinstance(values.setdefault(group, {}), dict):
            values[group][leaf] = _value(rng)
        else:
            values[name] = _value(rng)
    if rng.random() < 0.05:
        values[rng.choice([1, None, (), "data"])] = _value(rng)  # type: ignore[index]
    experiment = Experiment.from_dict(values)
    Experiment.from_json(experiment.to_json())
    return ACCEPTED


def _formula(rng: random.Random, names: list[str], depth: int = 6) -> str:
    number = rng.choice(("0", "1", "1e39", "1e308", "1e309", "9" * 30, "1e-45", ".5", "9**9**9", "1e"))
    if depth == 0 or rng.random() < 0.25:
        return rng.choice([number, *names, "pi", rng.choice(names)])
    match rng.randrange(6):
        case 0:
            function = rng.choice(sorted(FUNCTIONS))
            count = rng.randrange(FUNCTIONS[function].least, FUNCTIONS[function].least + 2)
            parts = [_formula(rng, names, max(depth - 2, 0)) for _ in range(count)]
            return f"{function}({','.join(parts)})"
        case 1:
            return rng.choice("-+") * rng.randrange(1, 70) + _formula(rng, names, depth - 1)
        case 2:
            return "(" * rng.randrange(1, 90) + _formula(rng, names, depth - 1) + ")" * rng.randrange(1, 90)
        case _:
            sign = rng.choice(("+", "-", "*", "/", "**", "^", "<", "==", "%", "//", "!", " "))
            return _formula(rng, names, depth - 1) + sign + _formula(rng, names, depth - 1)


def formula(rng: random.Random, folder: Path) -> str:
    """A schedule's or a surface's formula, evaluated in both precisions."""
    import torch

    surface = rng.random() < 0.3
    names = ["w1", "w2", "x"] if surface else list(NAMES)
    text = (
        _formula(rng, names)
        if rng.random() < 0.85
        else rng.choice((*EDGES, "1" * 200, "(" * 199, "-" * 199 + "1"))
    )
    if surface:
        if rng.random() < 0.2:
            text = ";".join([text, *(_formula(rng, names, 1) for _ in range(2))])
        made = Experiment.from_dict({"surface": {"model": "formula", "formula": text}, "clock.snapshots": 3})
        made = made.replace(
            {"methods": "gradient-flow", "observe.optimum": False, "dtype": rng.choice(DTYPES)}
        )
        next(simulate(made.replace({"clock.horizon": 1e-3})))
        return ACCEPTED
    method = (
        parse_method(f'formula("{text}")') if rng.random() < 0.5 else Experiment(methods=[f"formula({text})"])
    )
    method = method.parsed_methods[0] if isinstance(method, Experiment) else method
    like = torch.tensor([0.5, 2.0], dtype=getattr(torch, rng.choice(DTYPES)))
    method.rho_at(ScheduleInputs(*[like] * len(ScheduleInputs._fields)))
    return ACCEPTED


DTYPES = ("float32", "float64")


def table(rng: random.Random, folder: Path) -> str:
    """An uploaded table."""
    delimiter, width, odd = rng.choice(",;\t| "), rng.randrange(1, 5), rng.choice((0.0, 0.02, 0.3))
    cells = (
        "1",
        "-2.5",
        "1,5",
        "1.234,5",
        "1e400",
        "nan",
        "",
        "NA",
        "text",
        '"',
        '""',
        '"a\nb"',
        "1e-400",
        "#",
        "é",
        "inf",
    )
    names = ("x", "y", "y", "1", "", "a b") if odd else ("a", "b", "c", "d")
    rows = [delimiter.join(rng.sample(names, width))]
    for _ in range(rng.randrange(2, 14)):
        short = width if rng.random() >= odd else rng.randrange(6)
        row = [rng.choice(cells) if rng.random() < odd else f"{rng.uniform(-9, 9):.3g}" for _ in range(short)]
        rows.append(delimiter.join(row))
    raw = (
        rng.choice(("\n", "\r\n", "\r"))
        .join(rows)
        .encode(rng.choice(("utf-8", "utf-16", "cp1252", "utf-8-sig")), "replace")
    )
    match rng.randrange(9):
        case 0:
            raw = _flipped(rng, raw)
        case 1:
            raw = rng.randbytes(rng.randrange(200))
        case 2:
            raw = rng.choice(
                (
                    b"",
                    b"\0",
                    b"a" * 5000,
                    b'"' * 999,
                    b"1,2\n" * 3000,
                    b"1," * 20000,
                    b"PK\3\4",
                    b"\xff\xfe\x00",
                )
            )
    text = decode_table(raw)
    found = offer(text)
    chosen = rng.sample(found.names, rng.randrange(len(found.names)))
    picked = Selection(x=chosen, missing=rng.choice(("refuse", "drop")), rows=rng.choice((None, None, 2)))
    parse_table(text, picked)
    return ACCEPTED


@functools.cache
def _dataset() -> bytes:
    """Return a small result's file."""
    header = made_header(n=4, moments=9, grid=10)
    return bytes(to_bytes(Recording.of(made_snapshots(header)).dataset()))


def netcdf(rng: random.Random, folder: Path) -> str:
    """A damaged result."""
    path = folder / "damaged.nc"
    whole = _dataset() if rng.random() < 0.8 else _dataset().partition(MARK)[0]  # as others write them
    path.write_bytes(_flipped(rng, whole, in_place=rng.random() < 0.8))
    if (found := _read_file(load, path)) is None:
        return REFUSED
    recalled(found)
    return ACCEPTED


SMALL = {
    "network.width": 10, "data.condition": 1e4, "data.n": 6, "clock.snapshots": 5, "clock.steps": 6,
    "clock.horizon": 2.0, "clock.tol": 1e-2, "network.alpha": 1.0, "observe.optimum": False,
    "engine": "torch",
}  # fmt: skip
TRAINED = (
    {"methods": ["adaptive(c=1)", "gauss-newton"]},
    {"methods": ["momentum", "constant(rho=0.1)"], "clock.kind": "steps"},
    {"methods": ["adam", "trust-region"], "clock.kind": "steps", "clock.step_rule": "fixed"},
)


@functools.cache
def _checkpoint(number: int) -> bytes:
    """Return the file of a checkpoint of one of `TRAINED`, two moments in, recorded or not."""
    stream = simulate(Experiment().replace(SMALL | TRAINED[number // 2]))
    seen = [next(stream) for _ in range(2)]
    return stream.checkpoint(seen if number % 2 else ()).to_bytes()


def _rewritten(rng: random.Random, data: bytes) -> bytes:
    """Return an NPZ file whose arrays are other than they should be, but each of them whole."""
    with np.load(io.BytesIO(data)) as file:
        arrays = {name: file[name] for name in file.files}
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        name = rng.choice(list(arrays))
        old = arrays[name]
        match rng.randrange(9):
            case 0:
                del arrays[name]
                if not arrays:
                    break
            case 1:
                arrays[name] = old.ravel()
            case 2:
                arrays[name] = old[..., :-1] if old.ndim else np.array([old])
            case 3:
                arrays[name] = np.empty(rng.choice(((), (0,), (0, 3), (2, 2, 2))))
            case 4:
                arrays[name] = (
                    old.astype(str)
                    if rng.random() < 0.5
                    else np.array(old, "<M8[s]" if old.dtype.kind in "iu" else "S9")
                )
            case 5:
                wild = (np.nan, np.inf, -1.0, 1e300) if old.dtype.kind == "f" else (-1, 0, 2**31, 2**62)
                if old.dtype.kind in "fiu":
                    arrays[name] = old.copy()
                    arrays[name].flat[: rng.randrange(1, 4)] = np.array(rng.choice(wild)).astype(old.dtype)
            case 6:
                arrays[name] = arrays[rng.choice(list(arrays))]
            case 7:
                arrays[name] = np.stack([old, old])
            case 8:
                arrays[rng.choice(("extra", "clock:9.kind", "clock:tangent.3.runs", "recorded:looks"))] = old
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def _bomb(rng: random.Random, member: str) -> bytes:
    """Return a small archive of a member that is, or says that it is, enormous."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(member, "w", force_zip64=True) as out,
    ):
        shape = rng.choice(("(100000000,)", "(1000000000000,)", "(4294967296, 4294967296)", "(-1,)", "(0,)"))
        text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
        out.write(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode())
        for _ in range(rng.choice((0, 1, 300))):
            out.write(b"\0" * 2**20)
    return file.getvalue()


def _damaged_archive(rng: random.Random, whole: bytes, member: str) -> bytes:
    match rng.randrange(20):
        case 0:
            return _bomb(rng, member)
        case 1 | 2 | 3 | 4 | 5:
            return _flipped(rng, whole)
        case _:
            return _rewritten(rng, whole)


def checkpoint(rng: random.Random, folder: Path) -> str:
    """A damaged checkpoint, gone on with."""
    whole = _checkpoint(rng.randrange(2 * len(TRAINED)))
    path = folder / "damaged.npz"
    path.write_bytes(_damaged_archive(rng, whole, rng.choice(("clock:w.npy", "checkpoint.npy"))))
    if (kept := _read_file(Checkpoint.load, path)) is None:
        return REFUSED
    for _ in simulate(Experiment.from_json(kept.experiment), resume=kept):
        pass
    return ACCEPTED


def _cell() -> bytes:
    numbers = {name: np.ones(2) for name in MEASURES}
    return bytes(
        Cell(("finished",) * 2, ("",) * 2, numbers, np.ones((2, 3)), np.ones((2, 3)), "torch").to_bytes()
    )


def cell(rng: random.Random, folder: Path) -> str:
    """A damaged cell of a sweep."""
    try:
        found = Cell.from_bytes(_damaged_archive(rng, _cell(), "time.npy"))
    except ValueError as error:
        if type(error) is not ValueError:
            raise
        return _refused(error)
    runs = len(found.status)
    if not all(np.shape(values) == (runs,) for values in found.numbers.values()):
        raise VagueError("a cell of other shapes was taken for whole")
    return ACCEPTED


KINDS: dict[str, tuple[Case, int]] = {
    "URL": (url, 1500),
    "JSON experiment": (json_text, 1000),
    "Python experiment": (python_values, 1000),
    "formula": (formula, 1000),
    "table": (table, 1000),
    "NetCDF file": (netcdf, 600),
    "checkpoint": (checkpoint, 600),
    "cell of a sweep": (cell, 400),
}
"""Each kind's cases, and how many are drawn in bulk."""
