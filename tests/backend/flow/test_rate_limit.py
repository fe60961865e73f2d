"""Rate limits on events per connection and per user: token buckets by themselves, and in the connection state."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.tables.store import TableStore
from shared.clients import process
from shared.flow.locks import OF_ONE
from shared.flow.rate_limit import CONNECTION, USER, Buckets
from shared.http.webhook import REFUSAL_SECONDS
from shared.model import limits
from shared.model.clock import SECOND, SKEW
from shared.model.errors import BadRequest, TooManyRequests
from shared.rules.membership.rights import CONNECTIONS_PER_TOKEN
from shared.wire import connection_state, payloads
from shared.wire.connection_state import ConnectionState
from shared.wire.events import FROM_BROWSER
from shared.wire.payloads import decode
from tests.backend.function_calls import send_event
from tests.backend.live import live
from tests.backend.stage import Stage, new_id
from tests.system.chatr_client import about

PROTOCOL = Path(__file__).parents[3] / "docs" / "protocol.md"
BURST, TOKEN, FILLS_IN, take = CONNECTION.burst, CONNECTION.token, CONNECTION.fills_in, CONNECTION.take
PER_SECOND = SECOND // TOKEN
START = 1_700_000_000 * SECOND
# Each event: microseconds since the previous one, and its cost in tokens.
EVENTS = st.lists(st.tuples(st.integers(0, 3 * SECOND), st.integers(1, 10)), max_size=200)
QUICK = st.lists(st.tuples(st.integers(0, TOKEN), st.integers(1, 10)), min_size=50, max_size=200)


def taken(events: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The times and tokens of those ``events`` that were not refused."""
    bucket, now, done = 0, START, []
    for gap, tokens in events:
        now += gap
        try:
            bucket = take(bucket, tokens, now)
        except TooManyRequests:
            continue
        done.append((now, tokens))
    return done


@given(events=EVENTS | QUICK)
def test_in_no_period_is_more_taken_than_the_burst_and_the_tokens_gained_meanwhile(
    events: list[tuple[int, int]],
) -> None:
    done = taken(events)
    for first, (start, _) in enumerate(done):
        spent = 0
        for now, tokens in done[first:]:
            spent += tokens
            assert spent <= BURST + PER_SECOND * (now - start) / SECOND


@given(events=st.lists(st.integers(1, 10), max_size=300))
def test_nobody_within_the_rate_is_refused(events: list[int]) -> None:
    assert len(taken([(tokens * TOKEN, tokens) for tokens in events])) == len(events)


@given(bucket=st.integers(0, 2**63 - 1) | st.integers(START, START + 2 * FILLS_IN), tokens=st.integers(1, 10))
def test_retry_after_is_long_enough_and_not_much_too_long(bucket: int, tokens: int) -> None:
    try:
        take(bucket, tokens, START)
    except TooManyRequests as refusal:
        wait = refusal.retry_after
        assert wait is not None and f"{wait} s" in str(refusal) and str(BURST) in str(refusal)
        assert 1 <= wait <= (tokens * TOKEN + SKEW) / SECOND + 1
        take(bucket, tokens, START + wait * SECOND)
        if wait > 1:
            with pytest.raises(TooManyRequests):
                take(bucket, tokens, START + (wait - 1) * SECOND)


@given(bucket=st.integers(START, START + 2 * FILLS_IN), tokens=st.integers(0, 10), besides=st.integers(0, 3))
def test_retry_after_includes_the_tokens_that_a_retry_will_cost(bucket: int, tokens: int, besides: int) -> None:
    try:
        take(bucket, tokens, START, besides)
    except TooManyRequests as refusal:
        assert refusal.retry_after is not None
        take(bucket, tokens + besides, START + refusal.retry_after * SECOND)


