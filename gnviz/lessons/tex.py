r"""Formulas: the part of TeX that lessons use, as MathML for a page and as plain text for a terminal.

Browsers set MathML themselves and screen readers speak it, so that a page needs no script and no font for it.
The part: letters, numbers, operators, `_` and `^`, `\frac{a}{b}`, `\sqrt{a}`, accents, words in `\mathrm{}`,
and the names below.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LETTERS = {
    "alpha": "α", "beta": "β", "delta": "δ", "Delta": "Δ", "eta": "η", "gamma": "γ", "kappa": "κ",
    "lambda": "λ", "mu": "μ", "phi": "φ", "psi": "ψ", "rho": "ρ", "sigma": "σ", "tau": "τ", "theta": "θ",
    "infty": "∞", "ell": "ℓ",
}  # fmt: skip
"""Names of letters."""

OPERATORS = {
    "le": "≤", "ge": "≥", "ne": "≠", "approx": "≈", "propto": "∝", "ll": "≪", "gg": "≫", "to": "→",
    "in": "∈", "cdot": "·", "times": "×", "pm": "±", "nabla": "∇", "partial": "∂", "top": "⊤", "|": "‖",
    "sum": "∑", "int": "∫", "dots": "…", "{": "{", "}": "}",
}  # fmt: skip
"""Names of operators."""

FUNCTIONS = ("exp", "log", "max", "min", "sin", "cos", "tan", "tanh", "sinh")
"""Names that are set upright."""

ACCENTS = {"dot": "˙", "hat": "^", "bar": "‾", "tilde": "~"}
"""Marks above a letter."""

CLOSE = ' lspace="0" rspace="0"'
"""Attributes of an operator without space around it."""

FLAT = ' stretchy="false"'
"""Attributes of a bracket that is as high as a letter, whatever it holds."""

SPACES = {",": "0.17em", ";": "0.28em", "quad": "1em"}
"""Widths of spaces, by their names."""

RAISED = dict(zip("0123456789+−-=()niktT⊤", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱᵏᵗᵀᵀ", strict=True))
LOWERED = dict(zip("0123456789+−-=()aeijknt", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑᵢⱼₖₙₜ", strict=True))
"""Characters that exist raised and lowered."""

_TOKEN = re.compile(r"\s*(\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\S)")
_SCRIPTS = {"_": "msub", "^": "msup", "_^": "msubsup"}


class TexError(ValueError):
    """A formula that is outside the part of TeX that is understood."""


@dataclass(frozen=True)
class Node:
    """An element of MathML: either text or children."""

    tag: str
    text: str = ""
    children: tuple[Node, ...] = ()
    attributes: str = ""


def mathml(tex: str, *, block: bool = False) -> str:
    """Return a formula as a MathML element.

    Args:
        tex: The formula, without dollar signs.
        block: Whether it stands on a line of its own.

    Raises:
        TexError: A command is unknown, or brackets do not match.
    """
    display = ' display="block"' if block else ""
    return f"<math{display}>{_element(_parse(tex))}</math>"


def plain(tex: str) -> str:
    """Return a formula as a line of Unicode, such as κ(K₀).

    Raises:
        TexError: As `mathml`.
    """
    return _line(_parse(tex)).strip()


def _parse(tex: str) -> Node:
    tokens = _TOKEN.findall(tex)
    node = _row(tokens, end=None)
    if tokens:
        raise TexError(f"the formula {tex!r} has a }} too many")
    return node


def _row(tokens: list[str], end: str | None) -> Node:
    """Read up to `end`, or to the formula's end; the tokens read are taken away."""
    items: list[Node] = []
    while tokens and tokens[0] != "}":
        items.append(_with_scripts(tokens))
    if end:
        if not tokens:
            raise TexError(f"a formula ends where {end} is missing")
        tokens.pop(0)
    return items[0] if len(items) == 1 else Node("mrow", children=tuple(items))


