"""Many users at the same moment, on real tables: afterwards the rows of chats and users are consistent."""

import asyncio
import itertools
from collections.abc import Awaitable
from dataclasses import replace

import pytest

from shared.adapters.tables.store import TableStore
from shared.backend import Actor
from shared.flow.locks import OF_ONE, Locks
from shared.model.clock import SECOND
from shared.model.errors import ChatrError, NotAMember, Refusal
from shared.ports.store.reactions import REACTIONS_LIMIT
from shared.rules.chats.invites import LIFETIME
from shared.rules.history import messages
from shared.rules.history.reactions import OWN_LIMIT, react
from shared.rules.presence.announcing import CHANGES
from shared.wire.chat_events import MessageSaved
from shared.wire.events import React, SaveMessage
from tests.backend.flags import FLAGS
from tests.backend.stage import Player, Stage, new_id


@pytest.fixture
def stage(table_store: TableStore) -> Stage:
    return Stage(store=table_store)


async def at_once(*calls: Awaitable[object]) -> list[str]:
    """Runs all concurrently and returns the codes of refusals; a fault fails the test."""

    async def one(call: Awaitable[object]) -> str:
        try:
            await call
        except ChatrError as error:
            assert isinstance(error, Refusal) and error.status != 429, error
            return error.code
        return ""

    return [code for code in await asyncio.gather(*(one(call) for call in calls)) if code]


async def consistent(stage: Stage, chat_id: str, users: list[Player]) -> set[str]:
    """Asserts that the chat's rows and its members' own rows agree; returns the members."""
    chat = await stage.store.chats.read(chat_id)
    assert chat is not None
    members = await stage.members(chat_id)
    places = {user.id for user in users if await stage.store.memberships.read(user.id, chat_id)}
    assert members == places
    if chat.deleted:
        assert members == set()
        assert chat_id not in (await stage.store.chats.listed("", 1000)).items
    else:
        assert chat.owner in members
        for user in users:
            assert user.may_speak_in(chat_id) == user.hears(chat_id) == (user.id in members)
    return members


async def people(stage: Stage, count: int) -> list[Player]:
    return list(await asyncio.gather(*(stage.user(f"User{number}") for number in range(count))))


async def test_ten_joins_at_once_leave_eleven_members(stage: Stage) -> None:
    """The original Chatr stores members in one property, and one join survives."""
    owner, *others = await people(stage, 11)
    chat_id = await stage.chat(owner)
    assert await at_once(*(one.does("joinChat", chat_id) for one in others)) == []
    assert len(await consistent(stage, chat_id, [owner, *others])) == 11


async def test_of_two_users_creating_a_chat_with_one_id_one_succeeds(stage: Stage) -> None:
    users = await people(stage, 5)
    chat_id = new_id()
    refused = await at_once(*(one.does("createChat", {"id": chat_id, "name": "Tea"}) for one in users))
    assert refused == ["ChatIdTaken"] * 4
    assert len(await consistent(stage, chat_id, users)) == 1


async def test_a_chat_created_twice_concurrently_by_one_user_is_created_once(stage: Stage) -> None:
    [ann] = await people(stage, 1)
    chat_id = new_id()
    data = {"id": chat_id, "name": "Tea"}
    assert await at_once(ann.does("createChat", data), ann.does("createChat", data)) == []
    assert await consistent(stage, chat_id, [ann]) == {ann.id}


async def test_joining_and_leaving_at_once_leaves_both_sides_agreeing(stage: Stage) -> None:
    owner, *others = await people(stage, 5)
    for _ in range(3):
        chat_id = await stage.chat(owner)
        joins = [one.does("joinChat", chat_id) for one in others]
        leaves = [one.does("leaveChat", {"chatId": chat_id}) for one in others]
        assert await at_once(*joins, *leaves) == []
        members = await stage.members(chat_id)
        places = {one.id for one in (owner, *others) if await stage.store.memberships.read(one.id, chat_id)}
        assert members == places


