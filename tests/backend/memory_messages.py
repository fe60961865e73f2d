"""The history of chats in memory."""

from dataclasses import replace

from shared.records import Message, Place, Position, place_of
from tests.backend.memory_part import Part, Whole


def place(message: Message) -> Place:
    return place_of(message.time, message.id)


class MemoryMessages(Part):
    def __init__(self, store: Whole) -> None:
        super().__init__(store)
        self.rows: dict[str, dict[str, Message]] = {}
        self.index: dict[str, dict[str, Position]] = {}

    async def save(self, chat_id: str, message: Message) -> bool:
        await self._call("save")
        if message.id in self.index.get(chat_id, {}):
            return False
        self.write(chat_id, Position(message.id, message.author, message.time))
        self.rows.setdefault(chat_id, {})[message.id] = message
        return True

    async def position(self, chat_id: str, message_id: str) -> Position | None:
        await self._call("position")
        return self.index.get(chat_id, {}).get(message_id)

    async def at(self, chat_id: str, position: Position) -> Message | None:
        await self._call("at")
        return self.rows.get(chat_id, {}).get(position.id)

    async def edit(self, chat_id: str, position: Position, message: Message) -> bool:
        await self._call("edit")
        if not self.unchanged(chat_id, position) or message.id not in self.rows[chat_id]:
            return False
        self.write(chat_id, position)
        self.rows[chat_id][message.id] = message
        return True

    async def delete(self, chat_id: str, position: Position) -> bool:
        await self._call("delete")
        if not self.unchanged(chat_id, position) or position.id not in self.rows[chat_id]:
            return False
        self.write(chat_id, replace(position, deleted=True))
        del self.rows[chat_id][position.id]
        return True

    async def newest(self, chat_id: str, before: Position | None, limit: int) -> tuple[Message, ...]:
        await self._call("newest")
        rows = self._ordered(chat_id)[::-1]
        return tuple(row for row in rows if before is None or place(row) < before.place)[:limit]

    async def following(self, chat_id: str, after: Position | None, limit: int) -> tuple[Message, ...]:
        await self._call("following")
        return tuple(row for row in self._ordered(chat_id) if after is None or place(row) > after.place)[:limit]

    async def purge(self, chat_id: str, limit: int) -> bool:
        await self._call("purge")
        index, rows = self.index.get(chat_id, {}), self.rows.get(chat_id, {})
        for message_id in list(index):
            limit -= 3 if message_id in rows else 1
            if limit < 0:
                return False
            rows.pop(message_id, None)
            del index[message_id]
        return True

    def unchanged(self, chat_id: str, position: Position) -> bool:
        kept = self.index.get(chat_id, {}).get(position.id)
        return kept is not None and kept.version == position.version

    def write(self, chat_id: str, position: Position) -> None:
        self.index.setdefault(chat_id, {})[position.id] = replace(position, version=self._store.version())

    def _ordered(self, chat_id: str) -> list[Message]:
        return sorted(self.rows.get(chat_id, {}).values(), key=place)
