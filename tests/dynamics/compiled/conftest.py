"""These tests are of compiled code: the first of a machine waits until it is."""

import pytest

from gnviz.dynamics.compiled.machine import ready


@pytest.fixture(scope="session", autouse=True)
def _compiled():
    for clock in ready.CLOCKS:
        ready.wait(clock)


def pytest_collection_modifyitems(items):
    for item in items:
        if "dynamics/compiled" in str(item.path):
            item.add_marker(pytest.mark.timeout(1200))  # a minute on a free core
