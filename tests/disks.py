"""A full disk, as the system presents it."""

import contextlib
import signal

import pytest


@contextlib.contextmanager
def full_disk(room: int = 4096):
    """Let no file grow beyond `room` bytes: writing more is an OSError, as on a full disk."""
    resource = pytest.importorskip("resource", reason="this system has no limit on the size of files")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
