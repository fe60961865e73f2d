"""What one caller, and all together, may have a process do over HTTP: the rule by itself."""

from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.admission import EXPORT, LIST, PING, PLAIN, SEARCH, Admission, Price
from shared.clock import SECOND, SKEW
from shared.errors import TooManyRequests
from shared.rate_limit import Buckets, Rate

PRICES = (PLAIN, LIST, EXPORT, SEARCH, PING)
START = 1_700_000_000 * SECOND


@given(st.integers(11, 500))
def test_what_is_charged_beyond_what_is_there_is_owed_for_a_while_and_by_nobody_else(tokens: int) -> None:
    rate = Rate(10, SECOND // 2, "limit")
    buckets = Buckets(rate)
    buckets.charge("ann", tokens, START)
    buckets.take("bob", 10, START)
    owed = min((tokens - 10) * rate.token, SKEW)
    with pytest.raises(TooManyRequests):
        buckets.take("ann", 1, START + owed)
    buckets.take("ann", 1, START + owed + rate.token)


def test_of_very_many_only_the_emptiest_buckets_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Buckets, "FEW", 100)
    monkeypatch.setattr(Buckets, "MOST", 100)
    buckets = Buckets(Rate(10, SECOND, "limit"))
    buckets.take("greedy", 10, START)
    for number in range(1_000):
        buckets.take(f"user {number}", 1, START)
        assert len(buckets) <= 100
    with pytest.raises(TooManyRequests):
        buckets.take("greedy", 1, START)
    # What has filled up needs no room.
    for number in range(101):
        buckets.take(f"late {number}", 1, START + 10 * SECOND)
    assert len(buckets) <= 50 + 1


@pytest.mark.parametrize("price", PRICES, ids=lambda price: price.kind)
def test_so_many_of_a_kind_run_of_one_and_so_many_of_all(price: Price) -> None:
    admission = Admission(calls_per_minute=999_999)
    with ExitStack() as running:
        for _ in range(price.of_one):
            running.enter_context(admission.place("ann", price, START))
        with pytest.raises(TooManyRequests, match=f"{price.of_one} {price.kind} running at a time") as alone:
            running.enter_context(admission.place("ann", price, START))
        for number in range(price.of_all - price.of_one):
            running.enter_context(admission.place(f"user {number}", price, START))
        with pytest.raises(TooManyRequests, match="Too many") as together:
            running.enter_context(admission.place("bob", price, START))
        assert alone.value.retry_after == together.value.retry_after == 1
        # Other kinds are not held up.
        other = LIST if price is not LIST else PLAIN
        running.enter_context(admission.place("ann", other, START))
    for _ in range(price.of_all + 1):
        with admission.place("ann", price, START):
            pass
    assert not admission._running and not admission._of_kind


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(PRICES), st.booleans()), max_size=300))
def test_whatever_comes_and_goes_no_bound_is_passed_and_every_place_comes_back(
    steps: list[tuple[str, Price, bool]],
) -> None:
    admission, there = Admission(calls_per_minute=999_999), []
    for caller, price, comes in steps:
        if not comes and there:
            there.pop(0)[2].close()
            continue
        place = ExitStack()
        of_kind = [one for one in there if one[1] is price]
        mine = [one for one in of_kind if one[0] == caller]
        try:
            place.enter_context(admission.place(caller, price, START))
        except TooManyRequests:
            assert len(of_kind) == price.of_all or len(mine) == price.of_one
            continue
        assert len(of_kind) < price.of_all and len(mine) < price.of_one
        there.append((caller, price, place))
    for _, _, place in there:
        place.close()
    assert not admission._running and not admission._of_kind


def test_a_call_that_fails_gives_its_place_back_too() -> None:
    admission = Admission()
    for _ in range(SEARCH.of_one + 1):
        with pytest.raises(ZeroDivisionError), admission.place("ann", SEARCH, START):
            raise ZeroDivisionError


def test_one_who_asks_too_much_holds_up_nobody_else_and_may_come_again() -> None:
    admission = Admission(calls_per_minute=1_200)
    for _ in range(300):
        with admission.place("ann", PLAIN, START):
            pass
    with pytest.raises(TooManyRequests, match="try again in 1 s") as refusal, admission.place("ann", PLAIN, START):
        pass
    with admission.place("bob", PLAIN, START):
        pass
    admission.charge("ann", 60, START)
    later = START + (refusal.value.retry_after or 0) * SECOND
    with pytest.raises(TooManyRequests, match="try again in 3 s"), admission.place("ann", PLAIN, later):
        pass
    with admission.place("ann", PLAIN, later + 3 * SECOND):
        pass


def test_a_school_class_gets_in_and_a_flood_of_guests_does_not() -> None:
    admission = Admission(guests_per_minute=60)
    for _ in range(60):
        admission.new_guest("192.0.2.1", START)
    with pytest.raises(TooManyRequests, match="From one network 60 guests may come a minute; try again in 1 s"):
        admission.new_guest("192.0.2.1", START)
    admission.new_guest("192.0.2.2", START)
    admission.new_guest("192.0.2.1", START + SECOND)


def test_who_is_nobody_known_shares_no_bucket_with_all_others_like_that() -> None:
    admission = Admission()
    for _ in range(1_000):
        with admission.place("", PLAIN, START):
            pass
