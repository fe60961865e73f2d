"""The cost of each operation in storage requests and REST calls, as in ``docs/architecture.md``, for any crowd.

It also counts how many of them run in sequence, because independent calls should run concurrently.
"""

import asyncio

import pytest

from shared.rules.membership import quota
from tests.backend.costs.operations import OPERATIONS, WEIGHT, Cost, documented, prepared, size
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore
from tests.backend.rounds import Rounds
from tests.backend.stage import Stage


class CountedSender(MemorySender):
    async def _call(self, name: str) -> None:
        # A token is created locally, without a request.
        if name != "client_access":
            await super()._call(name)


async def cost(operation: str, crowd: int, rooms: int) -> Cost:
    """The cost of an operation by Ann, in a chat with ``crowd`` more users, with ``rooms`` more chats of hers."""
    rounds = Rounds()
    stage = Stage(MemoryStore(rounds.calls.append), CountedSender(rounds.calls.append))
    scene = await prepared(stage, operation, crowd, rooms)
    rounds.calls.clear()
    stage.memory.turn = stage.sender.turn = rounds.turn
    in_a_row = await rounds.count(OPERATIONS[operation](scene))
    weights = [(name.startswith("sender."), WEIGHT.get(name, 1)) for name in rounds.calls]
    rest = sum(weight for is_rest, weight in weights if is_rest)
    return Cost(sum(weight for is_rest, weight in weights if not is_rest), rest, in_a_row)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("others", [1, 40])
async def test_an_operation_costs_what_the_document_says_however_many_chats_and_users_there_are(
    operation: str, others: int
) -> None:
    wanted = documented(operation, size(operation, others, others))
    assert await cost(operation, crowd=others, rooms=others) == wanted


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_nothing_runs_after_the_answer(operation: str) -> None:
    """A serverless host may freeze the process after the answer, so no work may be left."""
    await cost(operation, crowd=1, rooms=1)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_page_of_chats_ends_at_fifty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota, "MADE_CHATS", 99)
    for operation in ("`GET chats`, a page of n", "`GET me/chats`, a page of n"):
        assert await cost(operation, crowd=1, rooms=70) == documented(operation, 50)
