"""Section 5: what role strings and grants allow."""

import re

import aiohttp
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from emulator.protocol.permissions import BadRole, Permissions, TooManyRules, compile_pattern
from tests.emulator.clients import connected
from tests.emulator.conftest import StandIn
from tests.emulator.rest import Rest
from tests.emulator.webhook import Webhook


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("room.*", ["room.a", "room."], ["room.a.b", "room", "xroom.a"]),
        ("room.**", ["room.a", "room.a.b", "room."], ["room"]),
        ("r?om", ["room", "rxom"], ["r.om", "rom"]),
        (r"a\*b", ["a*b"], ["axb"]),
        (r"a\?\\", ["a?\\"], ["ab\\"]),
        ("a+b", ["a+b"], ["aab"]),
    ],
)
def test_patterns(pattern: str, yes: list[str], no: list[str]) -> None:
    compiled = compile_pattern(pattern)
    assert [group for group in yes if not compiled.fullmatch(group)] == []
    assert [group for group in no if compiled.fullmatch(group)] == []


def test_pattern_roles_cover_their_permission_alone() -> None:
    permissions = Permissions(["webpubsub.sendToGroups.room.*"])
    assert permissions["sendToGroup"].allows("room.a")
    assert not permissions["joinLeaveGroup"].allows("room.a")


@pytest.mark.parametrize("pattern", ["", "*" * 6, "a" * 1025, "***" + "***"])
def test_bad_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(BadRole):
        compile_pattern(pattern)


@pytest.mark.parametrize("pattern", ["*****", "**a**b*", "a" * 1024])
def test_patterns_may_be_as_long_and_as_wide_as_is_said(pattern: str) -> None:
    assert compile_pattern(pattern).fullmatch("a" * 1024 if pattern[0] == "a" else "ab")


def test_as_many_rules_as_is_said_are_taken() -> None:
    roles = [f"webpubsub.sendToGroup.{number}" for number in range(1000)]
    patterns = [f"webpubsub.sendToGroups.room{number}" for number in range(10)]
    rules = Permissions([*roles, *patterns])["sendToGroup"]
    rules.grant("999")
    assert rules.allows("999") and rules.allows("room9")


def test_rules_are_bounded() -> None:
    with pytest.raises(TooManyRules):
        Permissions(f"webpubsub.sendToGroup.{number}" for number in range(1001))
    with pytest.raises(BadRole):
        Permissions(f"webpubsub.sendToGroups.{number}" for number in range(11))


def test_revocations_are_bounded() -> None:
    rules = Permissions(["webpubsub.sendToGroup"])["sendToGroup"]
    with pytest.raises(TooManyRules):
        for number in range(1001):
            rules.revoke(str(number))


def test_what_is_granted_again_makes_room_for_another_revocation() -> None:
    rules = Permissions(["webpubsub.sendToGroup"])["sendToGroup"]
    for number in range(1000):
        rules.revoke(str(number))
    rules.grant("7")
    rules.revoke("another")
    assert rules.allows("7") and not rules.allows("another")


def test_revoking_what_was_not_allowed_costs_nothing() -> None:
    rules = Permissions()["sendToGroup"]
    for number in range(2000):
        rules.revoke(str(number))
    assert not rules.revoked


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abc"))))
def test_the_last_word_on_a_group_counts(words: list[tuple[bool, str]]) -> None:
    rules = Permissions(["webpubsub.sendToGroup"])["sendToGroup"]
    expected = dict.fromkeys("abc", True)
    for granted, group in words:
        (rules.grant if granted else rules.revoke)(group)
        expected[group] = granted
    assert {group: rules.allows(group) for group in "abc"} == expected


@given(st.text(max_size=60), st.text(max_size=30))
def test_any_pattern_compiles_or_is_refused(pattern: str, group: str) -> None:
    try:
        compiled = compile_pattern(pattern)
    except BadRole:
        return
    compiled.fullmatch(group)


def covers(pattern: list[str], group: str) -> bool:
    """What a pattern of these pieces covers, by the letter: every star tries every run."""
    if not pattern:
        return not group
    piece, *rest = pattern
    if piece in ("*", "**"):
        run = group if piece == "**" else group.partition(".")[0]
        return any(covers(rest, group[size:]) for size in range(len(run) + 1))
    return bool(group) and (group[0] != "." if piece == "?" else group[0] == piece) and covers(rest, group[1:])


# A star only behind something else: two of them would be read as one of the other kind.
PIECES = st.lists(st.sampled_from(["a", "b", ".", "?", "*a", "*.", "*?", "**a", "**.", "**?"]), min_size=1, max_size=7)


@settings(max_examples=500)
@given(PIECES, st.sampled_from(["", "*", "**"]), st.text("ab.", max_size=10))
@example(["*a", ".", "a"], "*", "a.a.ab")
@example(["**a", "*b", "**."], "**", "a.ab.b")
def test_a_pattern_covers_what_its_letter_says(pieces: list[str], end: str, group: str) -> None:
    pattern = "".join(pieces) + end
    assume(pattern.count("*") <= 5)
    assert bool(compile_pattern(pattern).fullmatch(group)) == covers(re.findall(r"\*\*|.", pattern), group)


async def test_events_need_no_role(hooked: StandIn, hook: Webhook) -> None:
    async with connected(hooked.endpoint, role=[]) as client:
        assert (await client.ask(type="event", event="e", data=1, ackId=1))["success"]


async def test_roles_for_all_groups_one_group_and_patterns(endpoint: str) -> None:
    roles = ["webpubsub.joinLeaveGroup", "webpubsub.sendToGroup.One", r"webpubsub.sendToGroups.room.*"]
    expected = {"One": True, "one": False, "room.a": True, "room.a.b": False, "other": False}
    async with connected(endpoint, role=roles) as client:
        for number, (group, allowed) in enumerate(expected.items()):
            assert (await client.ask(type="joinGroup", group=group, ackId=2 * number))["success"]
            answer = await client.ask(type="sendToGroup", group=group, data=1, noEcho=True, ackId=2 * number + 1)
            assert answer["success"] is allowed, group


async def test_a_star_as_the_target_of_a_grant_is_a_group_of_that_name(endpoint: str) -> None:
    async with connected(endpoint, role=[]) as client, aiohttp.ClientSession() as session:
        path = f"permissions/joinLeaveGroup/connections/{client.id}?targetName=*"
        assert (await Rest(endpoint, session)("PUT", path)).status == 200
        assert (await client.ask(type="joinGroup", group="*", ackId=1))["success"]
        assert not (await client.ask(type="joinGroup", group="a", ackId=2))["success"]
