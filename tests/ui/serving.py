"""The server under test, as a user starts it, and the browser that visits it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",  # as in containers
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LEFT = "4000"
"""Milliseconds until a session whose browser has gone is ended: soon, to free its worker."""


def find_chromium() -> str | None:
    """Return the path of a browser, from GNVIZ_CHROMIUM or the usual names; None if there is none."""
    candidates = filter(None, (os.environ.get("GNVIZ_CHROMIUM"), *BROWSERS))
    return next(filter(None, map(shutil.which, candidates)), None)


class Server:
    """`panel serve app` as a user starts it, with its log.

    Args:
        folder: Where its log and its library are.
        port: Where it listens; 0: where nobody does.
        plugins: What it answers beside the page and its health, as Panel's option has it.
    """

    def __init__(self, folder: Path, port: int = 0, plugins: Sequence[str] = ()) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = port or free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/app"
        self._log = folder / "server.log"
        command = [sys.executable, "-m", "panel", "serve", "app", "--address", "127.0.0.1"]
        command += ["--port", str(self.port), "--unused-session-lifetime", LEFT]
        command += ["--check-unused-sessions", LEFT, "--plugins", "gnviz.lab.server.health"]
        command += [word for plugin in plugins for word in ("--plugins", plugin)]
        with self._log.open("ab") as log:
            path = os.pathsep.join(filter(None, (str(ROOT / "tests"), os.environ.get("PYTHONPATH"))))
            own = os.environ | {"GNVIZ_LIBRARY": str(folder / "library"), "PYTHONPATH": path}
            self.process = subprocess.Popen(command, cwd=ROOT, env=own, stdout=log, stderr=subprocess.STDOUT)

    def wait(self, seconds: float = 90.0) -> None:
        """Wait until the server answers."""
        end = time.monotonic() + seconds
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/favicon.ico", timeout=5).close()
                return
            except OSError as error:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"the server does not answer ({error}):\n{self.log()}") from None
                time.sleep(0.1)

    def log(self, start: int = 0) -> str:
        """Return the log from a position on."""
        return self._log.read_bytes()[start:].decode(errors="replace")

    def stop(self) -> int:
        """End the server as a service manager does; return its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


def errors(log: str) -> list[str]:
    """Return the log's entries that tell of an error in the server.

    Bokeh logs an AssertionError of its own when a message that the browser sent just before it
    left is handled afterwards (`ServerConnection.session` is gone): nobody is left to be harmed.
    """
    entries = re.split(r"^(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", log, flags=re.MULTILINE)
    bad = [e for e in entries if "Traceback" in e or "ERROR" in e]
    return [e for e in bad if not re.search(r"assert self\._session is not None[\s^]+AssertionError\s*$", e)]
