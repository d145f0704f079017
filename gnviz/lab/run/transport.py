"""The transport bar: run, pause, step, cancel and progress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn

from gnviz.jobs.base import JobStatus
from gnviz.lab.look.button import Button
from gnviz.lab.look.layout import WIDE, flow, sheet, stack, text
from gnviz.lab.run.live import LiveRun

STATES = {
    None: "",
    JobStatus.WAITING: "waiting for a free worker",
    JobStatus.RUNNING: "running",
    JobStatus.PAUSED: "paused",
    JobStatus.FINISHED: "finished",
    JobStatus.CANCELLED: "cancelled",
    JobStatus.FAILED: "could not run",
    JobStatus.LOST: "lost its worker",
}


BUTTON = 92
"""Pixels: a button must not move its neighbours when its label changes."""


class Transport(pn.viewable.Viewer):
    """Buttons that steer a `LiveRun`, and where it is.

    Args:
        live: The run to steer.
        run: Called for Run (with `paused=False`) and for a step where no run is under way (`paused=True`).
        extra: Further buttons for the end of the bar.
    """

    def __init__(self, live: LiveRun, run: Callable[..., None], *extra: Any, **params: Any) -> None:
        super().__init__(**params)
        self._live, self._extra = live, extra
        go, hold, on, end = (
            "Train with the settings as they are",
            "Hold the training; press again to go on",
            "Compute the next moment and hold; after the end, begin anew",
            "End the training; what is drawn stays",
        )
        size = {"width": BUTTON}
        self.run = Button("Run", lambda: run(paused=False), icon="run", kind="strong", help=go, **size)
        self.pause = Button("Pause", self._then(live.pause_or_resume), icon="pause", help=hold, **size)
        self.step = Button("Step", self._step, icon="step", help=on, **size)
        self.cancel = Button("Cancel", self._then(live.cancel), icon="stop", kind="bad", help=end, **size)
        self.text = text("", "line", margin=(0, 6), **WIDE)
        self._run = run

    def _then(self, act: Callable[[], None]) -> Callable[[], None]:
        """Return what does something and shows where the run stands then."""

        def both() -> None:
            act()
            self.refresh()

        return both

    def _step(self) -> None:
        if not self._live.active:
            return self._run(paused=True)
        self._live.step()
        self.refresh()

    def refresh(self) -> None:
        """Show where the run stands."""
        live = self._live
        share, words = live.progress()
        paused, counted = live.status == JobStatus.PAUSED, f"{live.count} moments"
        self.text.object = (
            gauge("starting" if paused and not live.count else STATES[live.status], words, share, counted)
            if live.status is not None
            else ""
        )
        self.pause.param.update(
            label="Go on" if paused else "Pause",
            icon="run" if paused else "pause",
            disabled=not live.active,
        )
        self.cancel.disabled = not live.active

    def __panel__(self) -> pn.viewable.Viewable:
        gauge = stack(self.text, styles={"flex": "1 1 240px"})
        buttons = (self.run, self.pause, self.step, self.cancel)
        bar = flow(*buttons, gauge, *self._extra, gap="4px", margin=(4, 6))
        return sheet(bar, margin=(0, 0, 6, 0))


def gauge(state: str, words: str, share: float, counted: str, kind: str = "gauge") -> str:
    """Return where a run stands, in words over a progress bar of `share` percent, as HTML.

    Args:
        state: In a word.
        words: More of it.
        share: What is done.
        counted: What is read aloud of the bar.
        kind: Class of the words.

    Material's bar would not do: its component sends back each value that it has drawn, and where a slow
    browser does so after the next value has come, as at a run's end, the older one wins for good.
    """
    track = "height: 4px; margin-top: 6px; background: rgba(128, 135, 145, 0.3)"
    done = f"height: 4px; width: {share:.1f}%; background: var(--mui-palette-primary-main, #0072b5)"
    said = f"aria-label='Progress' aria-valuenow='{share:.0f}' aria-valuetext='{counted}'"
    bar = f"<div role='progressbar' {said} style='{track}'>"
    return f"<span class='{kind}'><b>{state}</b> · {words}</span>{bar}<div style='{done}'></div></div>"
