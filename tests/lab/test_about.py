"""What the page says of itself."""

import re

from gnviz.lab.about import CITATION, SYMBOLS, about
from gnviz.views import VIEWS


def test_the_paper_can_be_cited():
    fields = dict(re.findall(r"(\w+)\s*=\s*\{(.*?)\},?\n", CITATION))
    assert (fields["eprint"], fields["year"], fields["author"]) == ("2412.14031", "2024", "Cayci, Semih")
    assert CITATION.count("{") == CITATION.count("}")
    assert "2412.14031" in about().object


def test_every_symbol_in_a_caption_is_explained():
    known = "".join(SYMBOLS)
    said = {letter for view in VIEWS.values() for letter in re.findall(r"[α-ωκ]", view.caption)}
    assert said, "captions have symbols"
    assert {letter for letter in said if letter not in known} <= {"π", "θ"}
