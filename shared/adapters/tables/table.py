"""A table with the few operations that we need.

It creates the table on first use, and distinguishes a missing row and a conflict (optimistic concurrency) from faults.
"""

import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from azure.core import MatchConditions
from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient

from shared.flow import rows_read
from shared.logs import line
from shared.model.errors import Unavailable

T = TypeVar("T")
Row = dict[str, Any]
Operation = tuple[str, Mapping[str, Any]] | tuple[str, Mapping[str, Any], Mapping[str, Any]]

# The maximum number of operations in a transaction.
# https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions
BATCH_ROWS = 100
# The error codes of a conflict, as opposed to a fault.
CONFLICTS = {
    "EntityAlreadyExists",
    "ResourceNotFound",
    "EntityNotFound",
    "UpdateConditionNotSatisfied",
    "ConditionNotMet",
}

CODE = re.compile(r'"code":"(\w+)"')

log = logging.getLogger("chatr.storage")


class Conflict(Exception):
    """A transaction changed nothing, because the precondition of operation number ``index`` failed."""

    def __init__(self, code: str, index: int) -> None:
        super().__init__(f"{code} in operation {index}")
        self.code, self.index = code, index


class Table:
    """A table of the storage account. Versions are ETags. All methods may raise Unavailable."""

    def __init__(self, client: TableClient) -> None:
        self._client = client

    async def get(self, partition: str, row: str) -> Row | None:
        """A row, with its version as ``etag``, or None."""
        try:
            return _with_etag(await self._call(lambda: self._client.get_entity(partition, row)))
        except Conflict:
            return None

    async def insert(self, row: Row) -> str:
        """Adds a row and returns its version, or "" if its key is taken."""
        try:
            done = await self._call(lambda: self._client.create_entity(row))
        except Conflict:
            return ""
        return str(done["etag"])

    async def put(self, row: Row) -> str:
        """Writes a row unconditionally and returns its version."""
        done = await self._call(lambda: self._client.upsert_entity(row, mode=UpdateMode.REPLACE))
        return str(done["etag"])

    async def update(self, row: Row, version: str = "") -> str:
        """Replaces an existing row, if unchanged since ``version`` (if given); returns the new version, else ""."""
        try:
            done = await self._call(
                lambda: self._client.update_entity(row, mode=UpdateMode.REPLACE, **condition(version))
            )
        except Conflict:
            return ""
        return str(done["etag"])

    async def delete(self, partition: str, row: str) -> None:
        """Removes a row, if it exists."""
        await self._call(lambda: self._client.delete_entity(partition, row))

    async def take(self, partition: str, row: str, version: str) -> bool:
        """Removes a row; False if it has changed since ``version`` or is gone. Of two callers, one gets True.

        It uses a transaction of one operation, because the SDK's delete does not report that a row was already gone.
        """
        try:
            await self.transact([("delete", {"PartitionKey": partition, "RowKey": row}, condition(version))])
        except Conflict:
            return False
        return True

    async def page(self, partition: str, start: str, end: str, limit: int, columns: Sequence[str] = ()) -> list[Row]:
        """Up to ``limit`` rows of a partition with ``start`` <= key < ``end``, in key order."""
        return await self._call(lambda: self._page(partition, start, end, limit, columns))

    async def _page(self, partition: str, start: str, end: str, limit: int, columns: Sequence[str]) -> list[Row]:
        found: list[Row] = []
        pager = self._client.query_entities(
            "PartitionKey eq @partition and RowKey ge @start and RowKey lt @end",
            parameters={"partition": partition, "start": start, "end": end},
            results_per_page=min(limit, 1_000),
            select=list(columns) or None,
        )
        async for page in pager.by_page():
            found.extend([_with_etag(row) async for row in page])
            if len(found) >= limit:
                break
        return found[:limit]

    async def scan(
        self, wanted: str, values: Mapping[str, Any], columns: Sequence[str] = (), page_rows: int = 1_000
    ) -> AsyncIterator[Row]:
        """All rows of the table that match the filter ``wanted``, in key order, read page by page."""
        pages = self._client.query_entities(
            wanted, parameters=dict(values), select=list(columns) or None, results_per_page=page_rows
        ).by_page()
        while rows := await self._next(pages):
            for row in rows:
                yield row

    async def _next(self, pages: AsyncIterator[AsyncIterator[Any]]) -> list[Row]:
        """The next page that is not empty; empty at the end, and for a table that does not exist yet."""
        async with _outcomes():
            try:
                async for page in pages:
                    if rows := [_with_etag(row) async for row in page]:
                        return rows
            except HttpResponseError as error:
                if code_of(error) != "TableNotFound":
                    raise
        return []

    async def transact(self, operations: Sequence[Operation]) -> Sequence[Mapping[str, Any]]:
        """Performs all operations or none; raises Conflict if the precondition of one fails.

        Returns the result of each, with an ``etag`` if it wrote a row.
        """
        return await self._call(lambda: self._client.submit_transaction(operations))

    async def delete_rows(self, partition: str, rows: Sequence[str]) -> None:
        """Removes rows of one partition; some of them may be gone already."""
        for start in range(0, len(rows), BATCH_ROWS):
            batch = rows[start : start + BATCH_ROWS]
            try:
                await self.transact([("delete", {"PartitionKey": partition, "RowKey": row}) for row in batch])
            except Conflict:
                # Another process is removing them too. One by one, a missing row is no error.
                for row in batch:
                    await self.delete(partition, row)

    async def _call(self, call: Callable[[], Awaitable[T]]) -> T:
        async with _outcomes():
            try:
                return await call()
            except HttpResponseError as error:
                if code_of(error) != "TableNotFound":
                    raise
            await self._make()
            return await call()

    async def _make(self) -> None:
        try:
            await self._client.create_table()
        except ResourceExistsError:
            return


@asynccontextmanager
async def _outcomes() -> AsyncIterator[None]:
    """Converts the SDK's errors to Conflict and Unavailable."""
    try:
        yield
    except HttpResponseError as error:
        code = code_of(error)
        if code in CONFLICTS:
            raise Conflict(code, getattr(error, "index", 0)) from error
        log.error(line("Storage refused a request", status=error.status_code or 0, code=code))
        raise Unavailable from error
    except (AzureError, OSError, TimeoutError) as error:
        log.error(line("Storage is not responding", error=type(error).__name__))
        raise Unavailable from error


def code_of(error: HttpResponseError) -> str:
    """The storage service's code for an error; empty if it gave none."""
    code = getattr(error, "error_code", None)
    if code is None:
        # The SDK does not decode errors of inserts. The code is in the body, which is part of the text.
        named = CODE.search(str(error))
        return named.group(1) if named else ""
    return str(getattr(code, "value", code))


def condition(version: str) -> dict[str, Any]:
    """The SDK's arguments for "only if unchanged since ``version``"; none if that is empty."""
    return {"etag": version, "match_condition": MatchConditions.IfNotModified} if version else {}


def _with_etag(row: Any) -> Row:
    rows_read.add()
    return {**row, "etag": row.metadata["etag"]}
