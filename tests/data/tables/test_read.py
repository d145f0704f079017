import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnviz.data.own_csv import Csv
from gnviz.data.tables.columns import MAX_COLUMNS
from gnviz.data.tables.delimited import MAX_BYTES
from gnviz.data.tables.files import decode_table
from gnviz.data.tables.read import offer, parse_table, standardise
from gnviz.experiment import Data
from gnviz.knobs import KnobError

PLAIN = "a,b,y\n1,2,3\n2,4,1\n3,1,2\n"


def raw(table) -> tuple[tuple[str, ...], str]:
    return table.names, table.target


@pytest.mark.parametrize(
    ("kind", "n", "names"),
    [("enso", 168, ("month", "pressure")), ("thurber", 37, ("log_density", "mobility"))],
)
def test_bundled_tables(kind, n, names):
    table = Data(kind=kind).choice.read()
    assert table.x.shape == (n, 1)
    assert (*table.names, table.target) == names
    assert table.notes == ()


def test_standardised_columns_and_samples():
    rng = np.random.default_rng(0)
    own_x, own_y = rng.normal(3, 50, (40, 7)), rng.normal(-1e9, 1e3, 40)
    x, y, units = standardise(own_x, own_y)
    np.testing.assert_allclose(x.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(x.std(0), 1 / 7**0.5, rtol=1e-12)
    np.testing.assert_allclose((x**2).sum(1).mean(), 1, rtol=1e-12)
    np.testing.assert_allclose([y.mean(), y.std()], [0, 1], atol=1e-9)
    np.testing.assert_allclose(units.x_offset + units.x_scale * x, own_x, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(units.y_offset + units.y_scale * y, own_y, rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-300, 1e-150, 1e150, 1e308])
def test_extreme_units_make_no_difference(scale):
    want = parse_table("a,y\n0.1,0.3\n0.2,0.1\n0.5,0.2")
    rows = "".join(f"{a * scale!r},{b * scale!r}\n" for a, b in [(0.1, 0.3), (0.2, 0.1), (0.5, 0.2)])
    got = parse_table("a,y\n" + rows)
    np.testing.assert_allclose(got.x, want.x, rtol=1e-9)
    np.testing.assert_allclose(got.y, want.y, rtol=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", "   "),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        "\ufeff" + PLAIN,
        "# a comment, with commas\n\n" + PLAIN,
        PLAIN.replace("a,", '"a",').replace("2", '"2"'),
        PLAIN.replace(",", " , "),
        PLAIN.rstrip(),
        "a,b,y,\n1,2,3,\n2,4,1,\n3,1,2,\n",
        "  a b  y\n  1  2 3\n  2  4 1\n  3 1 2",
    ],
)
def test_spellings_of_one_table(text):
    table, plain = parse_table(text), parse_table(PLAIN)
    assert raw(table) == raw(plain) == (("a", "b"), "y")
    np.testing.assert_array_equal(table.x, plain.x)
    np.testing.assert_array_equal(table.y, plain.y)


def test_without_header_columns_are_numbered():
    assert raw(parse_table("1,2,3\n2,4,1\n")) == (("x1", "x2"), "y")
    assert offer("1,2,3\n2,4,1\n").names == ("x1", "x2", "y")


def test_without_header_texts_are_data_and_the_names_are_explained():
    table = parse_table("M,1,2.5\nF,2,4\nI,3,1\n")
    assert raw(table) == (("x2",), "y")
    assert table.notes[0] == "no row is a header: columns are named x1, x2, ..., by their order"


@pytest.mark.parametrize(
    ("text", "names", "note"),
    [
        (
            "country,1990,1991\nFrance,3,4\nItaly,2,7\n",
            ("1990", "1991"),
            "column country holds text and is left out",
        ),
        ("t,dist\ns,m\n1,2\n2,5\n", ("t", "dist"), "row 2 is left out: units, or names once more"),
        ("My data\n\nt,dist\n1,2\n2,5\n", ("t", "dist"), "line 1 is left out: no part of the table"),
        ("#,who,y\n3,Ada,2\n1,Bob,5\n", ("#", "y"), "column who holds text and is left out"),
    ],
)
def test_what_stands_around_the_header(text, names, note):
    table = parse_table(text)
    assert (*table.names, table.target) == names
    assert table.notes[-1] == note
    assert len(table.y) == 2


def test_remarks_behind_rows_of_blanks_are_no_cells():
    assert raw(parse_table("x y\n1 2\n2 3 # an outlier, surely\n4 7\n")) == (("x",), "y")


