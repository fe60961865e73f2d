"""A removal, and helpers to find removals."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from shared.backend import Backend
from shared.flow.concurrency import AT_ONCE, each
from shared.model.records import Page

T = TypeVar("T")


@dataclass(frozen=True)
class Removal:
    """The number of rows, and the function that removes them, which returns False if there was nothing left to remove.

    Finding removals changes nothing. Removing checks again, and can be retried after a fault at any point.
    """

    rows: int
    go: Callable[[], Awaitable[bool]]


# Finds the removals of one kind. The int is the preferred maximum of rows per removal, for those that can be split.
Find = Callable[[Backend, int], AsyncIterator[Removal]]


async def chosen(items: AsyncIterator[T], verdict: Callable[[T], Awaitable[Removal | None]]) -> AsyncIterator[Removal]:
    """The removals that ``verdict`` returns for the items, a batch of which is checked concurrently."""
    async for some in batches(items):
        for found in await each(some, verdict):
            if found is not None:
                yield found


async def batches(items: AsyncIterator[T], size: int = AT_ONCE) -> AsyncIterator[list[T]]:
    """The items in lists of ``size``, the last one shorter."""
    batch: list[T] = []
    async for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


async def everything(page_behind: Callable[[str], Awaitable[Page[T]]]) -> AsyncIterator[T]:
    """All items of a paged list."""
    after = ""
    while True:
        page = await page_behind(after)
        for item in page.items:
            yield item
        if not page.next:
            return
        after = page.next
