"""The clean-up as a whole: as a dry run, interrupted, in several runs, and concurrently with users."""

import asyncio
import copy
import random
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import pytest

from shared.cleanup.__main__ import wanted
from shared.cleanup.run import Tally
from shared.model.errors import ChatrError, Refusal, Unavailable
from shared.model.records import Block, Ending, ReadPosition
from shared.ports.sender import Payload
from tests.backend.cleaning import EXPIRED, cleaned, lost, said
from tests.backend.faults import Faults
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore
from tests.backend.slow import SlowSender, SlowStore
from tests.backend.stage import Player, Stage, new_id

# More calls than any run below makes.
ENOUGH = 1_000
PLAYS = 150


async def lived_in(stage: Stage) -> Player:
    """A store with something of each kind to remove, and Wat, who receives the announcements."""
    wat, bob = await stage.user("Wat"), await stage.user("Bob")
    guest, other = await stage.user("guest_Ann"), await stage.user("guest_Eve")
    owned = await stage.chat(guest, wat, bob)
    await stage.chat(guest)
    await guest.does("createPrivateChat", {"targetUserId": other.id})
    await guest.does("createPrivateChat", {"targetUserId": wat.id})
    message_id = await said(guest, owned)
    await bob.does("react", {"chatId": owned, "id": message_id, "emoji": "🍵", "on": True})
    await wat.does("markRead", {"chatId": owned, "id": message_id})
    await bob.does("createChat", {"id": (group := new_id()), "name": "Tea", "kind": "group"})
    await bob.does("createInvite", {"chatId": group})
    gone = await stage.chat(bob, wat, guest)
    for _ in range(2):
        await said(bob, gone)
    await bob.does("deleteChat", gone)
    await stage.store.chats.list_publicly(gone)
    await stage.store.reads.put(ReadPosition(bob.id, gone, new_id(), stage.clock()))
    await stage.store.blocks.insert(Block(wat.id, "guest_gone", "Gone", "blocked"))
    await stage.store.users.revoke(other.id, stage.clock())
    member = await stage.store.chats.member(owned, bob.id)
    assert member and await stage.store.chats.take_out(owned, member, Ending(bob.id, "Bob", True, stage.clock()))
    for player in (guest, other, bob):
        lost(player)
    stage.clock.pass_seconds(EXPIRED)
    wat.heard()
    return wat


class Lived(NamedTuple):
    """The place that was lived in, who listens, and all who were there before anything was removed."""

    stage: Stage
    listener: Player
    known: set[str]


def everything(lived: Lived) -> dict[str, object]:
    """Everything that is stored and received, without versions, times and the random part of ids."""
    store = lived.stage.memory
    numbers = {chat_id: f"chat{number}" for number, chat_id in enumerate(store.chats.rows)}

    def name(user_id: str) -> str:
        return user_id.partition("-")[0]

    def plain(event: Payload) -> str:
        text = str(event["data"])
        for chat_id, number in numbers.items():
            text = text.replace(chat_id, number)
        for user_id in lived.known:
            text = text.replace(user_id, name(user_id))
        return f"{event['chatEvent']}{text}"

    return {
        "profiles": {name(user_id) for user_id in store.users.rows},
        "chats": {(numbers[one.id], name(one.owner), one.deleted) for one in store.chats.rows.values()},
        "members": {numbers[at]: {name(one) for one in people} for at, people in store.chats.people.items()},
        "listed": {numbers[chat_id] for chat_id in store.chats.directory},
        "memberships": {(name(user), numbers[at], row.state) for (user, at), row in store.memberships.rows.items()},
        "online": {name(user_id) for user_id in store.presence.rows},
        "connections": {name(user_id): len(opened) for user_id, opened in store.presence.open.items() if opened},
        "messages": {numbers[at]: len(index) for at, index in store.messages.index.items() if index},
        "reactions": {numbers[at]: len(rows) for at, rows in store.reactions.rows.items() if rows},
        "reads": {(name(user), numbers[chat_id]) for user, chat_id in store.reads.rows},
        "endings": {numbers[at]: {name(one) for one in rows} for at, rows in store.chats.endings.items() if rows},
        "revoked": {name(user_id) for user_id in store.users.marks},
        "blocks": {(name(user), name(other)) for user, other in store.blocks.rows},
        "invites": {numbers[chat_id] for chat_id in store.invites.rows},
        "events": len(store.events.rows),
        "heard": {plain(event) for event in lived.stage.sender.heard[lived.listener.connection]},
    }


async def prepared(faults: Faults | None = None, store: MemoryStore | None = None) -> Lived:
    before = faults.before_call if faults else lambda _: None
    stage = Stage(store or MemoryStore(before), MemorySender(before))
    if faults:
        faults.watch(stage)
    listener = await lived_in(stage)
    return Lived(stage, listener, set(stage.memory.users.rows))