def test_quoted_names_may_hold_delimiters():
    assert raw(parse_table('"length, cm",y\n1,2\n2,3\n')) == (("length, cm",), "y")


def test_nameless_columns_are_numbered():
    assert raw(parse_table(",a,y\n1,2,3\n3,5,4\n")) == (("column 1", "a"), "y")


def test_columns_are_chosen_by_name_and_others_may_hold_anything():
    text = "who,a,b,c\nAda,1,2,3\nBob,2,,7\nCyd,5,9,8\n"
    assert raw(parse_table(text, Data(x=["c"], y="a"))) == (("c",), "a")
    with pytest.raises(KnobError, match="1 of 3 rows has 1 empty cell"):
        parse_table(text, Data(x=["b"], y="a"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path, encoding):
    (tmp_path / "t.csv").write_bytes("Höhe °,y\n1,2\n2,3\n".encode(encoding))
    assert Csv(path=str(tmp_path / "t.csv")).read().names == ("Höhe °",)


def test_text_wins_over_path():
    assert raw(Csv(path="/nowhere", table=PLAIN).read()) == (("a", "b"), "y")


def test_equal_inputs_are_noted():
    table = parse_table("a,y\n1,1\n2,2\n1,3\n")
    assert table.notes == ("rows 2 and 4 have the same inputs: the kernel is singular there",)
    (note,) = parse_table("a,y\n0,1\n-0.0,2\n1,3\n1,4\n1,5\n").notes
    assert note.endswith("(and 2 more rows like that)")


def wide(columns: int) -> str:
    return "\n".join(",".join(str(i + j * j) for j in range(columns)) for i in range(3))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" \n", "data.table is empty; allowed: a header and 2 to 2000 rows"),
        ("# only a comment\n", "data.table is empty"),
        ("a,b\n", "data.table has a header but no rows; allowed: 2 to 2000 rows"),
        ("a,b\n1,2\n", "data.table has 1 row of data; allowed: 2 to 2000 rows"),
        (
            "1,2\n2,1\n3,3\n" * 667,
            "data.table has 2001 rows of data; allowed: 2 to 2000 (set data.rows to 2000 to use",
        ),
        (
            "a,b\n1,2\n3\n4,5\n6,7,8\n",
            "2 rows have another number of cells than the first, such as row 3 with 1; allowed: 2",
        ),
        ("a,a\n1,2\n2,3\n", "column name 'a' appears twice; allowed: different names"),
        (
            "a,b\n1,2\n3\n4,5\n",
            "row 3 has 1 cell; allowed: 2, as in the first row (delete lines that are not",
        ),
        ("a\n1\n2\n", "data.table has 1 column of numbers that vary; allowed: at least 2"),
        (
            "a,b,c\n1,u,1\n2,v,1\n",
            "has 1 column of numbers that vary; column b holds text; column c is constant",
        ),
        (
            wide(MAX_COLUMNS + 2),
            "data.x: the table has 101 input columns beside the target 'y'; allowed: 1 to",
        ),
        (
            "a,b\n1,2\n\n,3\n4,5\n",
            "1 of 3 rows has 1 empty cell in the columns used, in row 4, column 'a' (''); set data.missing",
        ),
        (
            "a,b\n1,NA\n2,3\n3,nan\n4,?\n5,8\n6,9",
            "3 of 6 rows have 3 empty cells in the columns used, the first in row 2, column 'b'",
        ),
        (
            "a,b\n1,2\nx,3\n4,y\n5,z\n",
            "3 cells are not finite numbers, the first in row 3, column 'a' ('x'); allowed: numbers (mend",
        ),
        (
            "a,b\n1,2\nx,3\n4,7\n",
            "data.table: row 3, column 'a' is not a number ('x'); allowed: numbers (mend",
        ),
        ("a,b\n1,1_000\n2,3\n", "row 2, column 'b' is not a number ('1_000')"),
        ("a,b\n1,2\n2,-inf\n", "row 3, column 'b' is not finite ('-inf')"),
        ("a,b\n1,1e999\n2,3\n", "row 2, column 'b' is not finite ('1e999')"),
        (
            "a;b\n1,5;2\n2.5;3\n",
            "column 'a' has decimal points ('2.5') and decimal commas ('1,5'); allowed: the same in all",
        ),
        (
            "a\tb\n1,234\t2\n2,345\t3\n",
            "column 'a' can be read in two ways ('1,234' may have decimals or thousands); allowed",
        ),
        (
            "a,b\n1,2\n1,3\n",
            "has 1 column of numbers that vary; column a is constant in the rows used; allowed: at least 2",
        ),
        ("a\x00b,c\n1,2\n", "data.table is not text (it holds control characters)"),
        ('a,b\n"' + "1\n" * 70_000, "data.table"),
        ("a,b\n1,2\n" + " " * MAX_BYTES, "data.table has 2.0 MB; allowed: up to 2 MB"),
    ],
)
def test_bad_tables(text, message):
    with pytest.raises(KnobError) as error:
        Csv(table=text).read()
    assert message in str(error.value)
    assert str(error.value).startswith("data.")


