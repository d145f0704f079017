"""Test samples: where they come from, and that the training data stay as they are."""

import pytest
import torch
from checks import assert_close

from gnviz import Experiment, KnobError, run
from gnviz.problem.build import build

MADE = ("circle", "ring", "line", "teacher")


@pytest.mark.parametrize("kind", MADE)
def test_made_samples_come_beside_the_training_data(kind):
    changes = {"data.kind": kind, "data.condition": None, "network.width": 8, "data.noise": 0.1}
    plain = build(Experiment().replace(changes)).samples
    tested = build(Experiment().replace(changes | {"data.test": 30})).samples
    assert_close(tested.x, plain.x, label="x")
    assert_close(tested.y, plain.y, label="y")
    assert tested.test_x.shape == (30, plain.x.shape[1])
    if kind != "line":
        assert_close(tested.test_x.norm(dim=1), torch.ones(30), rtol=1e-14, label="on the sphere")
    again = build(Experiment().replace(changes | {"data.test": 30})).samples
    assert_close(again.test_y, tested.test_y, label="the same seed")
    other = build(Experiment().replace(changes | {"data.test": 30, "data.seed": 1})).samples
    assert (other.test_x != tested.test_x).any()


@pytest.mark.parametrize("seed", [0, 7, 2**31 - 1])
def test_the_teachers_test_inputs_are_others_than_those_trained_on(seed):
    changes = {"data.kind": "teacher", "data.d": 3, "data.n": 20, "data.test": 20, "data.seed": seed}
    samples = build(Experiment().replace(changes | {"network.width": 8})).samples
    assert torch.cdist(samples.test_x, samples.x).min() > 1e-3, (
        "far above rounding, far below their distances"
    )


def test_the_targets_are_those_of_the_function():
    samples = build(Experiment().replace({"data.test": 20, "network.width": 8})).samples
    theta = torch.atan2(samples.test_x[:, 1], samples.test_x[:, 0])
    assert_close(samples.test_y, torch.sin(3 * theta) + 0.3 * torch.cos(7 * theta), rtol=1e-13, label="y")
    assert theta.min() >= 0


def test_rows_of_a_table_are_held_out():
    changes = {"data.kind": "thurber", "network.width": 20}
    whole = build(Experiment().replace(changes)).samples
    split = build(Experiment().replace(changes | {"data.test": 7})).samples
    assert (len(split.y), len(split.test_y), len(split.coordinate)) == (30, 7, 30)
    rows = torch.cat([torch.cat([split.x[:, 0], split.test_x[:, 0]])[:, None],
                      torch.cat([split.y, split.test_y])[:, None]], 1)  # fmt: skip
    expected = torch.stack([whole.x[:, 0], whole.y], 1)
    assert sorted(map(tuple, rows.tolist())) == sorted(map(tuple, expected.tolist()))
    assert any("7 of 37 rows are held out" in note for note in split.notes)


def test_labels_of_held_out_rows():
    table = "x,label\n" + "\n".join(f"{i},{int(i > 5)}" for i in range(12))
    changes = {"data.kind": "csv", "data.table": table, "loss.kind": "logistic", "network.width": 8}
    samples = build(Experiment().replace(changes | {"data.test": 5})).samples
    assert_close(samples.test_y, torch.sign(samples.test_x[:, 0]), label="labels")
    assert_close(samples.y, torch.sign(samples.x[:, 0]), label="labels")
    ring = {"data.kind": "ring", "data.condition": None, "loss.kind": "logistic", "network.width": 8}
    made = build(Experiment().replace(ring | {"data.test": 9})).samples
    assert set(made.test_y.tolist()) <= {-1.0, 1.0}


def test_too_many_rows_are_refused():
    with pytest.raises(KnobError, match=r"data.test = 36 leaves too few of 37 rows.*up to 35"):
        build(Experiment().replace({"data.kind": "thurber", "data.test": 36}))


def test_equal_modes_are_no_function():
    with pytest.raises(KnobError, match=r"'equal-modes' is not; allowed with it: data\.test = 0"):
        build(Experiment().replace({"data.target": "equal-modes", "data.test": 3}))


def test_what_is_learned_from_a_table_holds_for_the_rows_held_out():
    changes = {"data.kind": "thurber", "data.test": 7, "network.width": 20, "clock.kind": "steps"}
    changes |= {"methods": ["gradient-flow", "constant(rho=0.01)"], "clock.steps": 20, "clock.snapshots": 5}
    ds = run(Experiment().replace(changes))
    assert ds.sizes["sample"] == 30
    assert (ds["test_loss"].values[:, -1] < 0.1 * ds["test_loss"].values[:, 0]).all()
