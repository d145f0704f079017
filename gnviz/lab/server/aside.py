"""Work that takes longer than a page may stand still: done in a thread, its outcome brought back."""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import panel as pn

T = TypeVar("T")


def aside(work: Callable[[], T], then: Callable[[T], None], refuse: Callable[[str], None]) -> Future[T]:
    """Do something in a thread, then go on in the session that calls, unless that has ended by then.

    Args:
        work: What takes long: files, tables, no model of a document.
        then: Called with what it returns; in the thread itself where there is no session, as in a notebook.
        refuse: Called with the sentence of a ValueError or an OSError in its place.
    """
    document = pn.state.curdoc

    def go_on(future: Future[T]) -> None:
        if isinstance(error := future.exception(), ValueError | OSError):
            refuse(str(error))
        else:
            then(future.result())

    def done(future: Future[T]) -> None:
        if document is None or document.session_context is None:
            go_on(future)
        elif not document.session_context.destroyed:
            document.add_next_tick_callback(functools.partial(go_on, future))

    future = _threads().submit(work)
    future.add_done_callback(done)
    return future


@functools.cache
def _threads() -> ThreadPoolExecutor:
    """Return the thread that all sessions share: one, as HDF5 lets no two work at a time."""
    return ThreadPoolExecutor(1, "gnviz aside")
