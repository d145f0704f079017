"""Formulas as MathML, by the same small part of TeX that lessons use: no script and no font is needed.

A formula outside that part is a warning, which the build takes for an error.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from gnviz.lessons import tex

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def inline(writer: HTML5Translator, node: nodes.math) -> None:
    """Write a formula in a line."""
    writer.body.append(_mathml(node, display=False))
    raise nodes.SkipNode


def block(writer: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on a line of its own."""
    writer.body.append(_mathml(node, display=True))
    raise nodes.SkipNode


def _mathml(node: nodes.math | nodes.math_block, display: bool) -> str:
    try:
        return tex.mathml(node.astext().strip(), block=display)
    except tex.TexError as error:
        logger.warning("%s", error, location=node)
        return f"<code>{node.astext()}</code>"
