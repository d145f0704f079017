"""Well-known teaching tables open by one command, or say the one thing to do, which then opens them."""

import numpy as np
import pytest
import teaching_tables

from gnviz import Experiment, KnobError
from gnviz.problem.build import build

SMALL = {"data.kind": "csv", "network.width": 4}

OPEN = {
    "AUTO_MPG_UCI": ("x1", 7, 5),
    "AUTO_MPG_SEABORN": ("mpg", 6, 5),
    "IRIS": ("petal_width", 3, 4),
    "IRIS_UCI": ("x4", 3, 3),
    "IRIS_KAGGLE": ("PetalWidthCm", 3, 3),
    "IRIS_R": ("Petal.Width", 3, 3),
    "TITANIC_SEABORN": ("survived", 5, 5),
    "TITANIC_KAGGLE": ("Survived", 5, 6),
    "PENGUINS": ("body_mass_g", 4, 5),
    "WINE_QUALITY": ("quality", 11, 3),
    "AIR_QUALITY_UCI": ("CO(GT)", 6, 4),
    "AIRQUALITY_R": ("Ozone", 5, 5),
    "MTCARS_CSV": ("mpg", 10, 3),
    "MTCARS_TABLE": ("mpg", 10, 3),
    "FAITHFUL_TABLE": ("waiting", 1, 3),
    "FAITHFUL_DAT": ("waiting", 1, 3),
    "BOSTON": ("y", 12, 3),
    "CONCRETE": ("Strength(MPa)", 3, 3),
    "YACHT": ("y", 6, 3),
    "LONGLEY_NUMPY": ("employed", 1, 3),
}
"""For each table the target that people take, how many inputs it then has, and its rows."""

GAPS = {"AUTO_MPG_UCI": 1, "AUTO_MPG_SEABORN": 1, "TITANIC_SEABORN": 1, "TITANIC_KAGGLE": 1, "PENGUINS": 1}
GAPS |= {"AIRQUALITY_R": 2}
"""How many rows have empty cells."""

LAST = {"BOSTON", "CONCRETE", "FAITHFUL_DAT", "FAITHFUL_TABLE", "IRIS_KAGGLE", "IRIS_R", "IRIS_UCI", "IRIS"}
LAST |= {"LONGLEY_NUMPY", "WINE_QUALITY", "YACHT"}
"""Tables whose usual target is the last column of numbers."""


@pytest.fixture
def opened(tmp_path):
    """Return the samples of a table that is opened by its path."""

    def samples(name: str, **changes: str):
        path = tmp_path / "table.dat"
        path.write_text(getattr(teaching_tables, name))
        knobs = {f"data.{knob}": value for knob, value in changes.items()}
        return build(Experiment.from_dict(SMALL | {"data.path": str(path)} | knobs)).samples

    return samples


@pytest.mark.parametrize("name", OPEN)
def test_a_table_opens_by_one_command_or_says_the_one_thing_to_do(opened, name):
    target, inputs, rows = OPEN[name]
    changes = {} if name in LAST else {"y": target}
    dropped = GAPS.get(name, 0)
    if dropped:
        with pytest.raises(
            KnobError, match=f"{dropped} of {rows} rows ha(s|ve) .*; set data.missing to drop"
        ) as e:
            opened(name, **changes)
        changes |= {knob.removeprefix("data."): value for knob, value in e.value.remedy.items()}
    samples = opened(name, **changes)
    assert samples.target == target
    # in so few rows, a column that varies in the published table may be constant
    constant = sum(note.count(",") + 1 for note in samples.notes if "constant" in note)
    assert len(samples.names) + (constant if dropped else 0) == inputs
    assert len(samples.y) == rows - dropped
    assert any("left out" in note for note in samples.notes) or not dropped


def test_what_is_left_out_is_named(opened):
    notes = opened("AUTO_MPG_SEABORN", y="mpg", missing="drop").notes
    assert notes[0] == "columns origin, name hold text and are left out"
    assert notes[-1] == "1 of 5 rows has an empty cell and is left out"
    assert opened("IRIS").notes == (
        "the target is petal_width, the last column of numbers that vary",
        "column species holds text and is left out",
    )
    assert opened("FAITHFUL_DAT").notes[0] == "lines 1 to 17 are left out: no part of the table"
    assert "column 1 numbers the rows and is left out" in opened("FAITHFUL_TABLE").notes


def test_numbers_are_those_of_the_file(opened):
    np.testing.assert_array_equal(opened("AIR_QUALITY_UCI", y="C6H6(GT)").measured, [11.9, 9.4, 9.0, 9.2])
    np.testing.assert_array_equal(opened("FAITHFUL_DAT").measured, [79, 54, 74])
    np.testing.assert_array_equal(
        opened("AUTO_MPG_UCI", y="x5", missing="drop").measured, [3504, 3693, 2372, 2130]
    )
    np.testing.assert_array_equal(opened("MTCARS_TABLE", y="mpg").measured, [21, 22.8, 21.4])
    np.testing.assert_array_equal(opened("LONGLEY_NUMPY").measured, [60323, 61122, 60171])


def test_columns_of_text_that_are_asked_for_are_refused_and_those_of_numbers_named(opened):
    with pytest.raises(
        KnobError, match=r"data.y: column 'species' holds text; allowed: .*'petal_width'"
    ) as error:
        opened("IRIS", y="species")
    assert "'species'" not in str(error.value).partition("allowed")[2]
