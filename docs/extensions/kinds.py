"""Directive `kinds`: every class of a registry, so that the reference need not name them.

```{kinds} methods
```
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import gnviz
from gnviz.activations import ACTIVATIONS
from gnviz.data import DATA_SETS
from gnviz.losses import LOSSES
from gnviz.methods import METHODS

REGISTRIES = {"methods": METHODS, "losses": LOSSES, "data": DATA_SETS, "activations": ACTIVATIONS}
"""Those that can be asked for."""


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("kinds", Kinds)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class Kinds(SphinxDirective):
    """Document all classes of a registry that this package has."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the classes' entries."""
        lines: list[str] = []
        for kind in REGISTRIES[self.arguments[0]].built_in:
            home = "gnviz" if kind.__name__ in dir(gnviz) else kind.__module__
            lines += [f".. autoclass:: {home}.{kind.__name__}", ""]
        return self.parse_text_to_nodes("\n".join(["```{eval-rst}", *lines, "```"]))
