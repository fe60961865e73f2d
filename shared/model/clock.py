"""The backend's time: whole microseconds since 1970, in UTC."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], int]

SECOND = 1_000_000
MILLISECOND = 1_000
# The most by which the clocks of two instances may differ: each may be off by 5 s.
SKEW = 10 * SECOND


def now() -> int:
    """The time in microseconds since 1970."""
    return time.time_ns() // 1_000


def iso(moment: int) -> str:
    """``moment`` (microseconds) as ISO 8601 in UTC with milliseconds: ``2026-01-01T00:00:00.000Z``."""
    seconds, rest = divmod(moment, SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest // MILLISECOND:03d}Z"
