"""Numbers as people read them."""

import pytest

from gnviz.views.numbers import number, power_of_ten, typeset


@pytest.mark.parametrize(
    ("value", "words"),
    [(8.912e9, "8.91·10⁹"), (1e7, "10⁷"), (-1e-7, "-10⁻⁷"), (2.0, "2"), (123456.0, "1.23·10⁵"), (0.0, "0"),
     (float("inf"), "inf")],
)  # fmt: skip
def test_a_number_has_a_power_of_ten_where_it_needs_one(value, words):
    assert number(value) == words


def test_numbers_in_a_text_are_typeset_and_names_are_not():
    assert (
        typeset("t = 1.913e+07, at 1e-06 of u1e5 and 3e, v2.1e4")
        == "t = 1.913·10⁷, at 10⁻⁶ of u1e5 and 3e, v2.1e4"
    )
    assert power_of_ten(1e-6) == "10⁻⁶"
