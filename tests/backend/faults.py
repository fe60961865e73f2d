"""Faults at a chosen call of an event to storage or Web PubSub, and the state after the event is retried."""

import inspect
import json
import re
from collections import defaultdict
from collections.abc import Callable, Coroutine

from shared.model.errors import Unavailable
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore
from tests.backend.scenes import SCENES, Act
from tests.backend.stage import Player, Stage

ENOUGH = 200

Call = Callable[..., Coroutine[object, object, object]]


class Faults:
    """Fails the call with a chosen number while armed; with ``after``, once the call has taken effect.

    If it ``kills``, all later calls fail too until it is disarmed.
    """

    def __init__(self, after: bool, kills: bool = False) -> None:
        self.armed = False
        self.after, self.kills = after, kills
        self.number = self.fail_at = 0

    def before_call(self, name: str) -> None:
        if not self.after:
            self._count(name)

    def watch(self, stage: Stage) -> None:
        """Loses answers of this stage's store and sender."""
        store = stage.store
        parts = (
            store.chats,
            store.memberships,
            store.blocks,
            store.invites,
            store.users,
            store.presence,
            store.messages,
            store.reads,
            store.reactions,
            store.events,
            stage.sender,
        )
        for part in parts:
            for name, call in inspect.getmembers(part, inspect.iscoroutinefunction):
                if self.after and not name.startswith("_"):
                    setattr(part, name, self._losing(name, call))

    def _losing(self, name: str, call: Call) -> Call:
        async def answered(*arguments: object, **named: object) -> object:
            answer = await call(*arguments, **named)
            self._count(name)
            return answer

        return answered

    def _count(self, name: str) -> None:
        if not self.armed:
            return
        self.number += 1
        if self.number == self.fail_at or (self.kills and self.number > self.fail_at):
            self.armed = self.kills
            raise Unavailable(f"failed on purpose at {name}")


async def set_up(scene: str, stage: Stage) -> tuple[Stage, list[Player], Act]:
    """A stage with a scene's set-up, its players with empty inboxes, and the act."""
    before, act = SCENES[scene]
    players = [await stage.user(name) for name in ("Ann", "Bob", "Cat")]
    await before(players)
    for player in players:
        player.heard()
    return stage, players, act


async def played(
    scene: str, fail_at: int, after: bool = False, event_id: str = "", kills: bool = False
) -> tuple[dict[str, object], bool]:
    """The state after a scene whose call number ``fail_at`` failed and that was retried, and whether it did fail.

    With ``event_id`` the service retries it, else the client.
    """
    faults = Faults(after, kills)
    stage = Stage(MemoryStore(faults.before_call), MemorySender(faults.before_call))
    faults.watch(stage)
    stage, players, act = await set_up(scene, stage)
    stage.event_id = event_id
    faults.armed, faults.fail_at = True, fail_at
    failed = False
    try:
        await act(players)
    except Unavailable:
        failed, faults.armed = True, False
        await act(players)
    return state(stage, players), failed


def state(stage: Stage, players: list[Player]) -> dict[str, object]:
    """The relevant state, without versions and times, and with each received event once."""
    names = {player.id: f"user{number}" for number, player in enumerate(players)}
    names |= {player.connection: f"tab{number}" for number, player in enumerate(players)}
    chats, store = stage.memory.chats, stage.memory
    heard: dict[str, set[tuple[object, str]]] = defaultdict(set)
    for player in players:
        for event in stage.sender.heard[player.connection]:
            name, data = event.get("chatEvent"), event.get("data") or json.dumps(event, default=str)
            heard[names[player.connection]].add((name, anonymous(str(data), names)))
    return {
        "chats": {(one.name, names.get(one.owner, ""), one.moderated, one.deleted) for one in chats.rows.values()},
        "members": {kind(chat_id): {names[user] for user in people} for chat_id, people in chats.people.items()},
        "invites": set(store.invites.rows),
        "listed": set(chats.directory),
        "memberships": {(names[row.user_id], kind(row.chat_id), row.state) for row in store.memberships.rows.values()},
        "groups": {kind(group): {names[tab] for tab in tabs} for group, tabs in stage.sender.groups.items() if tabs},
        "rights": {(names[tab], kind(chat_id)) for tab, chat_id in stage.sender.rights},
        "visits": {(names[tab], kind(chat_id)) for tab, chat_id in stage.sender.visits},
        "online": {(names[user], row.idle) for user, row in store.presence.rows.items()},
        "messages": {
            (kind(chat_id), one.id, one.text, bool(one.edited), tuple(names[user] for user in one.mentions))
            for chat_id, kept in store.messages.rows.items()
            for one in kept.values()
        },
        "writers": {
            kind(chat_id): {names[user] for user in users} for chat_id, users in store.messages.writers.items() if users
        },
        "reactions": {
            (kind(chat_id), one.message_id, one.emoji, names[one.user_id])
            for chat_id, kept in store.reactions.rows.items()
            for one in kept.values()
        },
        "read": {(names[one.user_id], kind(one.chat_id), one.message_id) for one in store.reads.rows.values()},
        "counted": {(one.id, one.reactions) for kept in store.messages.index.values() for one in kept.values()},
        "deleted": {one.id for kept in store.messages.index.values() for one in kept.values() if one.deleted},
        "heard": dict(heard),
    }


def kind(chat_id: str) -> str:
    """Private ids differ from run to run."""
    return "private" if chat_id.startswith("private_") else chat_id


def anonymous(data: str, names: dict[str, str]) -> str:
    for name, placeholder in names.items():
        data = data.replace(name, placeholder)
    data = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "a time", data)
    return data.partition("private_")[0] if "private_" in data else data
