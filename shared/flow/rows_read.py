"""Counts the rows that a call reads from storage, including those read by tasks it starts."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Count:
    """The count of one call."""

    rows: int = 0


_count: ContextVar[Count | None] = ContextVar("rows read", default=None)


@contextmanager
def counted() -> Iterator[Count]:
    """Counts the rows that are read inside the block, also by tasks that are started there."""
    count = Count()
    token = _count.set(count)
    try:
        yield count
    finally:
        _count.reset(token)


def add(rows: int = 1) -> None:
    """Adds to the count of the current call, if there is one."""
    if count := _count.get():
        count.rows += rows
