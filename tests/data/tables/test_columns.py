"""Which columns of a table are used, and how their numbers are read."""

import numpy as np
import pytest

from gnviz.data.tables.read import offer, parse_table
from gnviz.experiment import Data
from gnviz.knobs import KnobError

TYPES = "a,b,y,who,one\n1,2,3,Ada,7\n2,4,1,Bob,7\n3,1,2,Cyd,7\n"


def used(table) -> tuple[tuple[str, ...], str]:
    return table.names, table.target


def test_columns_that_cannot_be_used_are_left_out_by_default_and_named():
    table = parse_table(TYPES)
    assert used(table) == (("a", "b"), "y")
    assert table.notes == (
        "the target is y, the last column of numbers that vary",
        "column who holds text and is left out",
        "column one is constant in the rows used and is left out",
    )
    assert parse_table(TYPES, Data(x=["a"], y="b")).notes == (), "the user knows what was chosen"


@pytest.mark.parametrize("name", ["", "Id", "id", "rownames", "Unnamed: 0", "PassengerId", "obs.", "#"])
@pytest.mark.parametrize("first", [0, 1])
def test_a_column_that_numbers_the_rows_is_left_out(name, first):
    text = f"{name},a,y\n" + "".join(f"{first + i},{i * i},{3 * i % 5}\n" for i in range(4))
    table = parse_table(text)
    assert used(table) == (("a",), "y")
    assert table.notes[0] == f"column {name or '1'} numbers the rows and is left out"
    assert parse_table(text, Data(x=[name or "column 1"])).names == (name or "column 1",)


@pytest.mark.parametrize("name", ["month", "x", "dose", "video"])
def test_an_even_scale_is_no_count_of_rows(name):
    assert parse_table(f"{name},a,y\n1,4,2\n2,2,5\n3,3,4\n").names == (name, "a")


def test_the_count_of_rows_is_the_input_where_there_is_no_other():
    assert used(parse_table(",y\n0,3\n1,4\n2,7\n")) == (("column 1",), "y")


def test_a_column_of_numbers_with_many_texts_counts_as_text_and_with_few_as_a_mistake():
    def text(strays: int) -> str:
        return "a,ticket,y\n" + "".join(f"{i},{'PC ' * (i < strays)}{i * i},{i % 7}\n" for i in range(60))

    assert parse_table(text(10)).notes == ("column ticket holds text and is left out",)
    with pytest.raises(
        KnobError, match="9 cells are not finite numbers, the first in row 2, column 'ticket'"
    ):
        parse_table(text(9))
    with pytest.raises(KnobError, match="column 'ticket' holds text"):
        parse_table(text(10), Data(x=["ticket"]))


@pytest.mark.parametrize(
    "text",
    [
        "a;y\n1,5;2\n2,5;1000,5\n3;4\n",
        "1,5;2\n2,5;1000,5\n3,0;4\n",
        "a\ty\n1,5\t2\n2,5\t1000,5\n3\t4\n",
        "a  y\n1,5  2\n2,5 1000,5\n3 4\n",
        "a;y\n1,5;2\n2,5;1.000,5\n3;4\n",
        "a;y\n1,5;2\n2,5;1\u00a0000,5\n3;4\n",
        'a,y\n"1,5","2"\n"2,5","1.000,5"\n"3","4"\n',
        'a,y\n1.5,2\n2.5,"1,000.5"\n3,4\n',
        "sep=;\na;y\n1,5;2\n2,5;1000,5\n3;4\n",
        "a|y\n1.5|2\n2.5|1000.5\n3|4\n",
        "a y\n1.5D+00 2\n.25d1 1.0005D+03\n3.D0 4\n",
        "% a y\n1.5 2\n2.5\t1000.5\n 3 4\n",
    ],
)
def test_ways_to_write_one_table_of_decimals(text):
    table = parse_table(text, Data(y=offer(text).target))
    np.testing.assert_array_equal(table.measured, [2, 1000.5, 4])
    np.testing.assert_allclose(table.x[:, 0], parse_table("1.5,2\n2.5,3\n3,5").x[:, 0], rtol=1e-15)


def test_decimal_commas_are_noted():
    assert parse_table("a;y\n1,5;2\n2,5;1\n3;4\n").notes == (
        "decimal commas are read as such: 1,5 is one and a half",
    )


@pytest.mark.parametrize(
    ("text", "measured"),
    [
        ("a;y\n1,5;1.234\n2,5;950\n", [1234, 950]),  # the file's other columns decide
        ("a;y\n1.5;1,234\n2.5;950\n", [1234, 950]),
        ("a;y\n1;1,234\n2;950\n", [1.234, 950]),  # then its delimiter
        ('a,y\n1,"1,234"\n2,950\n', [1234, 950]),
        ("a;y\n1;1.234\n2;950\n", [1.234, 950]),
    ],
)
def test_marks_that_may_be_read_in_two_ways(text, measured):
    assert parse_table(text).measured.tolist() == measured
