"""JupyterLab as a user starts it, with one notebook open, and no network."""

from __future__ import annotations

import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
from playwright.sync_api import Page

KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}

ELSEWHERE = re.compile(r"^https?://(?!127\.0\.0\.1:)")
"""Requests that leave this machine."""

FIGURES = """(name) => {
  const found = []
  for (const doc of window.Bokeh?.documents ?? [])
    for (const model of doc._all_models.values())
      if (model.type == "Figure" && window.Bokeh.index.find_one_by_id(model.id)?.el.isConnected)
        for (const renderer of model.renderers)
          if (renderer.name == name && renderer.data_source.data.loss)
            found.push([...renderer.data_source.data.loss])
  return found
}"""
"""The losses of a run in each figure on the page that has them."""


class JupyterLab:
    """A server of JupyterLab with settings, kernels and files of its own.

    Args:
        folder: Where to keep them.
    """

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.token, self.files, self._log = secrets.token_hex(8), folder / "files", folder / "jupyter.log"
        self.files.mkdir()
        kept = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        own = {name: str(folder / name.lower()) for name in kept}
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
        command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={self.port}"]
        command += [f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={self.files}"]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                command, env=os.environ | own, cwd=folder, stdout=log, stderr=subprocess.STDOUT
            )

    def wait(self, seconds: float = 90.0) -> None:
        """Wait until the server answers."""
        end = time.monotonic() + seconds
        while True:
            try:
                urllib.request.urlopen(f"{self._url('api')}", timeout=5).close()
                return
            except OSError as error:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"JupyterLab does not answer ({error}):\n{self.log()}") from None
                time.sleep(0.1)

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}?token={self.token}"

    def log(self) -> str:
        """Return what the server has said."""
        return self._log.read_text(errors="replace")

    def stop(self) -> None:
        """End the server and its kernels."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def open(self, page: Page, *cells: str) -> None:
        """Open a new notebook of some cells of code."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(code) for code in cells], metadata={"kernelspec": KERNEL}
        )
        nbformat.write(notebook, self.files / "lab.ipynb")
        page.route(ELSEWHERE, lambda route: route.abort())
        page.goto(self._url("lab/tree/lab.ipynb"))
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
