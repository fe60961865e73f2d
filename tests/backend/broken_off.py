"""Events that are killed at a chosen call and never retried, and the state that readers have to restore."""

from shared.flow.deadline import ABANDONED_AFTER
from shared.model.clock import SECOND
from shared.model.errors import Unavailable
from shared.rules.chats import own_list
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore
from tests.backend.scenes import SCENES
from tests.backend.stage import Player, Stage

CHANGES = [
    "createChat",
    "joinChat",
    "leaveChat",
    "leaveChat of the owner",
    "leaveChat of the last",
    "removeMember",
    "deleteChat",
    "createPrivateChat",
    "createPrivateChat again",
]
MOST_CALLS = 100


class Killed:
    """Fails all calls from number ``at`` on, until ``at`` is 0."""

    def __init__(self) -> None:
        self.at = self.calls = 0

    def before_call(self, name: str) -> None:
        self.calls += 1
        if self.at and self.calls >= self.at:
            raise Unavailable


async def broken_off(scene: str, at: int) -> tuple[Stage, list[Player], bool]:
    """A scene whose event was killed at a call, and whether it got that far."""
    before, act = SCENES[scene]
    killed = Killed()
    stage = Stage(MemoryStore(killed.before_call), MemorySender(killed.before_call))
    players = [await stage.user(name) for name in ("Ann", "Bob", "Cat")]
    await before(players)
    killed.at, killed.calls = at, 0
    try:
        await act(players)
    except Unavailable:
        return stage, players, True
    finally:
        killed.at = 0
        # So long that it can be taken over.
        stage.clock.pass_seconds(2 * ABANDONED_AFTER / SECOND)
    return stage, players, False


async def assert_whole(stage: Stage, players: list[Player]) -> None:
    """Asserts that both rows of each membership agree with each other, the rights, the directory and the lists."""
    store = stage.memory
    for chat in list(store.chats.rows.values()):
        members = set() if chat.deleted else set(store.chats.people[chat.id])
        assert {user for user, chat_id in store.memberships.rows if chat_id == chat.id} == members
        assert (chat.id in store.chats.directory) == (chat.kind == "public" and not chat.deleted)
        for player in players:
            assert player.may_speak_in(chat.id) == player.hears(chat.id) == (player.id in members)
            assert store.messages.is_barred(chat.id, player.id) == (player.id not in members)
            listed = (await own_list.page(stage.backend, player.id, "")).items
            assert (chat.id in {one.id for one in listed}) == (player.id in members)
    assert {place.state for place in store.memberships.rows.values()} <= {"member"}


# Who leaves, and who may be the only reader afterwards.
ENDS = [
    ("leaveChat", 1, 0),
    ("leaveChat", 1, 2),
    ("leaveChat of the owner", 0, 1),
    ("leaveChat of the owner", 0, 2),
    ("leaveChat of the last", 0, 1),
    ("removeMember", 1, 0),
    ("removeMember", 1, 2),
    ("removeMember of a group", 1, 0),
    ("deleteChat", 0, 1),
    ("deleteChat", 0, 2),
    ("deleteChat, a group", 0, 1),
]


def assert_only_members_have_rights(stage: Stage, players: list[Player], but: int | None = None) -> None:
    """Asserts that no former member has rights. ``but`` may, in a deleted chat that nobody else receives."""
    for chat in stage.memory.chats.rows.values():
        members = set() if chat.deleted else set(stage.memory.chats.people[chat.id])
        has_any = {
            number
            for number, player in enumerate(players)
            if player.may_speak_in(chat.id) or player.may_visit(chat.id) or player.hears(chat.id)
        }
        outsiders = {number for number in has_any if players[number].id not in members}
        assert not outsiders or (chat.deleted and outsiders == {but})
