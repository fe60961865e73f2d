"""Admission: the limits per caller and for all callers of HTTP in a process."""

from contextlib import AsyncExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.flow import limiter
from shared.flow.admission import EXPORT, LIST, PING, PLAIN, SEARCH, SIGN_IN, Admission, Price
from shared.flow.rate_limit import Buckets, Rate
from shared.model.clock import SECOND, SKEW
from shared.model.errors import TooManyRequests

PRICES = (PLAIN, SIGN_IN, LIST, EXPORT, SEARCH, PING)
START = 1_700_000_000 * SECOND


@given(st.integers(11, 500))
def test_a_charge_beyond_the_tokens_left_is_a_debt_of_that_caller_only(tokens: int) -> None:
    rate = Rate(10, SECOND // 2, "limit")
    buckets = Buckets(rate)
    buckets.charge("ann", tokens, START)
    buckets.take("bob", 10, START)
    owed = min((tokens - 10) * rate.token, SKEW)
    with pytest.raises(TooManyRequests):
        buckets.take("ann", 1, START + owed)
    buckets.take("ann", 1, START + owed + rate.token)


def test_beyond_a_maximum_only_the_emptiest_buckets_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Buckets, "FEW", 100)
    monkeypatch.setattr(Buckets, "MOST", 100)
    buckets = Buckets(Rate(10, SECOND, "limit"))
    buckets.take("greedy", 10, START)
    for number in range(1_000):
        buckets.take(f"user {number}", 1, START)
        assert len(buckets) <= 100
    with pytest.raises(TooManyRequests):
        buckets.take("greedy", 1, START)
    # Full buckets are dropped.
    for number in range(101):
        buckets.take(f"late {number}", 1, START + 10 * SECOND)
    assert len(buckets) <= 50 + 1


@pytest.mark.parametrize("price", PRICES, ids=lambda price: price.kind)
async def test_calls_of_a_kind_are_limited_per_caller_and_in_all(price: Price, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "WAIT_SECONDS", 0)
    admission = Admission(calls_per_minute=999_999)
    async with AsyncExitStack() as running:
        for _ in range(price.of_one):
            await running.enter_async_context(admission.place("ann", price, START))
        with pytest.raises(TooManyRequests, match=f"{price.of_one} {price.kind} running at once"):
            await running.enter_async_context(admission.place("ann", price, START))
        for number in range(price.of_all - price.of_one):
            await running.enter_async_context(admission.place(f"user {number}", price, START))
        with pytest.raises(TooManyRequests, match="Too many"):
            await running.enter_async_context(admission.place("bob", price, START))
        # Other kinds are not affected.
        other = LIST if price is not LIST else PLAIN
        await running.enter_async_context(admission.place("ann", other, START))
    for _ in range(price.of_all + 1):
        async with admission.place("ann", price, START):
            pass


async def test_a_call_that_fails_or_is_refused_frees_its_place() -> None:
    admission = Admission(calls_per_minute=40)
    for number in range(PLAIN.of_all + 1):
        with pytest.raises(ZeroDivisionError):
            async with admission.place(f"user {number}", PLAIN, START):
                raise ZeroDivisionError
    async with admission.place("bob", SEARCH, START):
        pass
    for _ in range(SEARCH.of_all + 1):
        with pytest.raises(TooManyRequests, match="The limit is 10 calls at once"):
            async with admission.place("bob", SEARCH, START):
                pass
    async with admission.place("cat", SEARCH, START):
        pass


async def test_a_caller_beyond_the_rate_limit_affects_nobody_else_and_may_retry_later() -> None:
    admission = Admission(calls_per_minute=1_200)
    for _ in range(300):
        async with admission.place("ann", PLAIN, START):
            pass
    with pytest.raises(TooManyRequests, match="try again in 1 s") as refusal:
        async with admission.place("ann", PLAIN, START):
            pass
    async with admission.place("bob", PLAIN, START):
        pass
    admission.charge("ann", 60, START)
    later = START + (refusal.value.retry_after or 0) * SECOND
    with pytest.raises(TooManyRequests, match="try again in 3 s"):
        async with admission.place("ann", PLAIN, later):
            pass
    async with admission.place("ann", PLAIN, later + 3 * SECOND):
        pass


def test_a_school_class_can_sign_in_and_a_flood_of_guests_cannot() -> None:
    admission = Admission(guests_per_minute=60)
    for _ in range(60):
        admission.new_guest("192.0.2.1", START)
    with pytest.raises(
        TooManyRequests, match="The limit is 60 new guests per minute from one network; try again in 1 s"
    ):
        admission.new_guest("192.0.2.1", START)
    admission.new_guest("192.0.2.2", START)
    admission.new_guest("192.0.2.1", START + SECOND)


async def test_unknown_callers_share_no_bucket() -> None:
    admission = Admission(calls_per_minute=60)
    for _ in range(1_000):
        async with admission.place("", PLAIN, START):
            pass
    # Somebody who is known has one of their own, which so many calls empty.
    with pytest.raises(TooManyRequests):
        for _ in range(1_000):
            async with admission.place("ann", PLAIN, START):
                pass
    async with admission.place("", PLAIN, START):
        pass
