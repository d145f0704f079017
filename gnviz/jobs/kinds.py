"""What only this process has, on its way to a worker: classes it has registered, a problem it has made."""

from __future__ import annotations

import pickle
import sys
from typing import TYPE_CHECKING

from gnviz.knobs.registry import REGISTRIES, register

if TYPE_CHECKING:
    from gnviz.problem.user.make import UserProblem


def pickled_kinds() -> bytes:
    """Return the classes that only this process has, with all that they need; empty if there are none.

    They go by value, whatever module they are from: a worker need not find it. Lessons, which are no classes,
    are for the page alone.
    """
    classes = [cls for registry in REGISTRIES for cls in registry.added if isinstance(cls, type)]
    if not classes:
        return b""
    import cloudpickle

    names = {cls.__module__ for cls in classes} - {"__main__"}
    modules = [sys.modules[name] for name in names if name in sys.modules]
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        return cloudpickle.dumps(classes)
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)


def learn(kinds: bytes) -> None:
    """Register what `pickled_kinds` returned."""
    if kinds:
        for cls in pickle.loads(kinds):
            register(cls)


def packed(problem: UserProblem | None) -> bytes:
    """Return a problem with its functions, those of a notebook by value; empty for none.

    Raises:
        ValueError: Its model holds what cannot leave this process, such as an open file.
    """
    if problem is None:
        return b""
    import cloudpickle

    try:
        return cloudpickle.dumps(problem)
    except Exception as error:  # whatever a user's objects raise
        why = f"{type(error).__name__}: {error}"
        raise ValueError(f"problem {problem.name!r} cannot be sent to a worker process ({why})") from error


def unpacked(problem: bytes) -> UserProblem | None:
    """Return what `packed` was given."""
    return pickle.loads(problem) if problem else None
