"""A change that conflicts again and again is refused for the moment, and never reported as done."""

from operator import attrgetter

import pytest

from shared.model.clock import SECOND
from shared.model.errors import Unavailable
from shared.ports.store.messages import Outcome
from shared.rules.presence.announcing import CHANGES
from tests.backend.stage import Stage, new_id

MESSAGE = new_id()

# An event, its sender, the operation that always conflicts, and the result of a conflict.
LOSING = [
    ("leaveChat", "Ann", "chats.hand_over", None),
    ("leaveChat", "Bob", "chats.take_out", None),
    ("leaveChat", "Bob", "memberships.update", None),
    ("deleteChat", "Ann", "chats.delete", False),
    ("deleteChat", "Ann", "memberships.drop", False),
    ("createInvite", "Ann", "invites.add", False),
    ("editMessage", "Ann", "messages.edit", Outcome.STALE),
    ("deleteMessage", "Ann", "messages.delete", Outcome.STALE),
    ("react", "Bob", "reactions.add", Outcome.STALE),
    ("userEnterIdle", "Bob", "presence.update", None),
    ("userConnected", "Bob", "presence.update", None),
]


@pytest.mark.parametrize(("event", "who", "call", "lost"), LOSING, ids=str)
async def test_an_event_that_always_conflicts_is_refused_for_the_moment(
    monkeypatch: pytest.MonkeyPatch, event: str, who: str, call: str, lost: object
) -> None:
    stage = Stage()
    players = {"Ann": await stage.user("Ann"), "Bob": await stage.user("Bob")}
    ann, chat_id = players["Ann"], new_id()
    await ann.does("createChat", {"id": chat_id, "name": "Tea", "kind": "group"})
    await players["Bob"].does("acceptInvite", {"token": await ann.link(chat_id)})
    await stage.store.invites.drop(chat_id)
    await ann.does("saveMessage", {"chatId": chat_id, "id": MESSAGE, "message": "hi"})
    if event == "userConnected":
        # So that it has something to change.
        await players["Bob"].does("userEnterIdle", "")
    part, _, method = call.partition(".")

    async def loses(*_: object, **__: object) -> object:
        return lost

    monkeypatch.setattr(attrgetter(part)(stage.store), method, loses)
    data = {
        "deleteChat": chat_id,
        "userEnterIdle": "",
        "userConnected": {},
        "react": {"chatId": chat_id, "id": MESSAGE, "emoji": "👍", "on": True},
    }
    wanted = data.get(event, {"chatId": chat_id, "id": MESSAGE, "message": "ho"})
    assert await players[who].code(event, wanted) == "Unavailable"


@pytest.mark.parametrize("call", ["update", "vanish"])
async def test_an_end_that_cannot_be_announced_is_left_to_a_retry(monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    stage = Stage()
    ann, bob = await stage.user("Ann"), await stage.user("Bob")

    async def loses(_: object) -> None:
        return None

    # Of who comes and goes at once the row stays.
    stage.clock.pass_seconds(CHANGES.token / SECOND)
    with monkeypatch.context() as patched:
        patched.setattr(stage.store.presence, call, loses)
        with pytest.raises(Unavailable):
            await bob.closes()
    await bob.closes()
    assert ann.heard("userOffline")[-1:] == [bob.id]
    assert await stage.store.presence.online(bob.id) is None
