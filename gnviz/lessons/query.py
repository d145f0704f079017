"""Queries of the page as texts: a link says only what it changes of another query."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlencode

PAGE = "page"
"""The query's name for a page of the laboratory; all other names are knobs."""


def merged(base: str, changes: str) -> str:
    """Return a query, with its question mark, that has the settings of two; those of the second win."""
    pairs = _pairs(base) | _pairs(changes)
    return "?" + urlencode(pairs, quote_via=quote, safe=";()=")


def split_page(query: str) -> tuple[str, str]:
    """Return the page that a query names, empty for none, and the query without it."""
    pairs = _pairs(query)
    page = pairs.pop(PAGE, "")
    return page, urlencode(pairs, quote_via=quote, safe=";()=")


def _pairs(query: str) -> dict[str, str]:
    return dict(parse_qsl(query.lstrip("?"), keep_blank_values=True))