async def test_all_leaving_at_once_ends_the_chat(stage: Stage) -> None:
    users = await people(stage, 6)
    chat_id = await stage.chat(*users)
    assert await at_once(*(one.does("leaveChat", {"chatId": chat_id}) for one in users)) == []
    assert await consistent(stage, chat_id, users) == set()
    chat = await stage.store.chats.read(chat_id)
    assert chat is not None and chat.deleted


async def test_a_chat_whose_owner_leaves_while_others_join_has_an_owner_or_is_gone(stage: Stage) -> None:
    owner, *others = await people(stage, 6)
    for _ in range(3):
        chat_id = await stage.chat(owner)
        leave = owner.does("leaveChat", {"chatId": chat_id})
        refused = await at_once(leave, *(one.does("joinChat", chat_id) for one in others))
        members = await consistent(stage, chat_id, [owner, *others])
        assert len(members) + refused.count("ChatNotFound") == len(others)


async def test_deleting_while_others_join_leaves_nobody_behind(stage: Stage) -> None:
    owner, *others = await people(stage, 6)
    for _ in range(3):
        chat_id = await stage.chat(owner)
        await at_once(*(one.does("joinChat", chat_id) for one in others), owner.does("deleteChat", chat_id))
        chat = await stage.store.chats.read(chat_id)
        assert chat is not None and chat.deleted
        assert await stage.members(chat_id) == set()


async def test_a_private_chat_opened_from_both_sides_at_once_is_one_chat(stage: Stage) -> None:
    ann, bob = await people(stage, 2)
    assert await at_once(
        ann.does("createPrivateChat", {"targetUserId": bob.id}), bob.does("createPrivateChat", {"targetUserId": ann.id})
    ) == []  # fmt: skip
    [place] = (await stage.store.memberships.of_user(ann.id, "", 9)).items
    [same] = (await stage.store.memberships.of_user(bob.id, "", 9)).items
    assert place.chat_id == same.chat_id
    assert await stage.members(place.chat_id) == {ann.id, bob.id}


async def test_a_message_saved_twice_at_once_is_kept_once(stage: Stage) -> None:
    [ann] = await people(stage, 1)
    chat_id = await stage.chat(ann)
    data = {"chatId": chat_id, "id": new_id(), "message": "hi"}
    assert await at_once(*(ann.does("saveMessage", data) for _ in range(5))) == []
    assert len(await stage.store.messages.newest(chat_id, None, 9)) == 1


async def test_no_waiting_message_is_saved_after_its_author_was_removed(stage: Stage) -> None:
    ann, bob = await people(stage, 2)
    chat_id = await stage.chat(ann, bob)
    instances = [replace(stage.backend, locks=Locks()) for _ in range(6)]
    events = [SaveMessage(chat_id, new_id(), "late") for _ in range(6 * OF_ONE)]
    by = Actor(bob.id, "")
    saving = [asyncio.create_task(messages.save(instances[at % 6], by, event)) for at, event in enumerate(events)]
    await asyncio.wait(saving, return_when=asyncio.FIRST_COMPLETED)
    await ann.does("removeMember", {"chatId": chat_id, "userId": bob.id})
    kept = {one.id for one in await stage.store.messages.following(chat_id, None, 99)}
    answers = await asyncio.gather(*saving, return_exceptions=True)
    assert {one.id for one in await stage.store.messages.following(chat_id, None, 99)} == kept
    assert {one.id for one in answers if isinstance(one, MessageSaved)} == kept
    assert {type(one) for one in answers} == {MessageSaved, NotAMember}


async def test_concurrent_messages_by_different_clocks_are_each_read_once_by_a_reader_who_continues(
    stage: Stage,
) -> None:
    users = await people(stage, 10)
    chat_id = await stage.chat(*users)
    first = new_id()
    await users[0].does("saveMessage", {"chatId": chat_id, "id": first, "message": "hi"})
    ids, met = [new_id() for _ in users], [first]
    apart = itertools.cycle((-2 * SECOND, 0, 2 * SECOND))

    async def says(user: Player, message_id: str) -> None:
        skew = next(apart)
        instance = replace(stage.backend, locks=Locks(), clock=lambda: stage.clock() + skew)
        await messages.save(instance, Actor(user.id, ""), SaveMessage(chat_id, message_id, "hi"))

    async def reads_on() -> None:
        while len(met) <= len(ids):
            page = await messages.page(stage.backend, users[0].id, chat_id, after=met[-1])
            met.extend(one.id for one in page.items)

    async with asyncio.timeout(60):
        assert await at_once(reads_on(), *map(says, users, ids)) == []
    assert sorted(met) == sorted([first, *ids])
    assert met == [one.id for one in await stage.store.messages.following(chat_id, None, 99)]


