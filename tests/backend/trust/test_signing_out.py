"""Signing out revokes all credentials of a user: all copies of cookies and tokens, and open connections."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.cookies import SimpleCookie

import jwt
import pytest

from shared.backend import Actor, Backend
from shared.clients import process
from shared.flow.concurrency import checked
from shared.http.api import ROUTES
from shared.model.clock import SECOND, SKEW, now
from shared.model.errors import ChatNotFound, NotSignedIn, Unavailable
from shared.revocation.__main__ import signed_out
from shared.rules.connection import tokens
from shared.rules.presence import ghosts, online_list
from shared.trust import guests, revocation
from shared.wire.cloudevents import ConnectRequest, read_connect
from shared.wire.connection_state import ConnectionState
from tests.backend.cleaning import DAY, EXPIRED, cleaned
from tests.backend.function_calls import call, principal, send_event
from tests.backend.stage import Player, Stage, new_id, settings

HOUR = 3600
OLD_KEY = settings().guest_signing_keys[0]
ADDRESSES = [
    *("getToken", "me", "me/chats", "me/blocked", "chats", "users", "search?q=a"),
    *("chats/none/members", "chats/none/messages", "chats/none/export"),
]
NEW_KEY = "another-signing-key-0123456789abcdefgh"


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A stage that serves HTTP too."""
    made = Stage()
    # Cookies expire by the real time.
    made.clock.time = now()
    process.use(made.backend)
    yield made
    await process.close()


async def guest() -> tuple[str, dict[str, str]]:
    """A guest's id and the headers with the cookie."""
    answer = await call("POST", "guest", body={"userName": "Ann"})
    return answer.json()["userId"], {"cookie": answer.headers["set-cookie"].partition(";")[0]}


def with_keys(stage: Stage, **changes: str) -> Backend:
    """Uses the stage's backend with other settings from now on."""
    changed = replace(stage.backend, settings=settings(**changes))
    process.use(changed)
    return changed


