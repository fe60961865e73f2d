"""Events that were processed: a partition per connection, a row per event id."""

from shared.adapters.tables.keys import key
from shared.adapters.tables.table import Row, Table
from shared.model.records import Performed

# A text property holds 32,768 UTF-16 code units, and a character may take two; a row holds 1 MiB.
# https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
PIECE_CHARACTERS = 16_000
ANSWER = "answer"


class Events:
    """Implements ``ports.store.EventStore``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def read(self, connection_id: str, event_id: str) -> Performed | None:
        row = await self._table.get(key(connection_id), key(event_id))
        if row is None:
            return None
        return Performed(connection_id, event_id, row["digest"], _answer(row), int(row["time"]))

    async def remember(self, performed: Performed) -> None:
        keys = {"PartitionKey": key(performed.connection_id), "RowKey": key(performed.event_id)}
        ids = {"connection": performed.connection_id, "event": performed.event_id}
        content = {**ids, "digest": performed.digest, "time": str(performed.time)}
        await self._table.put({**keys, **content, **_pieces(performed.answer)})

    async def forget(self, connection_id: str, event_id: str) -> None:
        await self._table.delete(key(connection_id), key(event_id))


def _pieces(answer: str) -> Row:
    starts = range(0, len(answer), PIECE_CHARACTERS)
    return {f"{ANSWER}{at // PIECE_CHARACTERS}": answer[at : at + PIECE_CHARACTERS] for at in starts}


def _answer(row: Row) -> str:
    count = sum(name.startswith(ANSWER) for name in row)
    return "".join(row[f"{ANSWER}{number}"] for number in range(count))
