"""The link as a QR code."""

import xml.etree.ElementTree as ET

import pytest

from gnviz.lab.share import LONGEST, Share, qr_code

LINK = "http://localhost:5006/app?data.condition=1e9&network.width=50"


def test_the_code_is_that_of_the_link():
    share = Share()
    share._handle_msg(LINK)
    link, svg = share.code
    assert link == LINK
    assert ET.fromstring(svg).tag.endswith("svg")
    assert svg == qr_code(LINK) != qr_code(LINK + "0")


def test_a_link_that_is_too_long_for_a_camera_has_none():
    share = Share()
    long = LINK + "&x=" + "1" * LONGEST
    share._handle_msg(long)
    assert share.code == [long, ""]
    assert qr_code("http://" + "x" * (LONGEST - 7)), "the longest still fits"


@pytest.mark.parametrize("message", [None, 3, "javascript:alert(1)", "file:///etc/passwd", ""])
def test_what_is_no_link_has_none(message):
    share = Share()
    share._handle_msg(message)
    assert share.code == ["", ""]
