"""Finishes what another call began and abandoned: a membership between two states, or somebody's end in a chat.

Two rows show what is left to do. A user's own row that is ``joining`` or ``leaving`` is found by the next reader of
that user's chats. Taking somebody out of a chat keeps an ``Ending`` beside the members, in the same transaction. It is
found by the next reader of the members, so nobody depends on the user who has gone. The clean-up finds both.
"""

from collections.abc import Sequence
from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.best_effort import best_effort
from shared.flow.concurrency import each
from shared.flow.deadline import ABANDONED_AFTER
from shared.model.records import Chat, Ending, Membership
from shared.rules.membership.announcements import Move, News, of_joining
from shared.rules.membership.settling import Standing, begin, look, settle
from shared.rules.profiles import named


def is_abandoned(backend: Backend, since: int) -> bool:
    """Whether the call that took something up at ``since`` can no longer be running."""
    return backend.clock() - since > ABANDONED_AFTER


async def mend(backend: Backend, own: Membership) -> bool:
    """Settles a membership that was left between two states; True when the user is a member."""
    standing = await look(backend, own)
    if not standing.own.version:
        return standing.is_in
    news = await _news(backend, standing)
    return await settle(backend, Actor(own.user_id, ""), standing.own, standing.is_in, news)


async def _news(backend: Backend, standing: Standing) -> News | None:
    """What to announce if the change has not been announced. The end of a chat was: its members hear nothing else."""
    own, member, chat = standing.own, standing.member, standing.chat
    if chat is None or chat.deleted:
        return None
    if member:
        return await of_joining(backend, chat, member)
    return Move(chat.id, own.user_id, (await named(backend, own.user_id)).name)


async def finish_endings(backend: Backend, chat: Chat, endings: Sequence[Ending]) -> None:
    """Finishes those of a chat's endings that are abandoned, as a side task of whoever reads the members."""
    if due := [one for one in endings if is_abandoned(backend, one.since)]:
        await best_effort(lambda: each(due, lambda one: take_over(backend, chat, one)))


async def take_over(backend: Backend, chat: Chat, ending: Ending) -> bool:
    """Finishes an abandoned ending; False when another call does. Of many readers one wins the claim."""
    claimed = await backend.store.chats.take_up(chat.id, replace(ending, since=backend.clock()))
    if claimed is None:
        return False
    own = Membership(ending.user_id, chat.id, chat.name, chat.kind, 0, chat.moderated, "leaving")
    standing = await look(backend, own)
    if not standing.is_in and not standing.own.version:
        # Without an own row, a join that begins now would not make `settle` look again.
        await begin(backend, own)
        standing = await look(backend, own)
    if standing.own.version or not standing.is_in:
        await _settle_ending(backend, ending, standing)
    await backend.store.chats.close(chat.id, claimed)
    return True


async def _settle_ending(backend: Backend, ending: Ending, standing: Standing) -> None:
    """Takes the rights of a user who is out. One who has joined again gets all rights anew, in case some were taken."""
    own = standing.own if standing.is_in else replace(standing.own, state="leaving")
    is_gone = standing.chat is None or standing.chat.deleted
    news = None if is_gone else Move(own.chat_id, ending.user_id, ending.name, ending.removed)
    await settle(backend, Actor(ending.user_id, ""), own, standing.is_in, news)
