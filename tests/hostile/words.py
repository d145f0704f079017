"""What is typed, pasted or linked: addresses, settings, formulas and tables."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote_plus

import numpy as np

from gnviz import Experiment, simulate
from gnviz.data.tables.files import decode_table
from gnviz.data.tables.read import offer, parse_table
from gnviz.data.tables.selection import Selection
from gnviz.knobs.formulas import FUNCTIONS
from gnviz.lab.server.address import read as read_address
from gnviz.methods import parse_method
from gnviz.methods.base import ScheduleInputs
from gnviz.methods.schedules.formula import NAMES
from hostile.outcomes import ACCEPTED, LONGEST, REFUSED, VagueError, flipped

EDGES = [
    "", "0", "-0", "-1", "1e308", "1e309", "-1e999", "nan", "inf", "1e-320", "9" * 5000, "1" + "0" * 400,
    "0x10", "1_000", "١٢", "true", "none", "auto", "[", "[1,2]", '["a"]', "[" * 3000, "{}", "a" * 3000, "\0",
    "\ud800", "é", "🦆", "%", "%zz", "../../etc/passwd", "<script>", "'; --", "adaptive", "adaptive(c=1)",
    "constant(rho=", "formula(" + "(" * 60 + "t", "9**9**9**9", "()" * 900, ",,,", ";;;", "=", "csv",
    "circle", " ",
]  # fmt: skip
"""Texts that break readers."""


def any_text(rng: random.Random) -> str:
    """Return a text of any kind."""
    if rng.random() < 0.7:
        return rng.choice(EDGES)
    letters = "abcxyz0189.,;:()[]{}=&%+-*/^ <>\"'\\\n\t\0é🦆\ud800"
    return "".join(rng.choice(letters) for _ in range(rng.randrange(60)))


def any_knob(rng: random.Random) -> str:
    return rng.choice(
        [*Experiment.knobs(), *Experiment.knobs(), "page", "lesson", "step", "data", "", "data.", "name"]
    )


def url(rng: random.Random, folder: Path) -> str:
    """A query of the page's address."""
    escaped = rng.random() < 0.8
    parts = []
    for _ in range(rng.randrange(6)):
        value = any_text(rng)
        if escaped:
            value = quote_plus(value, errors="surrogatepass")
        parts.append(any_knob(rng) + rng.choice(("=", "=", "=", "", "==")) + value)
    joined = rng.choice(("?", "", "??")) + rng.choice(("&", "&", ";", "&&")).join(parts)
    if rng.random() < 0.2:
        joined = flipped(rng, joined.encode("utf-8", "surrogatepass")).decode("latin-1")
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
    return rng.choice(WILD)() if rng.random() < 0.5 else any_text(rng)


def json_text(rng: random.Random, folder: Path) -> str:
    """An experiment as JSON."""
    values = Experiment().to_dict()
    for _ in range(rng.randrange(4)):
        part = rng.choice(list(values))
        value = rng.choice([any_text(rng), 1e400, -1, [], {}, None, True, ["a"], [1, "b"], {"n": {"n": 1}}])
        if isinstance(values[part], dict) and rng.random() < 0.8:
            values[part][rng.choice([*values[part], "x"])] = value
        else:
            values[part] = value
    text = json.dumps(values)
    match rng.randrange(6):
        case 0:
            text = flipped(rng, text.encode()).decode("utf-8", "replace")
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
        name = any_knob(rng)
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
            raw = flipped(rng, raw)
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
