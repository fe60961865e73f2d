"""Time as the backend counts it: whole microseconds since 1970, UTC. Must not know what is timed."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], int]

SECOND = 1_000_000
MILLISECOND = 1_000
# How far apart the clocks of two instances may be, each of which may be 5 s wrong.
SKEW = 10 * SECOND


def now() -> int:
    """The time in microseconds since 1970."""
    return time.time_ns() // 1_000


def iso(moment: int) -> str:
    """``moment`` (microseconds) as ISO 8601 in UTC with milliseconds: ``2026-01-01T00:00:00.000Z``."""
    seconds, rest = divmod(moment, SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest // MILLISECOND:03d}Z"
