"""A lesson's prose: Markdown with formulas in dollar signs, claims in braces, and links that do something.

`[make the kernel worse](?data.condition=1e9)` changes the experiment, `[the loss](#loss)` says where to look,
an address elsewhere is a reference. Read by markdown-it; HTML in a text is shown, not obeyed.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from gnviz.knobs import KnobError, unknown
from gnviz.lessons import tex
from gnviz.lessons.claims import Claim, parse_claim
from gnviz.lessons.query import merged
from gnviz.views import VIEWS

_FORMULA = re.compile(r"\$\$([^$]+)\$\$|\$([^$\n]+)\$")
_CLAIM = re.compile(r"\{([^{}\n]+)\}")


class LessonError(KnobError):
    """A lesson that cannot be used; the message names file and line.

    Args:
        path: The file.
        line: Counted from 1.
        why: In words.
    """

    def __init__(self, path: Path, line: int, why: str) -> None:
        super().__init__(f"{path}:{line}: {why}")


@dataclass(frozen=True)
class Target:
    """A link as it is written.

    Attributes:
        words: What it says.
        href: Where it leads.
        line: Of the file.
    """

    words: str
    href: str
    line: int

    @property
    def changes(self) -> bool:
        """Whether it changes the experiment."""
        return self.href.startswith("?")


@dataclass(frozen=True)
class Prose:
    """Some paragraphs.

    Attributes:
        text: In Markdown.
        path: The file they are from.
        line: Where they begin in it.
    """

    text: str
    path: Path
    line: int

    @cached_property
    def _tokens(self) -> list[Token]:
        tokens = _markdown().parse(self.text)
        for token in tokens:
            if token.type in ("heading_open", "fence", "code_block", "hr"):
                line = self.line + (token.map[0] if token.map else 0)
                raise LessonError(self.path, line, "a step holds paragraphs, quotations and lists only")
        return tokens

    @cached_property
    def items(self) -> tuple[Target | Claim, ...]:
        """The links and the claims, in the order of the text; each claim knows the link before it.

        Raises:
            LessonError: A link leads nowhere, or a formula or a claim cannot be read.
        """
        found: list[Target | Claim] = []
        for block in self._tokens:
            line = self.line + (block.map[0] if block.map else 0)
            opened: list[tuple[Token, int, list[Token]]] = []
            for token in block.children or ():
                for _, _, inside in opened:
                    inside.append(token)
                if token.type in ("softbreak", "hardbreak"):
                    line += 1
                elif token.type == "link_open":
                    opened.append((token, line, []))
                elif token.type == "link_close":
                    start, at, inside = opened.pop()
                    found.append(self._target(str(start.attrs["href"]), _spoken(inside), at))
                elif token.type == "claim":
                    before = [x.href for x in found if isinstance(x, Target) and x.changes]
                    change = before[-1] if before else None
                    found.append(replace(self._claim(token.content, line), change=change))
                elif token.type == "formula":
                    self._formula(token.content, line)
                elif token.type == "text" and ("{" in token.content or "$" in token.content):
                    raise LessonError(self.path, line, f"a bracket or a dollar sign is left: {token.content}")
        return tuple(found)

    def _target(self, href: str, words: str, line: int) -> Target:
        if href.startswith("#"):
            self._look(href, line)
        if not href.startswith(("?", "#", "https://")):
            raise LessonError(
                self.path,
                line,
                f"a link leads to {href!r}; allowed: ?knob=value, #figure, #figure@time or https://…",
            )
        if not words.strip():
            raise LessonError(self.path, line, f"the link to {href} has no words")
        return Target(words, href, line)

    def _look(self, href: str, line: int) -> None:
        """Check where a link leads to look at."""
        figure, _, _ = href[1:].partition("@")
        if figure not in VIEWS:
            raise LessonError(self.path, line, unknown("figure", figure, VIEWS))
        try:
            looked_at(href)
        except ValueError:
            raise LessonError(self.path, line, f"{href} names no time; such as #{figure}@1 does") from None

    def _claim(self, text: str, line: int) -> Claim:
        try:
            return parse_claim(text, line)
        except KnobError as error:
            raise LessonError(self.path, line, str(error)) from None

    def _formula(self, text: str, line: int) -> None:
        try:
            tex.mathml(text)
        except tex.TexError as error:
            raise LessonError(self.path, line, str(error)) from None

    @property
    def links(self) -> tuple[Target, ...]:
        """The links that change the experiment."""
        return tuple(item for item in self.items if isinstance(item, Target) and item.changes)

    @property
    def looks(self) -> tuple[str, ...]:
        """The figures to look at, in the order of the text, each once."""
        hrefs = [item.href for item in self.items if isinstance(item, Target)]
        return tuple(dict.fromkeys(looked_at(href)[0] for href in hrefs if href.startswith("#")))

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The claims."""
        return tuple(item for item in self.items if isinstance(item, Claim))

    def html(self, base: str) -> str:
        """Return the prose as HTML.

        Args:
            base: The query that links say changes of.
        """
        assert self.items is not None  # or what cannot be read would be shown
        return _markdown().renderer.render(self._tokens, _markdown().options, {"base": base})

    @property
    def plain(self) -> str:
        """The prose for a terminal: a line for each paragraph, links with their query behind them."""
        assert self.items is not None
        return "\n".join(_spoken(t.children or (), targets=True) for t in self._tokens if t.type == "inline")


