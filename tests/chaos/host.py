"""A Functions host whose clock is wrong: ``python -m tests.chaos.host PORT SECONDS_AHEAD``."""

import asyncio
import sys
import time
from datetime import datetime, timedelta, tzinfo
from typing import Self

import jwt.api_jwt

from local.configuration import read_all
from local.functions.host import serve
from tests.stack import ROOT


def be_ahead(seconds: int) -> None:
    """Shifts the clock of this process, for our code and for the token library."""
    exact, whole = time.time, time.time_ns

    class AnyDatetime(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, datetime)

    class Ahead(datetime, metaclass=AnyDatetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(seconds=seconds)

    time.time = lambda: exact() + seconds
    time.time_ns = lambda: whole() + seconds * 1_000_000_000
    jwt.api_jwt.datetime = Ahead  # type: ignore[attr-defined]


if __name__ == "__main__":
    be_ahead(int(sys.argv[2]))
    asyncio.run(serve(ROOT, read_all(ROOT), int(sys.argv[1]), ()))
