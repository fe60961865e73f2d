"""Records the latest messages and webhook calls while a window is open, within limits.

The service calls it in the middle of a message's delivery, so it must cost next to nothing, even with thousands of
messages per second.
"""

import secrets
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from ..observer import Attempt, Sender, SentMessage
from ..protocol.messages import Content
from ..redaction import redacted
from .snapshot import shortened

KEPT = 300
# How many of a kind are recorded per period; more are only counted.
RATE_PERIOD_SECONDS = 0.2
ENTRIES_PER_PERIOD = 50
CONTENT_MAX_BYTES = 4096
BINARY_MAX_BYTES = 256

Entry = dict[str, Any]


class RingBuffer:
    """The latest entries of one kind. Entries that are only counted take a number, so readers see the gap."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._rows: deque[tuple[int, Entry]] = deque(maxlen=KEPT)
        self._period_ends = 0.0
        self._left = 0
        self.last = 0

    def admits(self) -> bool:
        """Counts one more entry; returns whether there is room to record it."""
        self.last += 1
        now = self._clock()
        if now >= self._period_ends:
            self._period_ends, self._left = now + RATE_PERIOD_SECONDS, ENTRIES_PER_PERIOD
        self._left -= 1
        return self._left >= 0

    def add(self, row: Entry) -> None:
        """Records the entry that was counted last."""
        self._rows.append((self.last, row))

    def add_again(self, row: Entry) -> None:
        """Records a later state of a recorded entry. There is always room for it."""
        self.last += 1
        self.add(row)

    def since(self, number: int) -> tuple[list[Entry], int]:
        """The entries after ``number``, oldest first, and how many are missing."""
        newer = [row for kept, row in self._rows if kept > number]
        return newer, self.last - number - len(newer)

    def clear(self) -> None:
        """Drops the entries; numbers continue."""
        self._rows.clear()


class Recorder:
    """An ``Observer``."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, now: Callable[[], float] = time.time) -> None:
        self._now = now
        # A new id shows a page that the stand-in was restarted, and numbers with it.
        self.run = secrets.token_hex(8)
        self.messages, self.calls = RingBuffer(clock), RingBuffer(clock)
        # The id of each call's entry; None if there was no room for it.
        self._under_way: dict[int, int | None] = {}

    def clear(self) -> None:
        """Drops everything."""
        self.messages.clear()
        self.calls.clear()
        self._under_way.clear()

    def sent(self, message: SentMessage) -> None:
        """Records a message with its content cut short."""
        if not self.messages.admits():
            return
        text, whole = content_preview(message.content)
        self.messages.add(
            {
                "id": self.messages.last,
                "time": self._now(),
                "hub": message.hub,
                "from": sender_entry(message.sender),
                "to": (message.to[0], shortened(message.to[1])),
                "type": message.content.data_type,
                "size": len(message.content.payload),
                "reached": message.count_receivers(),
                "content": text,
                "whole": whole,
                "metadata": dict(message.metadata),
            }
        )

    def attempted(self, attempt: Attempt) -> None:
        """Records an attempt when it begins, and again under the same id when it has ended."""
        if attempt.status is None and attempt.error is None:
            admitted = self.calls.admits()
            self._under_way[id(attempt)] = self.calls.last if admitted else None
            if admitted:
                self.calls.add(self._row(attempt, self.calls.last))
        elif id(attempt) in self._under_way:
            number = self._under_way.pop(id(attempt))
            if number is not None:
                self.calls.add_again(self._row(attempt, number))
        elif self.calls.admits():
            self.calls.add(self._row(attempt, self.calls.last))

    def _row(self, attempt: Attempt, number: int) -> Entry:
        headers = attempt.headers
        return {
            "id": number,
            "time": self._now() - attempt.milliseconds / 1000,
            "hub": headers["ce-hub"],
            "event": headers["ce-eventName"],
            "connection": headers["ce-connectionId"],
            "user": shortened(headers["ce-userId"]) if "ce-userId" in headers else None,
            "number": headers["ce-id"],
            "handler": redacted(attempt.url),
            "attempt": attempt.number,
            "ended": attempt.status is not None or attempt.error is not None,
            "status": attempt.status,
            "error": attempt.error,
            "milliseconds": attempt.milliseconds,
        }


def sender_entry(sender: Sender) -> Entry:
    """The sender of a message."""
    if isinstance(sender, str):
        return {"kind": sender}
    user = None if sender.user_id is None else shortened(sender.user_id)
    return {"kind": "client", "connection": sender.id, "user": user}


def content_preview(content: Content) -> tuple[str, bool]:
    """The start of a message's content as text (bytes in hexadecimal), and whether that is all of it."""
    if content.data_type in ("json", "text"):
        start = content.payload[:CONTENT_MAX_BYTES]
        # A character that was cut in the middle is left out.
        return start.decode(errors="ignore"), len(start) == len(content.payload)
    start = content.payload[:BINARY_MAX_BYTES]
    return start.hex(" "), len(start) == len(content.payload)