@pytest.mark.parametrize("bucket", [0, START - 1, START, START + FILLS_IN + SKEW + 1, 2**63 - 1])
def test_a_new_or_impossible_bucket_is_full(bucket: int) -> None:
    assert take(bucket, BURST, START) == START + FILLS_IN


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "header",
    [
        "",
        "x",
        "é",
        "e30=",
        "00000000-0000-4000-8000-000000000000",
        *map(base64_of, ("[]", "null", '{"bucket":"1"}', '{"bucket":-1}', '{"bucket":1e99}')),
    ],
)
def test_an_absent_or_foreign_state_is_that_of_a_new_connection(header: str) -> None:
    assert connection_state.read(header) == connection_state.NEW


@given(connected_at=st.integers(0, 2**62 - 1), bucket=st.integers(0, 2**62 - 1))
def test_a_state_survives_encoding_and_decoding(connected_at: int, bucket: int) -> None:
    state = ConnectionState(connected_at, 7, bucket)
    header = connection_state.write(state)
    assert header.isascii() and connection_state.read(header) == state


def test_an_event_costs_what_the_document_says() -> None:
    document = " ".join(PROTOCOL.read_text().split())
    said = document[document.index("An event takes as many tokens") : document.index("beyond is refused with `TooMany")]
    priced = {
        name: int(tokens)
        for tokens, names in re.findall(r"(\d+): ((?:`\w+`(?:, | and )?)+)", said)
        for name in re.findall(r"\w+", names.replace(" and ", " "))
    }
    assert priced == {event.name: event.tokens for event in FROM_BROWSER if event.tokens != 1}


@given(
    name=st.sampled_from(["saveMessage", "editMessage"]),
    mentions=st.none() | st.lists(st.sampled_from(["ann", "bob"]), max_size=20),
)
def test_every_fifth_mention_costs_a_token_more(name: str, mentions: list[str] | None) -> None:
    fields = {"chatId": "c", "id": new_id(), "message": "hi"} | ({} if mentions is None else {"mentions": mentions})
    event = decode(name, "application/json", json.dumps(fields).encode())
    assert 5 * (event.price - event.tokens) in range(len(mentions or ()), len(mentions or ()) + 5)


@given(events=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, SECOND), st.integers(1, 10)), max_size=200))
def test_each_user_has_a_bucket_in_memory_and_full_ones_are_forgotten(events: list[tuple[str, int, int]]) -> None:
    buckets, now, exact = Buckets(USER), START, dict[str, int]()
    buckets.FEW = buckets._look_at = 1
    for name, gap, tokens in events:
        now += gap
        try:
            exact[name] = USER.take(exact.get(name, 0), tokens, now)
        except TooManyRequests as refusal:
            with pytest.raises(TooManyRequests, match=str(refusal)):
                buckets.take(name, tokens, now)
        else:
            buckets.take(name, tokens, now)
        assert len(buckets) <= 2 + 2 * sum(full_at > now for full_at in exact.values())


def test_the_buckets_of_a_crowd_that_has_left_are_dropped() -> None:
    buckets = Buckets(USER)
    for number in range(10_000):
        buckets.take(f"user {number}", 1, START + number * TOKEN)
    assert len(buckets) <= Buckets.FEW


async def test_the_event_beyond_the_burst_is_refused_and_accepted_after_retry_after(
    table_store: TableStore,
) -> None:
    async with live(table_store) as service:
        ann = await service.enter("Ann")
        chat_id = new_id()
        await ann.event("createChat", {"id": chat_id, "name": "Tea"})
        service.clock.pass_seconds(FILLS_IN / SECOND)

        def message() -> dict[str, str]:
            return {"chatId": chat_id, "id": new_id(), "message": "hi"}

        start = service.clock.time
        for _ in range(BURST):
            service.clock.time = start
            assert errors(await ann.event("saveMessage", message())) == []
        service.clock.time = start
        late = message()
        error = await ann.refused("saveMessage", late)
        assert (error["code"], error["id"], error["retryAfter"]) == ("TooManyRequests", late["id"], 1)
        assert (await ann.refused("noSuchEvent", {}))["code"] == "TooManyRequests"
        kept = await table_store.messages.newest(chat_id, None, BURST + 1)
        assert len(kept) == BURST and late["id"] not in {one.id for one in kept}
        service.clock.pass_seconds(error["retryAfter"])
        assert errors(await ann.event("saveMessage", late)) == []
        [kept_late] = await table_store.messages.newest(chat_id, None, 1)
        assert kept_late.id == late["id"]


