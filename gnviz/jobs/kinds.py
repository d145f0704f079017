"""Classes that a process has registered, on their way to a worker."""

from __future__ import annotations

import pickle
import sys

from gnviz.knobs.registry import REGISTRIES, register


def told() -> bytes:
    """Return the classes that only this process has, with all that they need; empty if there are none.

    They go by value, whatever module they are from: a worker need not find it.
    """
    classes = [cls for registry in REGISTRIES for cls in registry.added]
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
    """Register what `told` returned."""
    if kinds:
        for cls in pickle.loads(kinds):
            register(cls)
