"""Which rows of a table are used."""

import numpy as np
import pytest

from gnviz.data.tables.read import parse_table
from gnviz.experiment import Data
from gnviz.knobs import KnobError

GAPS = "a,b,who,y\n1,2,Ada,3\n2,NA,Bob,1\n3,1,,2\n4,?,Cyd,.\n5,7,Dan,6\n"


def test_rows_with_empty_cells_are_dropped_on_request_and_counted():
    with pytest.raises(KnobError) as error:
        parse_table(GAPS)
    assert str(error.value) == (
        "data.table: 2 of 5 rows have 3 empty cells in the columns used, the first in row 3, column 'b' "
        "('NA'); set data.missing to drop to leave such rows out"
    )
    assert error.value.remedy == {"data.missing": "drop"}
    table = parse_table(GAPS, Data(missing="drop"))
    assert table.measured.tolist() == [3, 2, 6]
    assert table.notes[-1] == "2 of 5 rows have empty cells and are left out"


def test_empty_cells_elsewhere_do_not_matter():
    table = parse_table(GAPS, Data(x=["a"], y="b", missing="drop"))
    assert table.measured.tolist() == [2, 1, 7]
    assert parse_table(GAPS.replace(".", "8"), Data(x=["a"], y="y")).measured.tolist() == [3, 1, 2, 8, 6]


@pytest.mark.parametrize("cell", ["", "NA", "nan", "NaN", "N/A", "null", "None", "?", "-", ".", "#N/A", "*"])
def test_what_stands_for_no_value(cell):
    rows = f"a,y\n{cell},1\n2,3\n5,4\n"
    assert parse_table(rows, Data(missing="drop")).measured.tolist() == [3, 4]


def test_a_column_that_is_mostly_empty_is_left_out_by_default_but_may_be_chosen():
    text = "a,b,y\n1,,3\n2,,1\n3,4,2\n4,,5\n5,6,9\n"
    assert parse_table(text).notes == ("column b has no value in most rows and is left out",)
    assert parse_table(text, Data(x=["b"], missing="drop")).measured.tolist() == [2, 9]


def test_dropping_may_leave_too_few_rows_or_a_constant_column():
    text = "a,b,y\n1,,3\n2,2,1\n3,,2\n4,2,5\n5,1,\n6,2,1\n"
    assert parse_table(text, Data(missing="drop")).notes == (
        "column b is constant in the rows used and is left out",
        "1 of 6 rows has an empty cell and is left out",
    )
    with pytest.raises(KnobError, match=r"column 'b' is constant .2 in every row that is used\); allowed"):
        parse_table(text, Data(x=["b"], missing="drop"))
    with pytest.raises(
        KnobError, match="has 1 row without an empty cell in the columns used; allowed: at least"
    ):
        parse_table("a,y\n1,\n,2\n3,4\n,5\n6,\n8,", Data(x=["a"], y="y", missing="drop"))


def test_of_too_many_rows_some_are_chosen_at_random_on_request():
    text = "a,y\n" + "".join(f"{i},{i * i}\n" for i in range(3000))
    with pytest.raises(KnobError) as error:
        parse_table(text)
    assert error.value.remedy == {"data.rows": 2000}
    table = parse_table(text, Data(rows=2000))
    assert table.notes == ("2000 of 3000 rows are used, chosen at random",)
    assert len(np.unique(table.measured)) == 2000
    few, other = (parse_table(text, Data(rows=50, seed=seed)).measured for seed in (0, 1))
    assert (np.diff(few) > 0).all()
    assert set(few) != set(other)
    assert parse_table("a,y\n1,3\n2,1\n3,2\n", Data(rows=50)).measured.tolist() == [3, 1, 2]