def connects(stage: Stage, user_id: str, issued: int | None = None) -> ConnectRequest:
    claims = {"sub": [user_id], **({} if issued is None else {"iat": [str(issued // SECOND)]})}
    return read_connect(json.dumps({"claims": claims}).encode())


# Guests


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_copy_of_the_cookie_is_invalid_after_signing_out(stage: Stage, address: str) -> None:
    """Also where the rule itself would say something else."""
    _, as_ann = await guest()
    assert (await call("GET", address, as_ann)).code in ("", "ChatNotFound")
    assert (await call("DELETE", "guest", as_ann)).status == 204
    assert (await call("GET", address, as_ann)).code == "NotSignedIn"


def test_every_route_of_those_who_are_signed_in_is_among_them() -> None:
    tried = {address.partition("?")[0].replace("none", "{id}") for address in ADDRESSES}
    assert {route.path for route in ROUTES if route.who in ("signed in", "members")} == tried


async def test_open_connections_end_and_no_token_opens_another(stage: Stage) -> None:
    ann, as_ann = await guest()
    stage.sender.open("c1", ann)
    stage.sender.open("other", "somebody else")
    await call("DELETE", "guest", as_ann)
    assert set(stage.sender.users) == {"other"}
    for issued in (None, stage.clock() - DAY * SECOND, stage.clock() + DAY * SECOND):
        with pytest.raises(NotSignedIn):
            await tokens.on_connect(stage.backend, ann, connects(stage, ann, issued))
    assert (await send_event("connect", {"claims": {}}, ann, system=True)).status == 401


async def test_a_connection_that_was_just_opening_ends(stage: Stage) -> None:
    player = await stage.user("guest_Ann")
    tab = await player.connecting_tab(lambda: revocation.revoke(stage.backend, player.id))
    assert not tab.is_open()


async def test_an_interrupted_sign_out_can_be_retried_with_the_same_cookie(stage: Stage) -> None:
    ann, as_ann = await guest()
    stage.sender.open("c1", ann)

    def away(name: str) -> None:
        if name == "sender.end_others":
            raise Unavailable

    stage.sender.before_call = away
    answer = await call("DELETE", "guest", as_ann)
    assert answer.status == 503 and "set-cookie" not in answer.headers
    assert (await call("GET", "me", as_ann)).code == "NotSignedIn"
    stage.sender.before_call = lambda name: None
    assert (await call("DELETE", "guest", as_ann)).status == 204
    assert stage.sender.users == {}


async def half_signed_out(stage: Stage, *others: Player) -> tuple[Player, str]:
    """A guest in a chat with ``others``, who signed out while Web PubSub was down, so the connection is still open."""
    eve = await stage.user("guest_Eve")
    chat_id = await stage.chat(eve, *others)
    with without_pubsub(stage), pytest.raises(Unavailable):
        await revocation.revoke(stage.backend, eve.id)
    assert eve.is_open()
    return eve, chat_id


@contextmanager
def without_pubsub(stage: Stage) -> Iterator[None]:
    def away(name: str) -> None:
        raise Unavailable

    stage.sender.before_call = away
    yield
    stage.sender.before_call = lambda name: None


EVENTS = [
    ("saveMessage", {"message": "hi"}),
    ("react", {"emoji": "👍", "on": True}),
    ("editMessage", {"message": "ho"}),
    ("deleteMessage", {}),
    ("createChat", {"name": "Tea"}),
    ("createPrivateChat", {}),
    ("markRead", {}),
    ("userConnected", {}),
    ("userEnterIdle", ""),
]


@pytest.mark.parametrize(("event", "data"), EVENTS)
async def test_any_act_of_a_guest_after_an_interrupted_sign_out_is_refused_and_closes_their_connections(
    event: str, data: dict[str, object] | str
) -> None:
    """It is refused even while Web PubSub is still down."""
    stage = Stage()
    bob = await stage.user("Bob")
    eve, chat_id = await half_signed_out(stage, bob)
    said = {"chatId": chat_id, "id": new_id(), "targetUserId": bob.id, **data} if isinstance(data, dict) else data
    with without_pubsub(stage):
        assert await eve.code(event, said) == "NotSignedIn"
    assert eve.is_open() and await stage.store.messages.newest(chat_id, None, 9) == ()
    assert await eve.code(event, said) == "NotSignedIn" and not eve.is_open()


async def test_a_message_that_waits_for_its_turn_while_its_guest_signs_out_is_not_kept() -> None:
    stage = Stage()
    eve = await stage.user("guest_Eve")
    chat_id = await stage.chat(eve)
    async with stage.backend.locks.hold(chat_id, "somebody"):
        save = asyncio.ensure_future(eve.code("saveMessage", {"chatId": chat_id, "id": new_id(), "message": "hi"}))
        await asyncio.sleep(0)
        await revocation.revoke(stage.backend, eve.id)
    assert await save == "NotSignedIn" and await stage.store.messages.newest(chat_id, None, 9) == ()


async def test_reading_who_is_online_closes_connections_that_a_sign_out_left_open() -> None:
    """A connection that only listens sends nothing by which it could be found."""
    stage = Stage()
    bob = await stage.user("Bob")
    eve, chat_id = await half_signed_out(stage, bob)
    bob.heard()
    stage.clock.pass_seconds(ghosts.UNSEEN_SECONDS)
    page = await online_list.page(stage.backend, bob.id, "")
    assert [user.user_id for user in page.items] == [bob.id]
    assert not eve.is_open() and not eve.hears(chat_id) and bob.heard("userOffline") == [eve.id]


async def test_the_copy_of_a_page_that_asks_anything_ends_what_a_sign_out_left_open(stage: Stage) -> None:
    ann, as_ann = await guest()
    stage.sender.open("c1", ann)
    with without_pubsub(stage):
        assert (await call("DELETE", "guest", as_ann)).status == 503
        assert (await call("GET", "chats", as_ann)).code == "NotSignedIn"
    assert "c1" in stage.sender.users
    assert (await call("GET", "chats", as_ann)).code == "NotSignedIn"
    assert "c1" not in stage.sender.users


async def test_ones_own_guest_ends_also_beside_one_that_a_neighbour_planted(stage: Stage) -> None:
    (ann, as_ann), (eve, as_eve) = await guest(), await guest()
    await call("DELETE", "guest", {"cookie": f"{as_eve['cookie']}; {as_ann['cookie']}"})
    assert (await call("GET", "me", as_ann)).code == "NotSignedIn"
    assert await stage.store.users.revoked(eve)
    assert await stage.store.users.revoked(ann)


async def test_nobody_is_signed_out_by_a_forged_cookie_or_another_site(stage: Stage) -> None:
    ann, as_ann = await guest()
    forged = jwt.encode({"sub": ann, "name": "Ann", "aud": guests.AUDIENCE, "exp": 9e9}, "x" * 32, "HS256")
    assert (await call("DELETE", "guest", {"cookie": f"{guests.COOKIE}={forged}"})).status == 204
    assert (await call("DELETE", "guest", {**as_ann, "sec-fetch-site": "same-site"})).code == "Forbidden"
    assert (await call("GET", "me", as_ann)).status == 200


async def test_a_providers_user_is_asked_nothing_of_storage_for_it(stage: Stage) -> None:
    asked: list[str] = []
    stage.memory.before_call = asked.append
    assert (await call("GET", "me", principal("pat"))).status == 200
    assert asked == []


async def test_the_check_comes_first_whatever_comes_of_the_work() -> None:
    async def refused() -> None:
        raise NotSignedIn

    async def absent() -> None:
        raise ChatNotFound

    with pytest.raises(NotSignedIn):
        await checked(refused(), absent())


# Users who are signed out by an operator


async def test_a_providers_user_loses_earlier_credentials_and_can_sign_in_again(stage: Stage) -> None:
    pat = await stage.user("Pat")
    before = stage.clock()
    assert "Nothing was changed" in await signed_out(stage.backend, pat.id, apply=False)
    assert pat.is_open()
    assert "called 'Pat'" in await signed_out(stage.backend, pat.id, apply=True)
    assert not pat.is_open()
    # According to the clock of another instance, which is ahead.
    for issued in (before, before + SKEW, None):
        with pytest.raises(NotSignedIn):
            await tokens.on_connect(stage.backend, pat.id, connects(stage, pat.id, issued))
    assert (await call("GET", "me", principal(pat.id))).status == 200
    stage.clock.pass_seconds(SKEW // SECOND + 2)
    assert await tokens.on_connect(stage.backend, pat.id, connects(stage, pat.id, stage.clock()))


async def test_when_every_token_from_before_has_expired_none_is_refused(stage: Stage) -> None:
    """Including one without the time when it was issued."""
    pat = await stage.user("Pat")
    await revocation.revoke(stage.backend, pat.id)
    stage.clock.pass_seconds(HOUR - 60)
    with pytest.raises(NotSignedIn):
        await tokens.on_connect(stage.backend, pat.id, connects(stage, pat.id))
    stage.clock.pass_seconds(60 + SKEW // SECOND + 1)
    assert await tokens.on_connect(stage.backend, pat.id, connects(stage, pat.id))


@pytest.mark.parametrize("iat", [[], ["soon"], ["-5"], ["1e9"], ["²"], ["9" * 40]])
def test_when_a_token_was_made_is_a_number_or_not_known(iat: list[str]) -> None:
    assert ConnectRequest({"iat": iat}).issued == 0


async def test_the_command_names_whoever_nothing_is_known_of(stage: Stage) -> None:
    assert "an unknown user" in await signed_out(stage.backend, "who", apply=True)
    assert await stage.store.users.revoked("who")


# What is left


async def test_what_a_guest_leaves_is_cleaned_up_at_once_and_the_mark_when_no_cookie_can_be_good(stage: Stage) -> None:
    bob, ann = await stage.user("Bob"), await stage.user("guest_Ann")
    other = await stage.user("guest_Other")
    owned = await stage.chat(ann, bob)
    await revocation.revoke(stage.backend, ann.id)
    # A sign-out whose last step failed.
    stage.sender.open("late", ann.id)
    assert (await cleaned(stage, "revoked", apply=False))["revoked"].things == 1
    assert (await cleaned(stage, "revoked"))["revoked"].things == 1
    assert await stage.owner(owned) == bob.id and await stage.members(owned) == {bob.id}
    assert await stage.store.users.read(ann.id) is None and "late" not in stage.sender.users
    assert await stage.store.users.read(other.id)
    assert (await cleaned(stage, "revoked"))["revoked"].things == 0
    assert await stage.store.users.revoked(ann.id)
    stage.clock.pass_seconds(EXPIRED)
    assert (await cleaned(stage, "revoked"))["revoked"].things == 1
    assert not await stage.store.users.revoked(ann.id)


async def test_a_providers_user_who_was_signed_out_keeps_everything(stage: Stage) -> None:
    pat = await stage.user("Pat")
    chat_id = await stage.chat(pat)
    await revocation.revoke(stage.backend, pat.id)
    assert (await cleaned(stage, "revoked"))["revoked"].things == 0
    assert await stage.members(chat_id) == {pat.id} and await stage.store.users.read(pat.id)


# Changing keys


def read(cookies: str, *keys: str) -> bool:
    return guests.read_cookie(cookies, keys, secure=False) is not None


async def test_guests_stay_while_the_key_changes_and_are_signed_with_the_new_one(stage: Stage) -> None:
    """The steps of docs/operations.md."""
    ann, as_ann = await guest()
    with_keys(stage, GUEST_SIGNING_KEY=NEW_KEY, GUEST_SIGNING_KEY_BEFORE=OLD_KEY)
    assert (await call("GET", "me", as_ann)).json()["userId"] == ann
    renewed = (await call("GET", "getToken", as_ann)).headers["set-cookie"].partition(";")[0]
    assert read(renewed, NEW_KEY) and not read(renewed, OLD_KEY)
    with_keys(stage, GUEST_SIGNING_KEY=NEW_KEY)
    assert (await call("GET", "me", {"cookie": renewed})).json()["userId"] == ann
    assert (await call("GET", "me", as_ann)).code == "NotSignedIn"


async def test_an_instance_that_has_the_new_key_only_as_the_second_reads_both(stage: Stage) -> None:
    """Before any instance signs with it; otherwise one that was not restarted yet would refuse a new guest."""
    _, as_ann = await guest()
    with_keys(stage, GUEST_SIGNING_KEY=NEW_KEY)
    _, as_bob = await guest()
    with_keys(stage, GUEST_SIGNING_KEY_BEFORE=NEW_KEY)
    assert [(await call("GET", "me", who)).status for who in (as_ann, as_bob)] == [200, 200]


async def test_a_returning_guest_is_renewed_for_a_full_lifetime_and_not_cleaned_up(stage: Stage) -> None:
    ann, as_ann = await guest()
    assert "set-cookie" not in (await call("GET", "getToken", as_ann)).headers
    stage.clock.pass_seconds(DAY + 1)
    stage.memory.users.written[ann] = (0, "old")
    answer = await call("GET", "getToken", as_ann)
    cookie = SimpleCookie(answer.headers["set-cookie"])[guests.COOKIE]
    assert cookie["max-age"] == str(guests.LIFETIME_SECONDS)
    assert stage.memory.users.written[ann][0] > 0


async def test_who_was_signed_out_is_not_renewed(stage: Stage) -> None:
    ann, as_ann = await guest()
    await revocation.revoke(stage.backend, ann)
    with_keys(stage, GUEST_SIGNING_KEY=NEW_KEY, GUEST_SIGNING_KEY_BEFORE=OLD_KEY)
    answer = await call("GET", "getToken", as_ann)
    assert answer.code == "NotSignedIn" and "set-cookie" not in answer.headers


async def test_a_connection_opened_by_a_proof_from_before_is_told_apart_when_it_is_there(stage: Stage) -> None:
    pat = await stage.user("Pat")
    opened = stage.clock()
    await revocation.revoke(stage.backend, pat.id)
    stage.sender.open("late", pat.id)
    await tokens.on_connected(stage.backend, Actor(pat.id, "late", ConnectionState(opened)))
    assert "late" not in stage.sender.users