async def test_many_tabs_do_not_raise_a_users_rate_and_do_not_affect_another_user(table_store: TableStore) -> None:
    async with live(table_store) as service:
        ann = await service.enter("Ann")
        tabs = [ann, *[await service.client(ann.person) for _ in range(3)]]
        bob = await service.enter("Bob")
        service.clock.pass_seconds(USER.fills_in / SECOND)
        start, sent = service.clock.time, 0
        for tab in tabs:
            for _ in range(BURST // 10):
                service.clock.time = start
                sent += errors(await tab.event("createChat", chat())) == []
        # The last may owe the one token more that each takes afterwards, for the rights of three further connections.
        assert sent == 1 + (USER.burst - 10) // (10 + 3 // CONNECTIONS_PER_TOKEN)
        error = await tabs[3].refused("createChat", chat())
        assert error["code"] == "TooManyRequests" and str(USER.burst) in error["message"]
        assert errors(await bob.event("createChat", chat())) == []
        service.clock.pass_seconds(error["retryAfter"])
        assert errors(await tabs[3].event("createChat", chat())) == []


async def test_a_malformed_event_costs_one_token(table_store: TableStore) -> None:
    async with live(table_store) as service:
        ann = await service.enter("Ann")
        service.clock.pass_seconds(FILLS_IN / SECOND)
        start = service.clock.time
        for number in range(BURST):
            service.clock.time = start
            code = (await ann.refused("createChat" if number % 2 else "noSuchEvent", {"id": "x"}))["code"]
            assert code == ("BadRequest" if number % 2 else "UnknownEvent")
        assert (await ann.refused("createChat", {"id": "x"}))["code"] == "TooManyRequests"


async def test_creating_chats_costs_more_and_another_tab_has_its_own_limit(table_store: TableStore) -> None:
    async with live(table_store) as service:
        ann = await service.enter("Ann")
        service.clock.pass_seconds(FILLS_IN / SECOND)
        for _ in range(BURST // 10):
            assert errors(await ann.event("createChat", chat())) == []
        assert (await ann.refused("createChat", chat()))["retryAfter"] == 1
        tab = await service.client(ann.person)
        assert errors(await tab.event("createChat", chat())) == []


async def test_only_an_event_beyond_the_rate_delays_those_after_it() -> None:
    stage, pauses = Stage(), []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    process.use(replace(stage.backend, pause=pause))
    empty = connection_state.write(ConnectionState(bucket=stage.clock.time + FILLS_IN))
    answer = await send_event("userExitIdle", "", "ann", state=empty)
    assert json.loads(answer.json()["data"])["code"] == "TooManyRequests"
    assert pauses == [REFUSAL_SECONDS]
    assert (await send_event("userExitIdle", "", "ann")).status == 204
    assert (await send_event("createChat", {"id": "x"}, "ann")).status == 200
    assert pauses == [REFUSAL_SECONDS]
    await process.close()


@pytest.fixture
async def quick() -> AsyncIterator[Stage]:
    """A stage behind the webhook, where refusals are not delayed."""
    stage = Stage()

    async def pause(seconds: float) -> None:
        pass

    process.use(replace(stage.backend, pause=pause))
    yield stage
    await process.close()


async def test_an_event_without_a_token_left_is_not_decoded(quick: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(payloads, "decode", lambda name, *_: read.append(name))
    of_connection = connection_state.write(ConnectionState(bucket=quick.clock.time + FILLS_IN))
    quick.backend.user_buckets.take("bob", USER.burst, quick.clock.time)
    for user_id, state in (("ann", of_connection), ("bob", "")):
        for name, data in (("createChat", {"name": "é" * 30_000}), ("saveMessage", {"x": 5_000 * ["é"]}), ("no", 1)):
            answer = await send_event(name, data, user_id, state=state)
            assert json.loads(answer.json()["data"])["code"] == "TooManyRequests"
    assert read == []


async def test_an_event_with_too_few_tokens_left_pays_for_decoding_and_succeeds_after_retry_after(
    quick: Stage,
) -> None:
    ann = await quick.user("Ann")
    for tokens in (0, 1, 5, 9):
        kept = connection_state.write(ConnectionState(bucket=quick.clock.time + FILLS_IN - tokens * TOKEN))
        refused = await send_event("createChat", late := chat(), ann.id, state=kept)
        error = json.loads(refused.json()["data"])
        assert (error["code"], error["id"]) == ("TooManyRequests", late["id"])
        kept = refused.headers["ce-connectionstate"]
        left = quick.clock.time + FILLS_IN - connection_state.read(kept).bucket
        assert left // TOKEN == max(0, tokens - 1)
        quick.clock.pass_seconds(error["retryAfter"])
        assert (await send_event("createChat", late, ann.id, state=kept)).status == 204
        quick.clock.pass_seconds(60)


@pytest.mark.parametrize("name", sorted({"userConnected", "createChat", "saveMessage", "joinChat", "react"}))
async def test_an_oversized_event_is_not_decoded(quick: Stage, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(msgspec.json, "decode", lambda *_: pytest.fail("read"))
    body = b"[" * (payloads.EVENT_BYTES + 1)
    with pytest.raises(BadRequest, match=f"{name}: the data must be at most 65536 bytes"):
        decode(name, "application/json", body)
    assert payloads.subject(body) is None


def test_the_longest_message_fits_however_it_is_escaped() -> None:
    fields = {
        "chatId": "c" * 128,
        "id": new_id(),
        "message": "\U0001f600" * limits.MESSAGE_CHARACTERS,
        "replyTo": new_id(),
        "mentions": ["é" * limits.ID_CHARACTERS] * limits.MENTIONS,
    }
    body = json.dumps(fields, ensure_ascii=True).encode()
    assert decode("saveMessage", "application/json", body) and payloads.subject(body) == fields["id"]


@pytest.mark.parametrize("names", [("joinChat", "leaveChat"), ("userEnterIdle", "userExitIdle")])
async def test_few_of_a_users_conflicting_events_may_wait_and_nobody_else_waits(names: tuple[str, str]) -> None:
    stage = Stage()
    ann, bob = await stage.user("Ann"), await stage.user("Bob")
    chat_id = await stage.chat(bob)
    running: list[str] = []

    async def turn() -> None:
        await asyncio.sleep(0)

    stage.memory.turn = stage.sender.turn = turn
    process.use(stage.backend)

    async def sends(user_id: str, number: int) -> str:
        data = chat_id if names[number % 2] == "joinChat" else {"chatId": chat_id}
        answer = await send_event(names[number % 2], data, user_id, f"c{number}", number="1")
        running.append(user_id)
        heard = answer.json() if answer.status == 200 else {}
        return json.loads(heard["data"])["code"] if heard.get("chatEvent") == "error" else ""

    *anns, bobs = await asyncio.gather(*(sends(ann.id, number) for number in range(12)), sends(bob.id, 20))
    assert anns == OF_ONE * [""] + (12 - OF_ONE) * ["TooManyRequests"] and bobs == ""
    # Refusals are immediate.
    assert running[: 12 - OF_ONE] == (12 - OF_ONE) * [ann.id]
    await process.close()


async def test_a_change_of_rights_costs_tokens_for_each_of_the_users_own_connections(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage()
    ann, bob, eve = [await stage.user(name) for name in ("Ann", "Bob", "Eve")]
    chat_id = await stage.chat(bob)
    for _ in range(19):
        await ann.another_tab()
    paid: dict[str, int] = {}
    monkeypatch.setattr(stage.backend.user_buckets, "charge", lambda name, tokens, now: paid.update({name: tokens}))
    await eve.does("joinChat", chat_id)
    await bob.does("createPrivateChat", {"targetUserId": ann.id})
    assert paid == {}
    await ann.does("joinChat", chat_id)
    assert paid == {ann.id: 9}


def chat() -> dict[str, str]:
    return {"id": new_id(), "name": "Tea"}


def errors(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [message for message in answers if about(message, "error")]