async def test_tabs_that_open_and_close_at_once_leave_the_truth(stage: Stage) -> None:
    watcher, ann = await people(stage, 2)
    for _ in range(4):
        old = [ann, *[await ann.another_tab() for _ in range(2)]]
        opening = asyncio.create_task(ann.another_tab())
        await asyncio.gather(opening, *(tab.closes() for tab in old))
        assert await stage.store.presence.online(ann.id) is not None
        ann = opening.result()
    heard = [event["chatEvent"] for event in stage.sender.heard[watcher.connection] if ann.id in str(event["data"])]
    assert heard[-1] != "userOffline"
    stage.clock.pass_seconds(CHANGES.token * CHANGES.burst / SECOND)
    await ann.closes()
    assert await stage.store.presence.online(ann.id) is None
    assert watcher.heard("userOffline")[-1] == ann.id


async def test_the_last_two_tabs_closing_at_once_announce_it_once(stage: Stage) -> None:
    watcher, ann = await people(stage, 2)
    tab = await ann.another_tab()
    stage.clock.pass_seconds(CHANGES.token / SECOND)
    await asyncio.gather(ann.closes(), tab.closes())
    assert watcher.heard("userOffline").count(ann.id) == 1
    assert await stage.store.presence.online(ann.id) is None


async def a_message(stage: Stage, ann: Player, *others: Player) -> tuple[str, str]:
    chat_id, message_id = await stage.chat(ann, *others), new_id()
    await ann.does("saveMessage", {"chatId": chat_id, "id": message_id, "message": "hi"})
    return chat_id, message_id


async def both_orders(stage: Stage, chat_id: str) -> list[str]:
    """The texts of a chat, asserted to be the same in both directions."""
    newest = await stage.store.messages.newest(chat_id, None, 99)
    assert await stage.store.messages.following(chat_id, None, 99) == newest[::-1]
    return [one.text for one in newest]


async def test_of_edits_at_once_one_is_last_in_both_orders(stage: Stage) -> None:
    [ann] = await people(stage, 1)
    chat_id, message_id = await a_message(stage, ann)
    texts = [f"text {number}" for number in range(6)]
    data = {"chatId": chat_id, "id": message_id}
    assert await at_once(*(ann.does("editMessage", {**data, "message": text}) for text in texts)) == []
    [text] = await both_orders(stage, chat_id)
    heard = {one["editedAt"]: one["message"] for one in ann.heard("messageEdited")}
    assert set(heard.values()) <= set(texts) and heard[max(heard)] == text


async def test_a_message_that_is_edited_while_it_is_deleted_is_gone(stage: Stage) -> None:
    ann, bob = await people(stage, 2)
    for _ in range(4):
        chat_id, message_id = await a_message(stage, ann, bob)
        data = {"chatId": chat_id, "id": message_id}
        edits = [ann.does("editMessage", {**data, "message": f"text {number}"}) for number in range(3)]
        refused = await at_once(*edits, ann.does("deleteMessage", data), ann.does("deleteMessage", data))
        assert set(refused) <= {"MessageNotFound"}
        assert await both_orders(stage, chat_id) == []


async def reactions(stage: Stage, chat_id: str, message_id: str) -> list[tuple[str, str]]:
    """The reactions to a message, asserted to be as many as the stored count."""
    position = await stage.store.messages.position(chat_id, message_id)
    assert position is not None
    found = await stage.store.reactions.between(chat_id, position, position, 999)
    assert position.deleted or len(found) == position.reactions
    return sorted((one.user_id, one.emoji) for one in found)


