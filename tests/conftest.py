"""Tests run in several processes (pytest-xdist), each of which computes with one thread."""

import os

if "PYTEST_XDIST_WORKER" in os.environ:  # set before torch is imported; servers and workers inherit it
    os.environ.setdefault("OMP_NUM_THREADS", "1")