@pytest.mark.usefixtures("half_purged")
async def test_a_dry_run_says_what_would_go_and_changes_nothing() -> None:
    lived = await prepared()
    stage = lived.stage
    before, calls = copy.deepcopy(everything(lived)), len(stage.sender.calls)
    would = await cleaned(stage, days=1, apply=False)
    assert everything(lived) == before
    assert set(stage.sender.calls[calls:]) <= {"is_open", "is_connected"}
    assert {name for name, tally in would.items() if tally.things} == set(wanted("", 1))
    went = await cleaned(stage, days=1)
    assert {name: went[name].things for name in ("ghosts", "guests", "events")} == {
        name: would[name].things for name in ("ghosts", "guests", "events")
    }


@pytest.mark.usefixtures("half_purged")
async def test_a_clean_place_has_nothing_to_remove() -> None:
    stage = (await prepared()).stage
    await cleaned(stage, days=1)
    assert set((await cleaned(stage, days=1)).values()) == {Tally()}


@pytest.mark.usefixtures("half_purged")
@pytest.mark.parametrize("after", [False, True], ids=["not done", "answer lost"])
async def test_killed_at_any_point_and_run_again_it_ends_the_same(after: bool) -> None:
    lived = await prepared()
    stage = lived.stage
    await cleaned(stage, days=1)
    wanted_end = everything(lived)
    for fail_at in range(1, ENOUGH):
        faults = Faults(after)
        lived = await prepared(faults)
        stage = lived.stage
        faults.armed, faults.fail_at = True, fail_at
        try:
            await cleaned(stage, days=1)
        except Unavailable:
            # What is being ended is taken up again when it was given up.
            stage.clock.pass_seconds(60)
            await cleaned(stage, days=1)
        else:
            assert fail_at > 50
            return
        assert everything(lived) == wanted_end, f"after a fault at call {fail_at}"
    pytest.fail("the run makes more calls than the test fails")


@pytest.mark.usefixtures("half_purged")
async def test_bounded_runs_one_after_another_end_where_one_run_does() -> None:
    lived = await prepared()
    stage = lived.stage
    await cleaned(stage, days=1)
    wanted_end = everything(lived)
    lived = await prepared()
    stage = lived.stage
    for _ in range(ENOUGH):
        told = await cleaned(stage, days=1, limit=4)
        # No more than the limit and one thing, the largest of which is the guest in five chats.
        assert sum(tally.rows for tally in told.values()) < 4 + 11
        if "more" not in told:
            break
    else:
        pytest.fail("it never ends")
    assert everything(lived) == wanted_end


@pytest.mark.usefixtures("half_purged")
async def test_beside_a_live_system_both_sides_of_every_membership_agree() -> None:
    """Users create, join, leave and delete chats while it runs, in many interleavings."""
    for seed in range(PLAYS):
        chance = random.Random(seed)
        store, sender = SlowStore(chance), SlowSender(chance)
        stage = Stage(store, sender)
        await lived_in(stage)
        people = [await stage.user(name) for name in ("Dan", "Fay", "Gus")]
        old = [chat.id for chat in store.chats.rows.values() if not chat.deleted and chat.kind == "public"]
        at_once = [acted(chance, one, [*old, new_id()]) for one in people for _ in range(3)]
        await asyncio.gather(cleaned(stage, days=1), *at_once)
        await cleaned(stage, days=1)
        members = {(user, chat_id) for chat_id, crowd in store.chats.people.items() for user in crowd}
        assert members == set(store.memberships.rows), f"seed {seed}"
        for chat in store.chats.rows.values():
            crowd = store.chats.people[chat.id]
            assert (chat.owner in crowd or chat.kind == "private") if not chat.deleted else not crowd, f"seed {seed}"
        assert {one.id for one in people} <= store.presence.rows.keys()


async def acted(chance: random.Random, player: Player, chat_ids: list[str]) -> None:
    act: dict[str, Callable[[str], Awaitable[object]]] = {
        "create": lambda chat_id: player.does("createChat", {"id": chat_id, "name": "Tea"}),
        "join": lambda chat_id: player.does("joinChat", chat_id),
        "leave": lambda chat_id: player.does("leaveChat", {"chatId": chat_id}),
        "say": lambda chat_id: said(player, chat_id),
        "delete": lambda chat_id: player.does("deleteChat", chat_id),
    }
    try:
        await act[chance.choice(list(act))](chance.choice(chat_ids))
    except ChatrError as error:
        assert isinstance(error, Refusal) and error.status != 429, error
