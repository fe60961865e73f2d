"""One table with the few operations we need, each with a named outcome.

Owns making the table on first use and telling "not there" and "somebody was faster" apart from faults. Must not know
what rows mean.
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

# The most that one transaction may hold.
# https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions
BATCH_ROWS = 100
# Outcomes that mean "not as you thought", as opposed to a fault.
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
    """A transaction changed nothing because its operation number ``index`` did not find what it expected."""

    def __init__(self, code: str, index: int) -> None:
        super().__init__(f"{code} in operation {index}")
        self.code, self.index = code, index


class Table:
    """A table of the storage account. All methods may raise Unavailable."""

    def __init__(self, client: TableClient) -> None:
        self._client = client

    async def get(self, partition: str, row: str) -> Row | None:
        """One row, with its version as ``etag``."""
        try:
            return _with_etag(await self._call(lambda: self._client.get_entity(partition, row)))
        except Conflict:
            return None

    async def insert(self, row: Row) -> str:
        """Adds a row; returns its version, "" when its key is taken."""
        try:
            done = await self._call(lambda: self._client.create_entity(row))
        except Conflict:
            return ""
        return str(done["etag"])

    async def put(self, row: Row) -> str:
        """Writes a row, whatever was there; returns its version."""
        done = await self._call(lambda: self._client.upsert_entity(row, mode=UpdateMode.REPLACE))
        return str(done["etag"])

    async def update(self, row: Row, version: str = "") -> str:
        """Replaces a row that is there, unchanged since ``version`` if given; returns its new version, else ""."""
        try:
            done = await self._call(
                lambda: self._client.update_entity(row, mode=UpdateMode.REPLACE, **condition(version))
            )
        except Conflict:
            return ""
        return str(done["etag"])

    async def delete(self, partition: str, row: str) -> None:
        """Removes a row; nothing happens when it is not there."""
        await self._call(lambda: self._client.delete_entity(partition, row))

    async def take(self, partition: str, row: str, version: str) -> bool:
        """Removes a row; False when it changed since ``version`` or is gone, so that of two only one has removed it.

        A transaction of one, because the SDK's own call does not tell a row that was gone already.
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
        """All rows of the table that fit the filter ``wanted``, in the order of their keys, read a page at a time."""
        pages = self._client.query_entities(
            wanted, parameters=dict(values), select=list(columns) or None, results_per_page=page_rows
        ).by_page()
        while rows := await self._next(pages):
            for row in rows:
                yield row

    async def _next(self, pages: AsyncIterator[AsyncIterator[Any]]) -> list[Row]:
        """The next page that is not empty; an empty one at the end, and for a table that was never made."""
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
        """Does all operations or none; raises Conflict when one did not find what it expected.

        Returns what each has done: with an ``etag``, where it wrote a row.
        """
        return await self._call(lambda: self._client.submit_transaction(operations))

    async def delete_rows(self, partition: str, rows: Sequence[str]) -> None:
        """Removes rows of one partition, some of which may be gone."""
        for start in range(0, len(rows), BATCH_ROWS):
            batch = rows[start : start + BATCH_ROWS]
            try:
                await self.transact([("delete", {"PartitionKey": partition, "RowKey": row}) for row in batch])
            except Conflict:
                # Somebody else is removing them too: one by one, a missing row does no harm.
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
    """Turns the SDK's errors into Conflict and Unavailable."""
    try:
        yield
    except HttpResponseError as error:
        code = code_of(error)
        if code in CONFLICTS:
            raise Conflict(code, getattr(error, "index", 0)) from error
        log.error(line("Storage refused a call", status=error.status_code or 0, code=code))
        raise Unavailable from error
    except (AzureError, OSError, TimeoutError) as error:
        log.error(line("Storage does not answer", error=type(error).__name__))
        raise Unavailable from error


def code_of(error: HttpResponseError) -> str:
    """The storage service's own name for an error; empty when it gave none."""
    code = getattr(error, "error_code", None)
    if code is None:
        # The SDK leaves inserts' errors undecoded; the name stands in the body, which is part of the text.
        named = CODE.search(str(error))
        return named.group(1) if named else ""
    return str(getattr(code, "value", code))


def condition(version: str) -> dict[str, Any]:
    """The SDK's way to say "only if it is still as in ``version``"."""
    return {"etag": version, "match_condition": MatchConditions.IfNotModified} if version else {}


def _with_etag(row: Any) -> Row:
    rows_read.add()
    return {**row, "etag": row.metadata["etag"]}
