"""What one open window is told: everything at first, then what changed, a few times a second.

Nothing waits for a window: each reads where the recorder and the hubs stand whenever it has been sent what was before.
One that reads too slowly misses what the recorder no longer has, and one that does not read at all is dropped.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiohttp import web

from emulator.service import Service
from emulator.window.picture import Picture, changes, taken
from emulator.window.recorder import Recorder, Row, Tape

PERIOD_SECONDS = 0.2
BEAT_SECONDS = 15
SLOW_SECONDS = 10
BEAT = b":\n\n"


@dataclass
class View:
    """What a window asked to see, and how far it has seen it. Without ``contents`` no message shows what it says."""

    hub: str
    find: str
    contents: bool
    seen: Picture = field(default_factory=Picture)
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
        picture = taken(service.hubs(), service.settings.handlers, self.hub, self.find)
        news = changes(self.seen, picture)
        self.seen = picture
        if recorder.messages.last != self.seen_messages:
            news["messages"] = told(recorder.messages, self.seen_messages, self.contents)
            self.seen_messages = recorder.messages.last
        if recorder.calls.last != self.seen_calls:
            news["calls"] = told(recorder.calls, self.seen_calls, True)
            self.seen_calls = recorder.calls.last
        return news


def told(tape: Tape, number: int, contents: bool) -> dict[str, Any]:
    """What is on a tape after ``number``."""
    rows, missed = tape.since(number)
    return {"set": rows if contents else [without_content(row) for row in rows], "missed": missed}


def without_content(row: Row) -> Row:
    """A message without what it says."""
    return {**row, "content": None, "metadata": {}}


async def run(
    request: web.BaseRequest, response: web.StreamResponse, service: Service, recorder: Recorder, view: View
) -> None:
    """Tells a window what happens until it is closed; cancelled when the stand-in ends."""
    loop = asyncio.get_running_loop()
    await response.prepare(request)
    news = view.first(service, recorder)
    told_at = loop.time()
    # The transport is gone as soon as the page is.
    while request.transport is not None and not request.transport.is_closing():
        if news or loop.time() - told_at > BEAT_SECONDS:
            frame = b"data: " + msgspec.json.encode(news) + b"\n\n" if news else BEAT
            try:
                async with asyncio.timeout(SLOW_SECONDS):
                    await response.write(frame)
            except TimeoutError:
                service.log.write("window: a page that does not read was let go")
                request.transport.abort()
                return
            except ConnectionError:
                return
            told_at = loop.time()
        await asyncio.sleep(PERIOD_SECONDS)
        news = view.next(service, recorder)
