"""How many CPU threads a run uses: one, where more would only wait for each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

SMALL = 2**18
"""Entries of the largest batched matrix up to which one thread is used. Operations on fewer take well under
a millisecond; on a busy two-core machine a second thread made the headline run ten times slower."""


@contextmanager
def threads_for(entries: int) -> Iterator[None]:
    """Use one CPU thread inside the block if the work is small, and restore the caller's number after it.

    Args:
        entries: Number of entries of the largest batched matrix.
    """
    before = torch.get_num_threads()
    if entries > SMALL or before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
