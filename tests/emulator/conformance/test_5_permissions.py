"""Section 5: what role strings and grants allow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.protocol.permissions import BadRole, Permissions, TooManyRules, compile_pattern


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