def _with_scripts(tokens: list[str]) -> Node:
    base, scripts = _atom(tokens), {}
    while tokens and tokens[0] in ("_", "^", "'"):
        mark = tokens.pop(0)
        place = "^" if mark == "'" else mark
        if place in scripts:
            raise TexError(f"a formula has two {place} after one letter")
        scripts[place] = Node("mo", "′") if mark == "'" else _atom(tokens)
    if not scripts:
        return base
    order = "".join(place for place in "_^" if place in scripts)
    return Node(_SCRIPTS[order], children=(base, *(scripts[place] for place in order)))


def _atom(tokens: list[str]) -> Node:
    if not tokens:
        raise TexError("a formula ends where a letter is missing")
    token = tokens.pop(0)
    if token == "{":
        return _row(tokens, end="}")
    if token[0] == "\\":
        return _command(token[1:], tokens)
    if token in "_^}":
        raise TexError(f"a formula has {token} where a letter is missing")
    if token[0].isdigit():
        return Node("mn", token)
    if token in "/.()":
        return Node("mo", token, attributes=FLAT if token in "()" else CLOSE)
    return Node("mi", token) if token.isalpha() else Node("mo", {"-": "−", "*": "·"}.get(token, token))


def _command(name: str, tokens: list[str]) -> Node:
    if name in LETTERS:
        return Node("mi", LETTERS[name])
    if name in OPERATORS:
        return Node("mo", OPERATORS[name])
    if name in FUNCTIONS:
        return Node("mi", name)
    if name in SPACES:
        return Node("mspace", attributes=f' width="{SPACES[name]}"')
    if name in ACCENTS:
        return Node("mover", children=(_atom(tokens), Node("mo", ACCENTS[name])), attributes=' accent="true"')
    if name == "frac":
        return Node("mfrac", children=(_atom(tokens), _atom(tokens)))
    if name == "sqrt":
        return Node("msqrt", children=(_atom(tokens),))
    if name == "mathrm":
        letters = _atom(tokens)
        return Node("mtext", "".join(n.text for n in (letters.children or (letters,))))
    known = ", ".join([*LETTERS, *OPERATORS, *FUNCTIONS, *ACCENTS, "frac", "sqrt", "mathrm"])
    raise TexError(f"a formula has the unknown command \\{name}; known: {known}")


def _element(node: Node) -> str:
    inside = "".join(map(_element, node.children)) or html.escape(node.text)
    return f"<{node.tag}{node.attributes}>{inside}</{node.tag}>"


def _line(node: Node) -> str:
    if node.tag in ("mi", "mn", "mtext"):
        return node.text + (" " if node.text in FUNCTIONS else "")
    if node.tag == "mo":
        return f" {node.text} " if node.text in "=≤≥≈∝≪≫→<>≠∈+" else node.text
    if node.tag == "mspace":
        return " "
    parts = [_line(child).strip() for child in node.children]
    if node.tag == "mfrac":
        return "/".join(_grouped(part) for part in parts)
    if node.tag == "msqrt":
        return f"√{_grouped(parts[0])}"
    if node.tag == "mover":
        return parts[0] + {"˙": "\u0307", "^": "\u0302", "‾": "\u0304", "~": "\u0303"}[parts[1]]
    if node.tag in _SCRIPTS.values():
        places = next(order for order, tag in _SCRIPTS.items() if tag == node.tag)
        return parts[0] + "".join(_script(p, part) for p, part in zip(places, parts[1:], strict=True))
    return "".join(_in_row(node.children))


def _in_row(nodes: Sequence[Node]) -> Iterator[str]:
    """Yield the text of each node, a minus between two terms spaced as a plus is, and sin( not sin (."""
    for i, node in enumerate(nodes):
        text, before, after = _line(node), nodes[i - 1] if i else None, nodes[i + 1 :]
        if text == "−" and before is not None and (before.tag != "mo" or before.text in ")}‖"):
            yield " − "
        elif text.endswith(" ") and node.tag == "mi" and after and after[0].text == "(":
            yield text.strip()
        else:
            yield text


def _grouped(part: str) -> str:
    return part if len(part) == 1 or part.isalnum() else f"({part})"


def _script(place: str, part: str) -> str:
    table = LOWERED if place == "_" else RAISED
    if part == "′" or all(c in table for c in part):
        return "".join(table.get(c, c) for c in part)
    return f"{place}{_grouped(part)}"
