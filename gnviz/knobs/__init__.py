"""Knobs: groups of declared parameters, and the formulas that a text knob may hold."""

from gnviz.knobs.groups import (
    MOST_LISTED,
    Group,
    KnobError,
    Numbers,
    allowed,
    flatten,
    join_list,
    parse,
    quoted,
    split_list,
    text_of,
    unknown,
)

__all__ = [
    "MOST_LISTED",
    "Group",
    "KnobError",
    "Numbers",
    "allowed",
    "flatten",
    "join_list",
    "parse",
    "quoted",
    "split_list",
    "text_of",
    "unknown",
]
