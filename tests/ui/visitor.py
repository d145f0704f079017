"""A visitor that is no browser: it speaks Bokeh's protocol as one that paints at once, and takes no cores."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
import uuid
from collections.abc import Iterator
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect
from ui.serving import Server

PAINT = 0.03
"""Seconds after which a visitor says that an update has been painted."""

PATIENCE = 60.0
"""Most seconds that a visitor waits for anything."""

SLIDER, LOSS = "Conditioning", "loss"


class Visitor:
    """One open page.

    Args:
        server: Whose it is.
        query: The settings.

    Attributes:
        first: Seconds until the first picture; NaN: not yet.
        answers: Milliseconds from each press to other curves, and when that was.
        lost: Whether the connection broke.
    """

    def __init__(self, server: Server, query: str) -> None:
        self.first, self.answers, self.lost = float("nan"), list[tuple[float, float]](), False
        self._url, self._changed = f"{server.url}?{query}", asyncio.Event()
        self._writing = asyncio.Lock()
        self._models: dict[str, dict[str, Any]] = {}
        self._ids, self._there = {"viewport": "", "slider": ""}, False

    async def stay(self, until: float, every: float) -> None:
        """Open the page, and press its slider now and then, until a time of the monotonic clock."""
        begun = time.monotonic()
        page = (await AsyncHTTPClient().fetch(HTTPRequest(self._url, request_timeout=PATIENCE))).body.decode()
        token = re.search(r'"token":"([^"]+)"', page)
        assert token, "the page has no session"
        where = re.sub("^http", "ws", self._url.partition("?")[0]) + "/ws"
        self._socket = await websocket_connect(
            where, subprotocols=["bokeh", token[1]], max_message_size=2**30
        )
        await self._message()  # the server's greeting
        await self._send("PULL-DOC-REQ", {})
        reader = asyncio.create_task(self._read())
        await self._shown()
        self.first = time.monotonic() - begun
        while time.monotonic() < until and not self.lost:
            await asyncio.sleep(random.uniform(0.5, 1.5) * every)
            if time.monotonic() < until and not self.lost:
                await self._press()
        reader.cancel()
        await asyncio.sleep(2 * PAINT)
        self._socket.close()

    async def _press(self) -> None:
        model = self._models[self._ids["slider"]]
        low, high = float(model["start"]), float(model["end"])
        model["value"] = random.uniform(low + 0.2 * (high - low), high)
        self._changed.clear()
        sent = time.monotonic()
        await self._set("slider", "value", model["value"])
        await self._shown()
        self.answers.append((1e3 * (time.monotonic() - sent), sent))

    async def _shown(self) -> None:
        await asyncio.wait_for(self._changed.wait(), PATIENCE)

    async def _read(self) -> None:
        """Follow what the server sends."""
        while (message := await self._message()) is not None:
            kind, content = message
            if kind == "PULL-DOC-REPLY":
                self._learn(content["doc"])
                await self._ready()
            elif kind == "PATCH-DOC":
                for event in content["events"]:
                    self._learn(event)
                    if event.get("attr") == "sent":
                        asyncio.get_running_loop().call_later(PAINT, self._painted, event["new"])
            if self._ids["viewport"] and not self._there:
                self._there = True
                await self._come()
            tables = [table for event in content.get("events", ()) for table in _tables(event)]
            if any(LOSS in str(table) for table in tables):
                self._changed.set()
        self.lost = True

    def _painted(self, number: int) -> None:
        if not self.lost:
            self._said = asyncio.create_task(self._set("viewport", "seen", number))

    def _learn(self, part: Any) -> None:
        """Find the models that a visitor speaks to, and whether there is a curve."""
        for model in _objects(part):
            known = model.get("attributes", {})
            if str(model.get("name")).startswith("Viewport"):
                self._ids["viewport"] = model["id"]
            elif str(known.get("label", "")).startswith(SLIDER) and "start" in known:
                self._ids["slider"], self._models[model["id"]] = model["id"], known
            elif LOSS in str(known.get("data", ""))[:10000] and "selected" in known:
                self._changed.set()

    async def _ready(self) -> None:
        """Say that the document is there."""
        ready = {"type": "event", "name": "document_ready", "values": {"type": "map"}}
        said = {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": ready}
        await self._send("PATCH-DOC", {"events": [said]})

    async def _come(self) -> None:
        """Say what a browser says once it has drawn the pictures."""
        for name, value in (("pixels", 1400), ("near", ["loss", "learned"]), ("drawn", 1e3 * time.time())):
            await self._set("viewport", name, value)

    async def _set(self, model: str, name: str, value: Any) -> None:
        change = {"kind": "ModelChanged", "model": {"id": self._ids[model]}, "attr": name, "new": value}
        await self._send("PATCH-DOC", {"events": [change]})

    async def _send(self, kind: str, content: Any) -> None:
        async with self._writing:
            for part in ({"msgid": uuid.uuid4().hex, "msgtype": kind}, {}, content):
                await self._socket.write_message(json.dumps(part))

    async def _message(self) -> tuple[str, Any] | None:
        """Return the next message's kind and content; None: the connection is gone."""
        parts: list[Any] = []
        left = 3
        while left:
            part = await self._socket.read_message()
            if part is None:
                return None
            parts.append(part)
            left -= 1
            if len(parts) == 1:
                left += 2 * json.loads(part).get("num_buffers", 0)
        return json.loads(parts[0])["msgtype"], json.loads(parts[2])


def _objects(part: Any) -> Iterator[dict[str, Any]]:
    """Yield all models that are described in a message, however deep."""
    if isinstance(part, dict):
        if "attributes" in part and "id" in part:
            yield part
        for inner in part.values():
            yield from _objects(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _objects(inner)


def _tables(event: dict[str, Any]) -> Iterator[Any]:
    """Yield the columns that an event changes."""
    if event["kind"] in ("ColumnsPatched", "ColumnsStreamed", "ColumnDataChanged"):
        yield from (event.get("patches"), event.get("data"), event.get("new"))
    elif event.get("attr") == "data":
        yield event.get("new")
