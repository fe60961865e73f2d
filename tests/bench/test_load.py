"""The verdict of the load benchmark detects a message that is lost, duplicated, out of order, or not shown to all."""

import pytest

from bench.load import MEMBERS, Outcome, at, judge


def judged(said: list[str], kept: list[str], found: Outcome) -> None:
    """A chat in which one person said something; both are message ids."""
    judge({"ann": said}, [{"id": one, "fromUserId": "ann"} for one in kept], found)


def outcome(said: list[str], shown_to: int = MEMBERS - 1) -> Outcome:
    """An outcome in which everything was acknowledged and has reached the given number of others."""
    times = dict.fromkeys(said, 1.0)
    return Outcome(times, dict(times), dict(times), {one: [1.0] * shown_to for one in said})


@pytest.mark.parametrize(
    ("kept", "problem"),
    [
        (["1", "2", "3"], None),
        (["1", "3"], "acknowledged but not kept"),
        (["1", "3", "2"], "author's order lost"),
        (["1", "2", "3", "4"], "kept but never said"),
        (["1", "2", "2", "3"], "kept twice"),
    ],
)
def test_what_history_has_lost_added_or_moved_is_counted(kept: list[str], problem: str | None) -> None:
    found = outcome(["1", "2", "3"])
    judged(["1", "2", "3"], kept, found)
    assert (problem in +found.problems) == bool(problem)
    assert bool(+found.problems) == bool(problem)


@pytest.mark.parametrize("shown_to", [MEMBERS - 2, MEMBERS])
def test_a_message_that_somebody_saw_never_or_twice_is_counted(shown_to: int) -> None:
    found = outcome(["1"], shown_to)
    judged(["1"], ["1"], found)
    assert +found.problems == {"not once in front of every other member": 1}


def test_a_message_that_was_refused_and_is_not_kept_is_no_loss() -> None:
    found = outcome(["1", "2"])
    del found.saved["2"]
    judged(["1", "2"], ["1"], found)
    assert not +found.problems


def test_a_share_of_waits_is_the_wait_that_so_many_did_not_exceed() -> None:
    waits = [float(number) for number in range(100)]
    assert (at(waits, 0.5), at(waits, 0.99), at(waits, 1.0)) == (50.0, 99.0, 99.0)