def looked_at(href: str) -> tuple[str, float | None]:
    """Return the figure that a link leads to, and the time at which to see it; None: as it stands.

    Example:
        >>> looked_at("#modes@1"), looked_at("#loss")
        (('modes', 1.0), ('loss', None))

    Raises:
        ValueError: It names no time, or a negative one.
    """
    figure, at, time = href[1:].partition("@")
    when = float(time) if at else None
    if when is not None and not 0 <= when < math.inf:
        raise ValueError(f"{time} is no time")
    return figure, when


def _spoken(tokens: Sequence[Token], targets: bool = False) -> str:
    """Return the words of inline tokens; with `targets`, what links change as well."""
    return "".join(_words(tokens, targets))


def _words(tokens: Sequence[Token], targets: bool) -> Iterator[str]:
    href = ""
    for token in tokens:
        if token.type == "formula":
            yield tex.plain(token.content)
        elif token.type == "claim":
            yield parse_claim(token.content, 0).shown
        elif token.type in ("softbreak", "hardbreak"):
            yield " "
        elif token.type == "link_open":
            href = str(token.attrs["href"])
        elif token.type == "link_close" and targets and not href.startswith("#"):
            yield f" [{href}]"
        else:
            yield token.content


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).disable(
        ["image", "autolink", "html_inline", "html_block"]
    )
    markdown.inline.ruler.before("escape", "formula", _rule(_FORMULA, "$", "formula"))
    markdown.inline.ruler.before("escape", "claim", _rule(_CLAIM, "{", "claim"))
    markdown.add_render_rule("formula", _show_formula)
    markdown.add_render_rule("claim", _show_claim)
    markdown.add_render_rule("link_open", _show_link)
    return markdown


def _rule(pattern: re.Pattern[str], mark: str, kind: str) -> Any:
    def rule(state: StateInline, silent: bool) -> bool:
        found = pattern.match(state.src, state.pos) if state.src[state.pos] == mark else None
        if found is None:
            return False
        if not silent:
            token = state.push(kind, "", 0)
            token.content = next(filter(None, found.groups()))
            token.block = found.group().startswith("$$")
        state.pos = found.end()
        return True

    return rule


def _show_formula(_self: Any, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
    return tex.mathml(tokens[i].content, block=tokens[i].block)


def _show_claim(_self: Any, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
    return html.escape(parse_claim(tokens[i].content, 0).shown)


def _show_link(_self: Any, tokens: Sequence[Token], i: int, options: Any, env: Any) -> str:
    href = str(tokens[i].attrs["href"])
    if href.startswith("?"):
        return f'<a class="change" href="{html.escape(merged(env["base"], href))}">'
    if href.startswith("#"):
        return f'<a class="look" href="{html.escape(href)}">'
    return f'<a href="{html.escape(href)}" target="_blank" rel="noopener noreferrer">'
