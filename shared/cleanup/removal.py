"""Something that is to go, and how such things are sought. Must not know what they are."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from shared.backend import Backend
from shared.flow.concurrency import AT_ONCE, each
from shared.model.records import Page

T = TypeVar("T")


@dataclass(frozen=True)
class Removal:
    """How many rows it is, and what removes them; that answers False when there was nothing to remove any more.

    Seeking changes nothing. Removing looks again, and may be repeated after a fault at any point.
    """

    rows: int
    go: Callable[[], Awaitable[bool]]


# Seeks one kind; no removal it comes to should be of more than so many rows where it can be split.
Find = Callable[[Backend, int], AsyncIterator[Removal]]


async def chosen(items: AsyncIterator[T], verdict: Callable[[T], Awaitable[Removal | None]]) -> AsyncIterator[Removal]:
    """The removals that ``verdict`` comes to, a handful of items at a time."""
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
    """All items of a list that is read in pages."""
    after = ""
    while True:
        page = await page_behind(after)
        for item in page.items:
            yield item
        if not page.next:
            return
        after = page.next