async def test_many_who_react_at_once_and_twice_are_each_there_once(stage: Stage) -> None:
    users = await people(stage, 5)
    chat_id, message_id = await a_message(stage, *users)
    data = {"chatId": chat_id, "id": message_id, "emoji": "👍", "on": True}
    assert await at_once(*(one.does("react", data) for one in users for _ in range(2))) == []
    assert await reactions(stage, chat_id, message_id) == sorted((one.id, "👍") for one in users)
    assert await at_once(*(one.does("react", data | {"on": False}) for one in users for _ in range(2))) == []
    assert await reactions(stage, chat_id, message_id) == []


async def test_the_last_free_places_for_reactions_are_given_once(stage: Stage) -> None:
    users = await people(stage, REACTIONS_LIMIT // OWN_LIMIT + 6)
    chat_id, message_id = await a_message(stage, *users)
    data = {"chatId": chat_id, "id": message_id, "on": True}
    for number, emoji in enumerate(FLAGS[: REACTIONS_LIMIT - 2]):
        await users[number // OWN_LIMIT].does("react", data | {"emoji": emoji})
    refused = await at_once(*(one.does("react", data | {"emoji": "👍"}) for one in users[-6:]))
    assert refused == ["TooManyReactions"] * 4
    assert len(await reactions(stage, chat_id, message_id)) == REACTIONS_LIMIT


async def test_the_last_free_places_of_one_member_are_given_once_whatever_instances_are_asked(stage: Stage) -> None:
    [ann] = await people(stage, 1)
    chat_id, message_id = await a_message(stage, ann)
    for emoji in FLAGS[: OWN_LIMIT - 2]:
        await ann.does("react", {"chatId": chat_id, "id": message_id, "emoji": emoji, "on": True})

    async def reacts(emoji: str) -> None:
        instance = replace(stage.backend, locks=Locks())
        await react(instance, Actor(ann.id, ""), React(chat_id, message_id, emoji, True))

    refused = await at_once(*map(reacts, FLAGS[OWN_LIMIT : OWN_LIMIT + 6]))
    assert refused == ["TooManyReactions"] * 4
    assert len(await reactions(stage, chat_id, message_id)) == OWN_LIMIT


async def test_no_reaction_stays_at_a_message_that_is_deleted_meanwhile(stage: Stage) -> None:
    users = await people(stage, 4)
    for _ in range(4):
        chat_id, message_id = await a_message(stage, *users)
        data = {"chatId": chat_id, "id": message_id}
        reacting = [one.does("react", {**data, "emoji": "👍", "on": True}) for one in users]
        assert set(await at_once(*reacting, users[0].does("deleteMessage", data))) <= {"MessageNotFound"}
        assert await reactions(stage, chat_id, message_id) == []


async def test_of_positions_read_at_once_on_two_devices_the_furthest_counts(stage: Stage) -> None:
    ann, bob = await people(stage, 2)
    chat_id = await stage.chat(ann, bob)
    told = [new_id() for _ in range(5)]
    for message_id in told:
        await ann.does("saveMessage", {"chatId": chat_id, "id": message_id, "message": "hi"})
    for _ in range(3):
        assert await at_once(*(bob.does("markRead", {"chatId": chat_id, "id": one}) for one in told)) == []
        position = await stage.store.reads.read(bob.id, chat_id)
        assert position is not None and position.message_id == told[-1]
        await stage.store.reads.drop(bob.id, chat_id)


async def test_links_asked_for_at_once_are_one_that_works(stage: Stage) -> None:
    owner, other = await people(stage, 2)
    chat_id = new_id()
    await owner.does("createChat", {"id": chat_id, "name": "Surprise", "kind": "group"})
    for _ in range(2):
        links = await asyncio.gather(*(owner.link(chat_id) for _ in range(5)))
        assert len(set(links)) == 1
        stage.clock.pass_seconds(LIFETIME / SECOND)
    await other.does("acceptInvite", {"token": await owner.link(chat_id)})
    assert await consistent(stage, chat_id, [owner, other]) == {owner.id, other.id}
