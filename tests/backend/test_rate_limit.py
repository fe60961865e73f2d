"""How fast a connection may send events: the bucket by itself, and as the stand-in carries it."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import connection_state
from shared.adapters.tables.store import TableStore
from shared.clock import SECOND
from shared.connection_state import ConnectionState
from shared.errors import TooManyRequests
from shared.events import FROM_BROWSER
from shared.rate_limit import BURST, FILLS_IN, PER_SECOND, SKEW, TOKEN, take
from tests.backend.live import live
from tests.backend.stage import new_id
from tests.system.chatr_client import about

START = 1_700_000_000 * SECOND
# Each event comes so long (microseconds) after the one before and costs so many tokens.
EVENTS = st.lists(st.tuples(st.integers(0, 3 * SECOND), st.integers(1, 10)), max_size=200)
QUICK = st.lists(st.tuples(st.integers(0, TOKEN), st.integers(1, 10)), min_size=50, max_size=200)


def taken(events: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """When and how many tokens were taken by those of ``events`` that were not refused."""
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
def test_in_no_span_is_more_taken_than_the_burst_and_what_came_in_meanwhile(events: list[tuple[int, int]]) -> None:
    done = taken(events)
    for first, (start, _) in enumerate(done):
        spent = 0
        for now, tokens in done[first:]:
            spent += tokens
            assert spent <= BURST + PER_SECOND * (now - start) / SECOND


@given(events=st.lists(st.integers(1, 10), max_size=300))
def test_who_keeps_to_the_rate_is_never_refused(events: list[int]) -> None:
    assert len(taken([(tokens * TOKEN, tokens) for tokens in events])) == len(events)


@given(bucket=st.integers(0, 2**63 - 1) | st.integers(START, START + 2 * FILLS_IN), tokens=st.integers(1, 10))
def test_waiting_as_long_as_one_is_told_is_enough_and_not_much_too_long(bucket: int, tokens: int) -> None:
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


@pytest.mark.parametrize("bucket", [0, START - 1, START, START + FILLS_IN + SKEW + 1, 2**63 - 1])
def test_a_bucket_that_is_new_or_cannot_be_is_full(bucket: int) -> None:
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
        new_id(),
        *map(base64_of, ("[]", "null", '{"bucket":"1"}', '{"bucket":-1}', '{"bucket":1e99}')),
    ],
)
def test_a_state_that_is_absent_or_not_ours_is_that_of_a_new_connection(header: str) -> None:
    assert connection_state.read(header) == connection_state.NEW


@given(connected_at=st.integers(0, 2**62 - 1), bucket=st.integers(0, 2**62 - 1))
def test_a_state_comes_back_as_it_went(connected_at: int, bucket: int) -> None:
    state = ConnectionState(connected_at, 7, bucket)
    header = connection_state.write(state)
    assert header.isascii() and connection_state.read(header) == state


def test_an_event_costs_one_token_but_those_that_make_a_chat() -> None:
    assert {event.name: event.tokens for event in FROM_BROWSER if event.tokens != 1} == {
        "createChat": 10,
        "createPrivateChat": 10,
    }


async def test_the_event_beyond_the_burst_is_refused_and_works_after_the_time_it_is_told(
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


async def test_making_chats_takes_more_and_another_tab_has_a_limit_of_its_own(table_store: TableStore) -> None:
    async with live(table_store) as service:
        ann = await service.enter("Ann")
        service.clock.pass_seconds(FILLS_IN / SECOND)
        for _ in range(BURST // 10):
            assert errors(await ann.event("createChat", chat())) == []
        assert (await ann.refused("createChat", chat()))["retryAfter"] == 1
        tab = await service.client(ann.person)
        assert errors(await tab.event("createChat", chat())) == []


def chat() -> dict[str, str]:
    return {"id": new_id(), "name": "Tea"}


def errors(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [message for message in answers if about(message, "error")]
