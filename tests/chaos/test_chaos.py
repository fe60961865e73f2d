"""A chaos run works with each mishap, and detects each kind of difference."""

import os
from pathlib import Path

from tests.chaos.facts import Fact, Facts, Said
from tests.chaos.run import Run
from tests.chaos.verdict import words

ROOM, MESSAGE = "room", "message"


async def test_what_is_acknowledged_is_so_whatever_is_killed(tmp_path: Path) -> None:
    mishaps = ["a host is killed", "the stand-in is killed", "the power is cut"]
    run = Run(tmp_path, 1, os.environ)
    outcome = await run.all_of_it(lambda number: mishaps[number] if number < len(mishaps) else "")
    assert outcome.unexplained == []
    assert list(outcome.mishaps) == mishaps and outcome.kills == 1 + 1 + 5
    assert outcome.facts.counted["operations"] > 100


def told(**changes: object) -> tuple[Facts, dict[str, object]]:
    """An acknowledged message, and its state in the history."""
    facts = Facts()
    facts.said[MESSAGE] = Said(ROOM, "ann", 1, 0.0, Fact(True), Fact("hi"), {"bob": Fact(True)})
    return facts, {"id": MESSAGE, "message": "hi", "fromUserId": "ann", "reactions": {"👍": ["bob"]}, **changes}


def test_every_difference_from_what_was_told_is_seen() -> None:
    facts, message = told()
    assert list(words(facts, ROOM, [message])) == []
    assert len(list(words(facts, ROOM, []))) == 1
    assert len(list(words(facts, ROOM, [message, message]))) == 1
    assert len(list(words(facts, ROOM, [message, {**message, "id": "other"}]))) == 1
    for field, value in (("message", "ho"), ("reactions", {})):
        facts, message = told(**{field: value})
        assert len(list(words(facts, ROOM, [message]))) == 1
    facts, message = told()
    facts.said[MESSAGE].kept = Fact(False)
    assert len(list(words(facts, ROOM, [message]))) == 1


def test_the_order_of_an_author_is_seen() -> None:
    facts, message = told()
    facts.said["second"] = Said(ROOM, "ann", 2, 0.0, Fact(True), Fact("hi"))
    second = {**message, "id": "second", "reactions": {}}
    assert list(words(facts, ROOM, [message, second])) == []
    assert len(list(words(facts, ROOM, [second, message]))) == 1


def test_only_what_was_acknowledged_just_before_the_power_was_cut_is_explained_by_that() -> None:
    facts, _ = told()
    said = facts.said[MESSAGE]
    said.kept.since, said.text.since = 97.0, 99.0
    facts.power_was_cut(100.0)
    assert (said.kept.value, said.text.value) == (True, None)
