"""Instances with different clocks serve the same user: no timestamp is too new or too old for another instance."""

import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.backend import Backend
from shared.clients import process
from shared.flow import rate_limit
from shared.model.clock import SECOND, SKEW, now
from shared.trust import guests
from tests.backend.function_calls import call, principal, send_event
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore
from tests.backend.model.instances import AHEAD_SECONDS, Instances
from tests.backend.stage import Clock, new_id, settings

KEYS = ("test-signing-key-0123456789abcdefgh",)
# Which instance, counted from the first, handles the join, `connect` and `connected`.
ORDERS = list(itertools.product(range(len(AHEAD_SECONDS)), repeat=3))


class Cast:
    """Ann, who has a chat, and Bob; a test chooses the instances that serve them."""

    def __init__(self) -> None:
        self.clock, self.sender = Clock(), MemorySender()
        self.instances = Instances(Backend(settings(), MemoryStore(), self.sender, self.clock))
        self.chat_id = new_id()
        self._last = 0

    def at(self, instance: int) -> None:
        """Sends all calls to this instance from now on."""
        for _ in range((instance - self._last) % len(AHEAD_SECONDS)):
            self.instances.next()
        self._last = instance

    async def tells(self, name: str, data: object, user: str, system: bool = False, state: str = "") -> Any:
        """The webhook's response; fails if the sender gets an error."""
        answer = await send_event(name, data, user, f"{user}-tab", system, state=state)
        assert answer.status in (200, 204), answer.body
        assert system or not answer.body or answer.json().get("chatEvent") != "error", answer.body
        return answer


@pytest.fixture
async def cast() -> AsyncIterator[Cast]:
    cast = Cast()
    cast.instances.begin()
    # The first is the one ahead of none.
    cast.instances.next()
    for user in ("ann", "bob"):
        cast.sender.open(f"{user}-tab", user)
        await call("GET", "getToken", principal(user))
    await cast.tells("createChat", {"id": cast.chat_id, "name": "Tea"}, "ann")
    yield cast
    cast.instances.end()
    await process.close()


@pytest.mark.parametrize("order", ORDERS, ids=str)
async def test_a_new_member_connects_at_once_whichever_instances_answer(
    cast: Cast, order: tuple[int, int, int]
) -> None:
    await cast.tells("joinChat", cast.chat_id, "bob")
    other = new_id()
    await cast.tells("createChat", {"id": other, "name": "Cake"}, "ann")
    cast.at(order[0])
    await cast.tells("joinChat", other, "bob")
    cast.at(order[1])
    given = await cast.tells("connect", {"claims": {}}, "bob", system=True)
    assert set(given.json()["groups"]) == {cast.chat_id, other}
    cast.at(order[2])
    await cast.tells("connected", {}, "bob", system=True, state=given.headers["ce-connectionstate"])
    assert "bob-tab" in cast.sender.users


@pytest.mark.parametrize("joined_before", [0, 60])
@pytest.mark.parametrize("order", ORDERS, ids=str)
async def test_a_member_removed_while_connecting_does_not_stay_connected(
    cast: Cast, order: tuple[int, int, int], joined_before: int
) -> None:
    cast.at(order[0])
    await cast.tells("joinChat", cast.chat_id, "bob")
    cast.clock.pass_seconds(joined_before)
    cast.at(order[1])
    given = await cast.tells("connect", {"claims": {}}, "bob", system=True)
    cast.at(order[2])
    await cast.tells("removeMember", {"chatId": cast.chat_id, "userId": "bob"}, "ann")
    cast.sender.open("bob-tab", "bob")
    await cast.tells("connected", {}, "bob", system=True, state=given.headers["ce-connectionstate"])
    assert "bob-tab" not in cast.sender.users


async def test_a_chat_that_is_joined_while_a_connection_opens_is_granted_whichever_instances_answer(cast: Cast) -> None:
    for order in ORDERS:
        chat_id = new_id()
        await cast.tells("createChat", {"id": chat_id, "name": "Cake"}, "ann")
        cast.at(order[0])
        given = await cast.tells("connect", {"claims": {}}, "bob", system=True)
        cast.at(order[1])
        await cast.tells("joinChat", chat_id, "bob")
        cast.sender.close("bob-tab")
        cast.sender.open("bob-tab", "bob", given.json()["roles"], given.json()["groups"])
        state = given.headers["ce-connectionstate"]
        cast.at(order[2])
        await cast.tells("connected", {}, "bob", system=True, state=state)
        await cast.tells("userConnected", {}, "bob", state=state)
        assert ("bob-tab", chat_id) in cast.sender.rights and "bob-tab" in cast.sender.groups[chat_id], order
        cast.clock.pass_seconds(60)


async def test_a_connection_whose_events_go_around_instances_may_send_as_many(cast: Cast) -> None:
    """Otherwise an instance with a slow clock would take a bucket from one with a fast clock for an impossible one."""
    state, sent = "", 0
    while sent < 2 * rate_limit.CONNECTION.burst:
        cast.instances.next()
        answer = await send_event("markRead", {"chatId": new_id(), "id": new_id()}, "bob", state=state)
        if json.loads(answer.json()["data"])["code"] == "TooManyRequests":
            break
        state, sent = answer.headers["ce-connectionstate"], sent + 1
    assert rate_limit.CONNECTION.burst <= sent < 2 * rate_limit.CONNECTION.burst


@pytest.mark.parametrize("ahead", [-8, 0, 8])
async def test_a_guest_of_an_instance_that_is_ahead_is_signed_in_on_the_others(ahead: int) -> None:
    guest = guests.new_guest("Ann")
    cookie, _, _ = guests.write_cookie(guest, KEYS, now() + ahead * SECOND, secure=False).partition(";")
    assert guests.read_cookie(cookie, KEYS, secure=False) == guest


@pytest.mark.parametrize("ahead", [2 * SKEW, -guests.LIFETIME_SECONDS * SECOND - 2 * SKEW])
async def test_a_guest_of_a_time_that_no_instance_can_have_is_not_signed_in(ahead: int) -> None:
    cookie, _, _ = guests.write_cookie(guests.new_guest("Ann"), KEYS, now() + ahead, secure=False).partition(";")
    assert guests.read_cookie(cookie, KEYS, secure=False) is None
