"""What one open window is told: everything at first, then what changed, a few times a second.

Nothing waits for a window: each reads where the recorder and the hubs stand whenever it has been sent what was before.
One that reads too slowly misses what the recorder no longer has, and one that does not read at all is dropped.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from ..log import Log
from ..service import Service
from .recorder import Entry, Recorder, RingBuffer
from .snapshot import Snapshot, changes, take_snapshot

REFRESH_SECONDS = 0.2
# Among very many connections it takes a while to look for a name: clients get the rest of the time.
PAUSE_FACTOR = 20
KEEP_ALIVE_SECONDS = 15
SLOW_SECONDS = 10
KEEP_ALIVE = b":\n\n"


@dataclass
class View:
    """What a window asked to see, and how far it has seen it. Without ``contents`` no message shows what it says."""

    hub: str
    find: str
    contents: bool
    seen: Snapshot = field(default_factory=Snapshot)
    seen_messages: int = 0
    seen_calls: int = 0

    def first(self, service: Service, recorder: Recorder) -> dict[str, Any]:
        """Everything that is there; ``may_act`` says whether this window may do more than look."""
        news = self.next(service, recorder)
        # What passed before this window was opened is nothing it missed.
        for kind in ("messages", "calls"):
            news.setdefault(kind, {})["missed"] = 0
        return {"first": True, "run": recorder.run, "may_act": self.contents, **news}

    def next(self, service: Service, recorder: Recorder) -> dict[str, Any]:
        """What has changed since; empty where nothing has."""
        snapshot = take_snapshot(service.hubs(), service.settings.handlers, self.hub, self.find)
        news = changes(self.seen, snapshot)
        self.seen = snapshot
        if recorder.messages.last != self.seen_messages:
            news["messages"] = entries_since(recorder.messages, self.seen_messages, self.contents)
            self.seen_messages = recorder.messages.last
        if recorder.calls.last != self.seen_calls:
            news["calls"] = entries_since(recorder.calls, self.seen_calls, True)
            self.seen_calls = recorder.calls.last
        return news


def entries_since(tape: RingBuffer, number: int, contents: bool) -> dict[str, Any]:
    """What is on a tape after ``number``."""
    rows, missed = tape.since(number)
    return {"set": rows if contents else [without_content(row) for row in rows], "missed": missed}


def without_content(row: Entry) -> Entry:
    """A message without what it says."""
    return {**row, "content": None, "metadata": {}}


async def run(
    request: web.BaseRequest, response: web.StreamResponse, service: Service, recorder: Recorder, view: View
) -> None:
    """Tells a window what happens until it is closed; cancelled when the stand-in ends."""
    await response.prepare(request)
    look, told_at = view.first, time.monotonic()
    # The transport is gone as soon as the page is.
    while request.transport is not None and not request.transport.is_closing():
        started = time.monotonic()
        news = look(service, recorder)
        look, took = view.next, time.monotonic() - started
        if news or started - told_at > KEEP_ALIVE_SECONDS:
            await write(
                request, response, b"data: " + msgspec.json.encode(news) + b"\n\n" if news else KEEP_ALIVE, service.log
            )
            told_at = started
        await asyncio.sleep(max(REFRESH_SECONDS, took * PAUSE_FACTOR))


async def write(request: web.BaseRequest, response: web.StreamResponse, frame: bytes, log: Log) -> None:
    """Writes once there is room, and drops a window that makes none."""
    try:
        async with asyncio.timeout(SLOW_SECONDS):
            await response.write(frame)
    except TimeoutError:
        log.write("window", "window: a page that does not read was let go")
        if request.transport is not None:
            request.transport.abort()
    except ConnectionError:
        # It is gone, as the transport says from now on.
        return
