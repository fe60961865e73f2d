"""How many rows a call has read from storage, in all that it does at the same time. Must not know what a row costs."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Count:
    """Of one call."""

    rows: int = 0


_count: ContextVar[Count | None] = ContextVar("rows read", default=None)


@contextmanager
def counted() -> Iterator[Count]:
    """Counts what is read inside, also by tasks that are started there."""
    count = Count()
    token = _count.set(count)
    try:
        yield count
    finally:
        _count.reset(token)


def add(rows: int = 1) -> None:
    """Counts rows for the call that reads them, if any does."""
    if count := _count.get():
        count.rows += rows
