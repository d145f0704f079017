"""A sample of damaged and hostile inputs (in bulk: benchmarks/hostile_inputs.py), and the worst of them."""

import io
import json
import math
import zipfile

import h5py
import numpy as np
import pytest
from hostile import KINDS
from hostile.files import whole_checkpoint, whole_dataset
from hostile.outcomes import ACCEPTED, REFUSED, outcome

from gnviz import Checkpoint, Experiment, KnobError, load, simulate
from gnviz.knobs.formulas import read
from gnviz.results import archives, read_arrays, seal
from gnviz.sweeps.cell import Cell

SAMPLE = {"NetCDF file": 12, "checkpoint": 25}
"""Cases of kinds that take long; of the others there are 60."""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", KINDS)
def test_each_input_is_accepted_or_refused_in_a_sentence(kind, tmp_path):
    case = KINDS[kind][0]
    ended = {outcome(case, f"{kind}:sample:{i}", tmp_path) for i in range(SAMPLE.get(kind, 60))}
    assert ended <= {ACCEPTED, REFUSED}
    assert REFUSED in ended


def archive(compression: int, zeros: int, shape: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as made, made.open("clock:w.npy", "w") as out:
        text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
        out.write(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode() + bytes(zeros))
    return file.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "_array", lambda *_: pytest.fail("it was read"))
    path = tmp_path / "bomb.npz"
    path.write_bytes(archive(zipfile.ZIP_DEFLATED, 50_000_000, "(6250000,)"))
    assert path.stat().st_size < 100_000
    with pytest.raises(ValueError, match=r"bomb.npz is not a gnviz checkpoint .* compressed"):
        Checkpoint.load(path)
    with pytest.raises(ValueError, match="compressed"):
        Cell.from_bytes(path.read_bytes())


@pytest.mark.parametrize("shape", ["(1000000000000,)", "(4294967296, 4294967296)", "(-1,)", "(0,)"])
def test_a_shape_that_the_bytes_do_not_have_is_refused(shape):
    with pytest.raises(ValueError, match=r"other bytes than its shape|no array"):
        read_arrays(io.BytesIO(archive(zipfile.ZIP_STORED, 80, shape)))


def test_arrays_come_back_as_numpy_reads_them():
    rng, file = np.random.default_rng(0), io.BytesIO()
    given = {
        "a": rng.normal(size=(3, 4)),
        "b": np.asfortranarray(rng.normal(size=(2, 3, 4))),
        "c": np.array("é"),
        "d": np.empty((0, 5), np.float32),
        "e": np.array([[True], [False]]),
        "f": np.array(7),
    }
    np.savez(file, **given)
    found = read_arrays(file)
    with np.load(io.BytesIO(file.getvalue())) as slow:
        assert found.keys() == set(slow.files)
        for name, values in found.items():
            assert values.dtype == slow[name].dtype
            np.testing.assert_array_equal(values, slow[name])


def changed(path, **arrays):
    """Write a whole checkpoint, some arrays of which are others."""
    with np.load(io.BytesIO(whole_checkpoint(3))) as file:
        values = {name: file[name] for name in file.files} | arrays
    np.savez(path, **values)
    return path


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"time": np.array([0.0, np.nan])}, "not in order"),
        ({"index": np.array(99)}, "moment 99"),
        ({"experiment": np.array("{}x")}, "its experiment cannot be used: not a JSON experiment"),
        ({"status": np.array(["running", "asleep"])}, "how a run stands"),
        ({"recorded:loss": np.zeros(3)}, "no loss"),
        ({"clock:w": np.array("text")}, "clock:w is no array of the kind"),
    ],
)
def test_a_checkpoint_says_what_is_wrong_with_it(tmp_path, arrays, words):
    path = changed(tmp_path / "x.npz", **arrays)
    with pytest.raises(ValueError, match=words) as refused:
        Checkpoint.load(path)
    assert str(refused.value).startswith(str(path))


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (
            {"clock:evaluations": np.zeros(2)},
            "evaluations has dtype",
        ),
        ({"clock:0.kind": np.array(9)}, "of no kind"),
        ({"clock:0.runs": np.array([7])}, "other runs"),
        ({"clock:rest": np.array([50.0, 0.0])}, "rest for no known reason"),
        ({"recorded:eigenvalues": np.zeros((2, 2, 5))}, "recorded:eigenvalues has shape"),
        ({"observer:path_length": np.zeros(3)}, "path_length has shape"),
    ],
)
def test_a_checkpoint_of_other_shapes_is_refused_on_resuming(tmp_path, arrays, words):
    kept = Checkpoint.load(changed(tmp_path / "x.npz", **arrays))
    with pytest.raises(KnobError, match=f"the checkpoint is damaged: .*({words})"):
        next(simulate(Experiment.from_json(kept.experiment), resume=kept))


