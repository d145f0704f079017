"""What is opened: results, checkpoints and cells of sweeps, damaged."""

from __future__ import annotations

import functools
import io
import random
import zipfile
from pathlib import Path

import numpy as np
from made import made_header, made_snapshots

from gnviz import Checkpoint, Experiment, simulate
from gnviz.results import load, recalled, to_bytes
from gnviz.results.recording import Recording
from gnviz.results.seal import MARK
from gnviz.sweeps.cell import MEASURES, Cell
from hostile.outcomes import ACCEPTED, REFUSED, VagueError, flipped, read_file, refused


@functools.cache
def whole_dataset() -> bytes:
    """Return a small result's file."""
    header = made_header(n=4, moments=9, grid=10)
    return bytes(to_bytes(Recording.of(made_snapshots(header)).dataset()))


def netcdf(rng: random.Random, folder: Path) -> str:
    """A damaged result."""
    path = folder / "damaged.nc"
    whole = (
        whole_dataset() if rng.random() < 0.8 else whole_dataset().partition(MARK)[0]
    )  # as others write them
    path.write_bytes(flipped(rng, whole, in_place=rng.random() < 0.8))
    if (found := read_file(load, path)) is None:
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
def whole_checkpoint(number: int) -> bytes:
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
            return flipped(rng, whole)
        case _:
            return _rewritten(rng, whole)


def checkpoint(rng: random.Random, folder: Path) -> str:
    """A damaged checkpoint, gone on with."""
    whole = whole_checkpoint(rng.randrange(2 * len(TRAINED)))
    path = folder / "damaged.npz"
    path.write_bytes(_damaged_archive(rng, whole, rng.choice(("clock:w.npy", "checkpoint.npy"))))
    if (kept := read_file(Checkpoint.load, path)) is None:
        return REFUSED
    for _ in simulate(Experiment.from_json(kept.experiment), resume=kept):
        pass
    return ACCEPTED


def whole_cell() -> bytes:
    numbers = {name: np.ones(2) for name in MEASURES}
    return bytes(
        Cell(("finished",) * 2, ("",) * 2, numbers, np.ones((2, 3)), np.ones((2, 3)), "torch").to_bytes()
    )


def cell(rng: random.Random, folder: Path) -> str:
    """A damaged cell of a sweep."""
    try:
        found = Cell.from_bytes(_damaged_archive(rng, whole_cell(), "time.npy"))
    except ValueError as error:
        if type(error) is not ValueError:
            raise
        return refused(error)
    runs = len(found.status)
    if not all(np.shape(values) == (runs,) for values in found.numbers.values()):
        raise VagueError("a cell of other shapes was taken for whole")
    return ACCEPTED
