"""The notebooks, which lie beside the documentation: Sphinx reads only what is in its own folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from sphinx.application import Sphinx

HOME = Path(__file__).parents[2] / "notebooks"


def setup(app: Sphinx) -> dict[str, bool]:
    """Bring the notebooks before pages are read."""
    app.connect("builder-inited", bring)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def bring(app: Sphinx) -> None:
    """Copy every notebook that is new or has changed; those that are gone go here, too."""
    here = Path(app.srcdir, "notebooks")
    names = {path.name for path in HOME.glob("[0-9]*.ipynb")}
    for old in here.glob("[0-9]*.ipynb"):
        if old.name not in names:
            old.unlink()
    for name in names:
        new = (HOME / name).read_bytes()
        if not (here / name).exists() or (here / name).read_bytes() != new:
            shutil.copy(HOME / name, here / name)
