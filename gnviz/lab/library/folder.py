"""Where the page keeps runs: in a folder that the owner of the server names, or in the user's own."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import panel as pn

from gnviz.library import Library

VARIABLE = "GNVIZ_LIBRARY"
"""Environment variable that names the folder; set but empty: there is no library."""

ORIGINS = "--allow-websocket-origin", "BOKEH_ALLOW_WS_ORIGIN"
"""How an owner lets others reach a server: the option of `panel serve`, and Bokeh's environment variable."""


def library() -> Library | None:
    """Return the library of the session that calls; None if it has none.

    A server that others can reach has none unless its owner names a folder: whoever visits could read, fill
    and empty it.
    """
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Library(named) if named.strip() else None
    context: Any = pn.state.curdoc.session_context if pn.state.curdoc else None
    private = context is None or (at_home(context.request) and not opened(sys.argv, os.environ))
    return Library(data_folder() / "gnviz" / "library") if private else None


def at_home(request: Any) -> bool:
    """Return whether a page was asked for from this machine, by a name of its own, and by no proxy.

    Args:
        request: Tornado's; its address is that of the connection, its headers are what the visitor says.
    """
    headers: Mapping[str, str] = {name.lower(): value for name, value in dict(request.headers).items()}
    forwarded = any(name.startswith(("forwarded", "x-forwarded", "x-real-ip")) for name in headers)
    return not forwarded and _own_address(str(request.remote_ip)) and local(headers.get("host", ""))


def opened(arguments: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Return whether a server's command or environment lets pages of other hosts connect.

    Args:
        arguments: Of the command.
        environment: Of the process.
    """
    option, variable = ORIGINS
    named = [environment[variable]] if variable in environment else []
    for word, after in zip(arguments, [*arguments[1:], ""], strict=True):
        if word.partition("=")[0] == option:
            named.append(word.partition("=")[2] or after)
    return any(not local(host.strip()) for text in named for host in text.split(","))


def local(host: str) -> bool:
    """Return whether a host, with or without a port, is a name that a machine knows only itself by."""
    name = re.sub(r":\d+$", "", host).strip("[]").lower()
    return name == "localhost" or _own_address(name)


def _own_address(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def data_folder() -> Path:
    """Return where this system keeps a user's data."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