def test_any_changed_byte_of_a_result_is_noticed(tmp_path):
    whole, path = whole_dataset(), tmp_path / "x.nc"
    path.write_bytes(whole)
    load(path)
    rng = np.random.default_rng(0)
    for place in rng.integers(8, len(whole) - len(seal.MARK) - 40, 50):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="its content is not what was written"):
            load(path)


def test_a_file_without_a_checksum_is_read_apart_in_limited_time_and_memory(tmp_path, monkeypatch):
    path = tmp_path / "others.nc"
    path.write_bytes(whole_dataset().partition(seal.MARK)[0])
    assert load(path).sizes["time"] == 9
    monkeypatch.setattr(seal, "READ_ALL", "import time; time.sleep(600)")
    monkeypatch.setattr(seal, "SECONDS", 0.2)
    with pytest.raises(ValueError, match=r"others.nc .* cannot be read in 0.2 s: it is damaged"):
        load(path)
    monkeypatch.undo()
    monkeypatch.setattr(seal, "FREELY", 2**20)
    with h5py.File(path, "w") as file:
        file.create_dataset("loss", (10**6, 10**6), "f8", chunks=(1000, 1000), compression="gzip")
    with pytest.raises(ValueError, match="MB of numbers"):
        load(path)
    monkeypatch.setattr(seal, "READ_ALL", "import os; os.abort()")
    with pytest.raises(ValueError, match="ends the process"):
        load(path)


def test_values_that_hold_themselves_or_are_enormous_are_refused():
    itself: dict = {}
    itself["data"] = itself
    for values in (itself, {"data.n": 10**5000}, {"data.path": np.array([])}, {"methods": [[10**5000]]},
                   {"network": {"activation": np.zeros((2, 2))}}, {"dtype": 10**5000}):  # fmt: skip
        with pytest.raises(KnobError) as refused:
            Experiment.from_dict(values)
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ['{"data": {"n": ' + "9" * 5000 + "}}", '{"data":' * 90_000, "[" * 90_000])
def test_enormous_json_is_refused(text):
    with pytest.raises(KnobError, match="not a JSON experiment"):
        Experiment.from_json(text)


def test_a_number_beyond_float32_is_infinite_there():
    torch = pytest.importorskip("torch")
    formula = read("1e39 * t", frozenset({"t"}))
    assert formula({"t": torch.ones(1)}, torch.ones(1)).item() == math.inf
    assert formula({"t": torch.ones(1).double()}, torch.ones(1).double()).item() == 1e39
    assert formula({"t": np.ones(1, np.float32)}, np.ones(1, np.float32)).item() == math.inf


def test_a_surface_of_steps_has_no_slope_instead_of_an_error():
    knobs = {"surface.model": "formula", "surface.formula": "w1 > 0", "clock.snapshots": 3}
    first = next(simulate(Experiment().replace(knobs)))
    assert json.loads(first.header.experiment)["surface"]["formula"] == "w1 > 0"
    assert (first.eigenvalues == 0).all()