TYPES = "a,b,y,who,one\n1,2,3,Ada,7\n2,4,1,Bob,7\n3,1,2,Cyd,7\n"


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (["aa"], "", "data.x: unknown column 'aa'; did you mean 'a'?"),
        ([], "z", "data.y: unknown column 'z'; known: a, b, y, who, one"),
        (["a", "y"], "", "data.x contains the target 'y'; allowed: every column but data.y"),
        (["a"], "a", "data.x contains the target 'a'"),
        (["a", "a"], "", "data.x = ['a', 'a'] names a column twice"),
        (["a", "who"], "", "data.x: column 'who' holds text; allowed: a column of numbers ('a', 'b', 'y')"),
        ([], "who", "data.y: column 'who' holds text; allowed: a column of numbers ('a', 'b', 'y')"),
        (["one"], "", "data.x: column 'one' is constant (7 in every row); allowed: columns that vary"),
        ([], "one", "data.y: column 'one' is constant (7 in every row); allowed: columns that vary"),
    ],
)
def test_bad_choices(x, y, message):
    with pytest.raises(KnobError) as error:
        parse_table(TYPES, Data(x=x, y=y))
    assert message in str(error.value)


def test_bad_paths(tmp_path):
    def message(path) -> str:
        with pytest.raises(KnobError) as error:
            Csv(path=str(path)).read()
        return str(error.value)

    assert message("").startswith("data.path = '' names no table; allowed: the path of a CSV file")
    assert "does not exist" in message(tmp_path / "missing.csv")
    assert "is a folder" in message(tmp_path)
    assert "data.path = '" in message("a\x00b")
    assert "data.path = '~nobody" in message("~nobody-of-that-name/x.csv")
    for content in (b"\x89PNG\r\n\x1a\n\x00\x00", b"PK\x03\x04\x14\x00", b"\x81\xff"):
        (tmp_path / "binary").write_bytes(content)
        assert "is not a text file; allowed: a CSV file" in message(tmp_path / "binary")
    (tmp_path / "big").write_bytes(b"1,2\n" * MAX_BYTES)
    assert "has 8.0 MB; allowed: up to 2 MB" in message(tmp_path / "big")
    (tmp_path / "bad.csv").write_text("a,b\n1,x\n2,3\n")
    assert "row 2, column 'b'" in message(tmp_path / "bad.csv")


def test_unreadable_files(tmp_path, monkeypatch):
    def denied(path):
        raise PermissionError(13, "denied")

    (tmp_path / "t.csv").write_text(PLAIN)
    monkeypatch.setattr("pathlib.Path.read_bytes", denied)
    with pytest.raises(KnobError, match="cannot be read: denied; allowed: a CSV file you may read"):
        Csv(path=str(tmp_path / "t.csv")).read()


def test_long_cells_are_cut():
    with pytest.raises(KnobError) as error:
        parse_table("a,b\n1," + "x" * 1000 + "\n2,3\n")
    assert len(str(error.value)) < 300
    with pytest.raises(KnobError) as error:
        parse_table("a" * 1000 + ",b\n1,2\n2,3\n", Data(x=["c"]))
    assert len(str(error.value)) < 300


def test_rubbish_uploads_are_refused():
    with pytest.raises(KnobError, match="not a text file"):
        decode_table(bytes(range(256)))
    with pytest.raises(KnobError, match="allowed: up to 2 MB"):
        decode_table(bytes(MAX_BYTES + 1))


@settings(deadline=None, max_examples=200)
@given(st.one_of(st.text(), st.text("1.,;\t \n\r\"'#a-e", max_size=60)))
def test_any_text_is_a_table_or_a_mistake(text):
    with contextlib.suppress(KnobError):
        table = parse_table(text)
        assert np.isfinite(table.x).all()
        assert np.isfinite(table.y).all()


@settings(deadline=None, max_examples=200)
@given(st.binary())
def test_any_bytes_are_text_or_a_mistake(content):
    with contextlib.suppress(KnobError):
        assert isinstance(decode_table(content), str)
