"""Ends that somebody began and gave up: whoever reads the chat's members finishes them, and so does the clean-up.

Taking somebody out of a chat keeps an ``Ending`` in the same step, beside the members. Until it goes, rights may not be
taken, nobody may know, the user's own row may stand. Whatever else ends rights in a chat does the same. Must not know
who wants to end what.
"""

from collections.abc import Sequence
from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.concurrency import each
from shared.flow.deadline import GIVEN_UP
from shared.flow.on_the_way import on_the_way
from shared.model.records import Chat, Ending, Membership
from shared.rules.membership import settling


def is_given_up(backend: Backend, since: int) -> bool:
    """Whether what was taken up at ``since`` is nobody's any more."""
    return backend.clock() - since > GIVEN_UP


async def finish(backend: Backend, chat: Chat, endings: Sequence[Ending]) -> None:
    """What a reader of a chat does about its members' ends that were given up."""
    if due := [one for one in endings if is_given_up(backend, one.since)]:
        await on_the_way(lambda: each(due, lambda one: take_over(backend, chat, one)))


async def take_over(backend: Backend, chat: Chat, ending: Ending) -> bool:
    """Finishes an end that was given up; False when somebody else is at it. Of many readers one does it."""
    mine = await backend.store.chats.take_up(chat.id, replace(ending, since=backend.clock()))
    if mine is None:
        return False
    place = Membership(ending.user_id, chat.id, chat.name, chat.kind, 0, chat.moderated, "leaving")
    standing = await settling.look(backend, place)
    if not standing.is_in and not standing.place.version:
        # So that a join from here on does not go unnoticed.
        await settling.begin(backend, place)
        standing = await settling.look(backend, place)
    if standing.place.version or not standing.is_in:
        await _settled(backend, chat.id, ending, standing)
    await backend.store.chats.close(chat.id, mine)
    return True


async def _settled(backend: Backend, chat_id: str, ending: Ending, standing: settling.Standing) -> None:
    """Takes the rights of who is out, and gives them to who has joined again: they may have been taken behind that."""
    place = standing.place if standing.is_in else replace(standing.place, state="leaving")
    gone = standing.chat is None or standing.chat.deleted
    tell = settling.teller(backend, chat_id, ending.user_id, ending.name, ending.removed)
    by = Actor(ending.user_id, "")
    await settling.settle(backend, by, place, standing.is_in, settling.nothing if gone else tell)
