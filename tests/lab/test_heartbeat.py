"""The heartbeat: it beats from when a browser draws the laboratory until nobody shows it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import panel as pn
import pytest
from bokeh.document import Document
from pyviz_comms import Comm

from gnviz.jobs.base import JobStatus
from gnviz.lab.heartbeat import FAILED
from gnviz.lab.laboratory import Laboratory


@pytest.fixture
def lab(runner):
    laboratory = Laboratory(runner=runner)
    laboratory.start()
    return laboratory


def in_a_loop(test):
    """Run a test in an event loop, as a notebook's kernel has one; this thread may have another."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, test).result()


async def until(condition):
    while not condition():
        await asyncio.sleep(0.01)


def losses(lab):
    source = lab.board.figures["loss"].sources.get("gradient-flow")
    return 0 if source is None else len(source.data["loss"])


def test_it_beats_while_it_is_shown_and_then_cancels(lab, runner):
    async def shown():
        view = pn.panel(lab)
        root = view.get_root(Document(), Comm())
        runner.jobs[0].compute(3)
        assert not losses(lab), "nobody looks yet"
        lab.viewport.drawn = 1.0
        await until(lambda: losses(lab) == 2)
        runner.jobs[0].compute(4)
        await until(lambda: losses(lab) == 6)
        assert lab.live.active
        view._cleanup(root)  # as Panel does for the output of a cell that is cleared
        await until(lambda: not lab.live.active)
        assert runner.jobs[0].status == JobStatus.CANCELLED
        assert not lab._heart.beats

    in_a_loop(shown())


def test_two_views_share_one_beat_which_ends_with_the_last(lab):
    async def shown():
        views = [pn.panel(lab), pn.panel(lab)]
        roots = [view.get_root(Document(), Comm()) for view in views]
        lab.viewport.drawn = 1.0
        beat = lab._heart._callback
        lab.viewport.drawn = 2.0
        assert lab._heart._callback is beat
        views[0]._cleanup(roots[0])
        await asyncio.sleep(0)
        assert not lab.viewport.gone
        assert beat.running
        views[1]._cleanup(roots[1])
        await until(lambda: not beat.running)

    in_a_loop(shown())


def test_shown_again_it_beats_again(lab, runner):
    async def shown():
        view = pn.panel(lab)
        root = view.get_root(Document(), Comm())
        lab.viewport.drawn = 1.0
        view._cleanup(root)
        await until(lambda: not lab._heart.beats)
        view.get_root(Document(), Comm())
        lab.viewport.drawn = 2.0
        lab.start()
        runner.jobs[-1].compute(3)
        await until(lambda: losses(lab) == 2)
        lab._heart.end()

    in_a_loop(shown())


def test_a_beat_that_fails_is_logged_and_told_and_the_next_ones_come(lab, runner, monkeypatch, caplog):
    tick, broken = lab.tick, [True]

    def sometimes(**how):
        if broken and broken.pop():
            raise ZeroDivisionError("of a figure")
        return tick(**how)

    async def shown():
        monkeypatch.setattr(lab, "tick", sometimes)
        view = pn.panel(lab)
        root = view.get_root(Document(), Comm())
        runner.jobs[0].compute(3)
        lab.viewport.drawn = 1.0
        await until(lambda: lab.complaint.message == FAILED)
        await until(lambda: losses(lab) == 2)
        view._cleanup(root)

    in_a_loop(shown())
    assert "ZeroDivisionError: of a figure" in caplog.text
