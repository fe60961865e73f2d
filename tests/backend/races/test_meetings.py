"""Concurrent events about one chat: each ends as docs/protocol.md says, and afterwards the stored rows agree."""

import random
import re
from asyncio import gather
from collections.abc import Callable

import pytest

from tests.backend.slow import SlowSender, SlowStore
from tests.backend.stage import Player, Stage, new_id
from tests.backend.wire.protocol_page import table

PLAYS = 1_000
EVENTS_OF_EACH = 2

Act = tuple[str, object]


class Scene:
    """A chat of Ann's with a message of hers and some of three users, and everything that they might do in it."""

    def __init__(self, kind: str, seed: int) -> None:
        self.chance = random.Random(seed)
        self.stage = Stage(SlowStore(self.chance), SlowSender(self.chance))
        self.kind, self.chat_id, self.message_id, self.link = kind, new_id(), new_id(), ""
        self.users: list[Player] = []

    async def prepared(self) -> "Scene":
        ann, *others = self.users = [await self.stage.user(name) for name in ("Ann", "Bob", "Cat")]
        await ann.does(*self.made())
        if self.kind == "group":
            self.link = await ann.link(self.chat_id)
        await ann.does("saveMessage", self.about(message="hi"))
        for other in others:
            if self.chance.random() < 0.6:
                await other.does(*self.entry())
        return self

    def made(self) -> Act:
        return "createChat", {"id": self.chat_id, "name": "Tea", "kind": self.kind}

    def entry(self) -> Act:
        return ("acceptInvite", {"token": self.link}) if self.link else ("joinChat", self.chat_id)

    def about(self, **more: object) -> dict[str, object]:
        return {"chatId": self.chat_id, "id": self.message_id, **more}

    def act(self) -> Act:
        """Anything."""
        somebody = self.chance.choice(self.users).id
        acts: list[Callable[[], Act]] = [
            self.made,
            self.entry,
            lambda: ("joinChat", self.chat_id),
            lambda: ("leaveChat", {"chatId": self.chat_id}),
            lambda: ("deleteChat", self.chat_id),
            lambda: ("removeMember", {"chatId": self.chat_id, "userId": somebody}),
            lambda: ("createInvite", {"chatId": self.chat_id}),
            lambda: ("createPrivateChat", {"targetUserId": somebody}),
            lambda: ("saveMessage", self.about(message="again")),
            lambda: ("saveMessage", self.about(id=new_id(), message="another")),
            lambda: ("editMessage", self.about(message=new_id())),
            lambda: ("deleteMessage", self.about()),
            lambda: ("react", self.about(emoji="🍵", on=self.chance.random() < 0.7)),
            lambda: ("markRead", self.about()),
        ]
        return self.chance.choice(acts)()

    async def check(self) -> None:
        chat, members = await self.stage.store.chats.read(self.chat_id), await self.stage.members(self.chat_id)
        assert chat is not None
        assert not members if chat.deleted else chat.owner in members
        for user in self.users:
            place = await self.stage.store.memberships.read(user.id, self.chat_id)
            assert (place.state if place else "") == ("member" if user.id in members else "")
            assert user.may_speak_in(self.chat_id) == user.hears(self.chat_id) == (user.id in members)


@pytest.mark.parametrize("kind", ["public", "group"])
async def test_whatever_meets_is_refused_only_as_described_and_leaves_the_chat_whole(kind: str) -> None:
    described = {name: re.findall(r"\w+", row[2]) for name, row in table("Events from browsers").items()}
    for seed in range(PLAYS):
        scene = await Scene(kind, seed).prepared()
        acts = [(user, *scene.act()) for user in scene.users for _ in range(EVENTS_OF_EACH)]
        codes = await gather(*(user.code(name, data) for user, name, data in acts))
        for (_, name, _), code in zip(acts, codes, strict=True):
            assert code in ("", *described[name]), f"{name} in play {seed}"
        await scene.check()
