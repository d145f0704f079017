import param
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gnviz.knobs import (
    Group,
    KnobError,
    allowed,
    flatten,
    join_list,
    parse,
    quoted,
    split_list,
    unknown,
)


class Sample(Group):
    count = param.Integer(3, bounds=(1, 9))
    size = param.Number(0.5, bounds=(0, 1), inclusive_bounds=(False, True))
    least = param.Number(2.0, bounds=(0, None))
    free = param.Number(None, allow_None=True)
    colour = param.Selector(default="red", objects=["red", "green"])
    on = param.Boolean(False)
    names = param.List([], item_type=str)
    text = param.String("")


KNOBS = Sample.knobs()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("count", "an integer from 1 to 9"),
        ("size", "a number from 0 to 1 (not 0 itself)"),
        ("least", "a number of at least 0"),
        ("free", "a number or none"),
        ("colour", "one of 'red', 'green'"),
        ("on", "true or false"),
        ("names", "a list of texts"),
        ("text", "a text"),
    ],
)
def test_allowed_says_what_a_knob_accepts(name, words):
    assert allowed(KNOBS[name]) == words


@pytest.mark.parametrize(
    ("name", "value", "parsed"),
    [
        ("count", "4", 4),
        ("count", 4.0, 4),
        ("count", "4e0", 4),
        ("size", "1e-3", 1e-3),
        ("free", "none", None),
        ("free", "auto", None),
        ("free", " ", None),
        ("free", None, None),
        ("colour", "green", "green"),
        ("on", "Yes", True),
        ("on", False, False),
        ("names", "a; b;", ["a", "b"]),
        ("names", ["a ", ""], ["a ", ""]),
        ("names", '["a;b"]', ["a;b"]),
        ("names", "", []),
        ("text", "none", "none"),
        ("text", "", ""),
    ],
)
def test_parse(name, value, parsed):
    got = parse(name, KNOBS[name], value)
    assert got == parsed
    assert type(got) is type(parsed)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("count", "0"), ("count", 10), ("count", 1.5), ("count", "two"), ("count", None), ("count", True),
        ("count", 10**400), ("count", []), ("size", 0), ("size", "nan"), ("size", float("inf")),
        ("least", -1), ("colour", "blue"), ("colour", []), ("on", "maybe"), ("names", 3), ("names", [3]),
        ("text", 3), ("text", None),
    ],
)  # fmt: skip
def test_refusals_name_knob_value_and_what_is_allowed(name, value):
    with pytest.raises(KnobError) as error:
        parse(f"part.{name}", KNOBS[name], value)
    assert f"part.{name} = {quoted(value)} is not allowed: {allowed(KNOBS[name])}" in str(error.value)


def test_a_near_choice_is_suggested():
    with pytest.raises(KnobError, match="did you mean 'green'"):
        parse("colour", KNOBS["colour"], "gren")


def test_long_values_are_not_repeated_in_full():
    with pytest.raises(KnobError) as error:
        parse("count", KNOBS["count"], "9" * 5000)
    assert len(str(error.value)) < 200


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("data.conditon", "did you mean 'data.condition'?"),
        ("width", "did you mean 'network.width'?"),
        ("zzz", "known: data.condition, network.width"),
    ],
)
def test_unknown_names_come_with_near_ones(name, message):
    assert unknown("knob", name, ["data.condition", "network.width"]) == f"unknown knob {name!r}; {message}"


def test_unknown_lists_only_a_few_of_many():
    text = unknown("column", "?", [f"{i:03}" for i in range(100)])
    assert "011" in text
    assert "012" not in text
    assert "100 in all" in text


def test_groups_compare_by_value_and_refuse_unknown_names():
    assert Sample(count=4) == Sample(count=4) != Sample()
    copy = (original := Sample(count=4)).copy()
    copy.count = 5
    assert original.count == 4
    with pytest.raises(KnobError, match=r"unknown knob 'Sample\.cuont'; did you mean 'count'"):
        Sample(cuont=4)


def test_flatten_gives_dotted_names():
    assert dict(flatten({"a": {"b": {"c": 1}}, "d": 2, "e": {}})) == {"a.b.c": 1, "d": 2}


@given(st.lists(st.text()))
def test_any_list_of_texts_survives_as_text(items):
    assert split_list(join_list(items)) == items
