"""The event stream of an open window: everything at first, then the changes, a few times per second.

Nothing waits for a window. Each stream polls the recorder and the hubs after it has sent the previous changes. A slow
window misses entries, and one that does not read is dropped.
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
# Searching very many connections takes a while. The pause in proportion leaves the event loop to the clients.
PAUSE_FACTOR = 20
KEEP_ALIVE_SECONDS = 15
SLOW_SECONDS = 10
KEEP_ALIVE = b":\n\n"


@dataclass
class View:
    """What a window asked for and has seen. Without ``contents`` it gets messages without their content."""

    hub: str
    find: str
    contents: bool
    seen: Snapshot = field(default_factory=Snapshot)
    seen_messages: int = 0
    seen_calls: int = 0

    def first(self, service: Service, recorder: Recorder) -> dict[str, Any]:
        """Everything; ``may_act``: whether this window may use actions."""
        news = self.next(service, recorder)
        # The window did not miss what happened before it was opened.
        for kind in ("messages", "calls"):
            news.setdefault(kind, {})["missed"] = 0
        return {"first": True, "run": recorder.run, "may_act": self.contents, **news}

    def next(self, service: Service, recorder: Recorder) -> dict[str, Any]:
        """The changes since the last call; empty if there are none."""
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


def entries_since(recorded: RingBuffer, number: int, contents: bool) -> dict[str, Any]:
    """The entries after ``number``, without their content unless ``contents``."""
    rows, missed = recorded.since(number)
    return {"set": rows if contents else [without_content(row) for row in rows], "missed": missed}


def without_content(row: Entry) -> Entry:
    """A message without content and metadata."""
    return {**row, "content": None, "metadata": {}}


async def run(
    request: web.BaseRequest, response: web.StreamResponse, service: Service, recorder: Recorder, view: View
) -> None:
    """Sends changes until the window is closed. It is cancelled when the stand-in stops."""
    await response.prepare(request)
    look, told_at = view.first, time.monotonic()
    # The transport closes as soon as the page does.
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
    """Writes with a time-out, after which the window is dropped."""
    try:
        async with asyncio.timeout(SLOW_SECONDS):
            await response.write(frame)
    except TimeoutError:
        log.write("window", "window: a page that does not read was dropped")
        if request.transport is not None:
            request.transport.abort()
    except ConnectionError:
        # The page was closed; the loop ends because the transport is closing.
        return
