"""The history of chats in memory, and the reactions in it."""

from dataclasses import replace

from shared.model.records import Head, Message, MessageHead, Place, Position, Reaction, place_of
from shared.ports.store.messages import Outcome
from tests.backend.memory.part import Part, Whole


def place(message: Message) -> Place:
    return place_of(message.time, message.id)


def is_behind(message: Message, position: Position) -> bool:
    """A position without a message id sorts after all messages of its time."""
    return place(message) > position.place if position.id else message.time > position.time


class MemoryMessages(Part):
    def __init__(self, store: Whole, reactions: "MemoryReactions") -> None:
        super().__init__(store)
        self.rows: dict[str, dict[str, Message]] = {}
        self.index: dict[str, dict[str, Position]] = {}
        self.ends: dict[str, Head] = {}
        self.writers: dict[str, set[str]] = {}
        self._reactions = reactions

    async def head(self, chat_id: str) -> Head:
        await self._call("head")
        return self.ends.get(chat_id, Head())

    async def admit(self, chat_id: str, user_id: str) -> None:
        await self._call("admit")
        self.writers.setdefault(chat_id, set()).add(user_id)

    async def bar(self, chat_id: str, user_id: str) -> None:
        await self._call("bar")
        self.writers.get(chat_id, set()).discard(user_id)

    def is_barred(self, chat_id: str, user_id: str) -> bool:
        return user_id not in self.writers.get(chat_id, set())

    async def save(self, chat_id: str, message: Message, head: Head) -> Outcome:
        await self._call("save")
        if message.id in self.index.get(chat_id, {}):
            return Outcome.ALREADY
        if self.is_barred(chat_id, message.author):
            return Outcome.BARRED
        if head.version != self.ends.get(chat_id, Head()).version:
            return Outcome.STALE
        self.ends[chat_id] = Head(message.time, self._store.version())
        self.write(chat_id, Position(message.id, message.author, message.time))
        self.rows.setdefault(chat_id, {})[message.id] = message
        return Outcome.DONE

    async def position(self, chat_id: str, message_id: str) -> Position | None:
        await self._call("position")
        return self.index.get(chat_id, {}).get(message_id)

    async def at(self, chat_id: str, position: Position) -> Message | None:
        await self._call("at")
        return self.rows.get(chat_id, {}).get(position.id)

    async def edit(self, chat_id: str, position: Position, message: Message) -> Outcome:
        await self._call("edit")
        outcome = self._may_change(chat_id, position, message.author)
        if outcome is Outcome.DONE:
            self.write(chat_id, position)
            self.rows[chat_id][message.id] = message
        return outcome

    async def delete(self, chat_id: str, position: Position, user_id: str) -> Outcome:
        await self._call("delete")
        outcome = self._may_change(chat_id, position, user_id)
        if outcome is Outcome.DONE:
            self.write(chat_id, replace(position, deleted=True))
            del self.rows[chat_id][position.id]
        return outcome

    def _may_change(self, chat_id: str, position: Position, user_id: str) -> Outcome:
        if not self.unchanged(chat_id, position):
            return Outcome.STALE
        if user_id and self.is_barred(chat_id, user_id):
            return Outcome.BARRED
        return Outcome.DONE if position.id in self.rows[chat_id] else Outcome.STALE

    async def forget(self, chat_id: str, position: Position) -> bool:
        await self._call("forget")
        if not self.unchanged(chat_id, position):
            return False
        del self.index[chat_id][position.id]
        self.rows[chat_id].pop(position.id, None)
        return True

    async def newest(self, chat_id: str, before: Position | None, limit: int) -> tuple[Message, ...]:
        await self._call("newest")
        rows = self._ordered(chat_id)[::-1]
        return tuple(row for row in rows if before is None or place(row) < before.place)[:limit]

    async def following(self, chat_id: str, after: Position | None, limit: int) -> tuple[Message, ...]:
        await self._call("following")
        return tuple(row for row in self._ordered(chat_id) if after is None or place(row) > after.place)[:limit]

    async def heads(self, chat_id: str, behind: Position, limit: int) -> tuple[MessageHead, ...]:
        await self._call("heads")
        rows = [row for row in self._ordered(chat_id)[::-1] if is_behind(row, behind)]
        return tuple(MessageHead(row.author, row.mentions) for row in rows)[:limit]

    async def purge(self, chat_id: str, limit: int) -> bool:
        await self._call("purge")
        index, rows = self.index.get(chat_id, {}), self.rows.get(chat_id, {})
        limit -= len(self.writers.pop(chat_id, set())) + (self.ends.pop(chat_id, None) is not None)
        for message_id, position in list(index.items()):
            limit -= (3 if message_id in rows else 1) + position.reactions
            if limit < 0:
                return False
            rows.pop(message_id, None)
            del index[message_id]
            self._reactions.forget(chat_id, position)
        return True

    def unchanged(self, chat_id: str, position: Position) -> bool:
        kept = self.index.get(chat_id, {}).get(position.id)
        return kept is not None and kept.version == position.version

    def write(self, chat_id: str, position: Position) -> None:
        self.index.setdefault(chat_id, {})[position.id] = replace(position, version=self._store.version())

    def _ordered(self, chat_id: str) -> list[Message]:
        return sorted(self.rows.get(chat_id, {}).values(), key=place)


class MemoryReactions(Part):
    """``messages`` counts them, as the tables do."""

    messages: MemoryMessages

    def __init__(self, store: Whole) -> None:
        super().__init__(store)
        self.rows: dict[str, dict[tuple[str, str, str], Reaction]] = {}

    async def add(self, chat_id: str, position: Position, reaction: Reaction) -> Outcome:
        await self._call("add")
        rows, name = self.rows.setdefault(chat_id, {}), name_of(reaction)
        if not self.messages.unchanged(chat_id, position):
            return Outcome.STALE
        if self.messages.is_barred(chat_id, reaction.user_id):
            return Outcome.BARRED
        if name in rows:
            return Outcome.ALREADY
        rows[name] = reaction
        self.messages.write(chat_id, replace(position, reactions=position.reactions + 1))
        return Outcome.DONE

    async def remove(self, chat_id: str, position: Position, reaction: Reaction) -> Outcome:
        await self._call("remove")
        rows, name = self.rows.setdefault(chat_id, {}), name_of(reaction)
        if not self.messages.unchanged(chat_id, position):
            return Outcome.STALE
        if self.messages.is_barred(chat_id, reaction.user_id):
            return Outcome.BARRED
        if name not in rows:
            return Outcome.ALREADY
        del rows[name]
        self.messages.write(chat_id, replace(position, reactions=position.reactions - 1))
        return Outcome.DONE

    async def between(self, chat_id: str, oldest: Position, newest: Position, limit: int) -> tuple[Reaction, ...]:
        await self._call("between")
        found = []
        for position in sorted(self.messages.index.get(chat_id, {}).values(), key=lambda one: one.place):
            if oldest.place <= position.place <= newest.place:
                found += self._of(chat_id, position)
        return tuple(found[:limit])

    async def purge(self, chat_id: str, position: Position) -> None:
        await self._call("purge")
        self.forget(chat_id, position)

    def forget(self, chat_id: str, position: Position) -> None:
        for reaction in self._of(chat_id, position):
            del self.rows[chat_id][name_of(reaction)]

    def _of(self, chat_id: str, position: Position) -> list[Reaction]:
        return [one for one in self.rows.get(chat_id, {}).values() if one.message_id == position.id]


def name_of(reaction: Reaction) -> tuple[str, str, str]:
    return reaction.message_id, reaction.emoji, reaction.user_id
