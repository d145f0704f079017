"""One kernel for all notebooks: starting one and importing what they use takes longer than most of them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

CLEAN = "%reset -f\n%cd -q {folder}"
"""Forgets every name of the notebook before, and goes to a folder."""


@pytest.fixture(scope="session")
def client() -> Iterator[NotebookClient]:
    """What runs notebooks, whose kernel stays from one to the next."""
    client = NotebookClient(new_notebook(), timeout=300)
    client.execute(cleanup_kc=False)
    yield client
    client.nb = new_notebook()
    client.execute(cleanup_kc=True)


@pytest.fixture
def execute(client) -> Callable[[NotebookNode, Path], None]:
    """Run a notebook from top to bottom in a folder, with no names but its own; its cells get their outputs."""

    def execute(book: NotebookNode, folder: Path) -> None:
        clean = new_notebook(cells=[new_code_cell(CLEAN.format(folder=folder))])
        for client.nb in (clean, book):
            client.execute(cleanup_kc=False)

    return execute
