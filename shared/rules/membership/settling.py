"""How a membership changes: mark the user's own row, change the chat, settle what follows.

The member's row in the chat decides who is a member. The user's own row lies in another partition, so no transaction
covers both, and a change can break off in between. The own row shows it: it stays ``joining`` or ``leaving`` until it
is settled by the change itself, by its retry, or by the next reader (``recovery``). ``docs/protocols-of-change.md``
has the states.
"""

from dataclasses import dataclass, replace

from shared.backend import Actor, Backend
from shared.flow.concurrency import results, together
from shared.flow.tries import tries
from shared.model.errors import Unavailable
from shared.model.records import Chat, Member, Membership
from shared.ports.store.chats import Addition
from shared.rules.membership import rights, silence
from shared.rules.membership.announcements import News, announce


@dataclass(frozen=True)
class Standing:
    """What both sides say about a user in a chat. ``own`` has no version if there is no own row."""

    own: Membership
    member: Member | None
    chat: Chat | None

    @property
    def is_in(self) -> bool:
        """Whether the user is a member of a chat that exists."""
        return self.member is not None and self.chat is not None and not self.chat.deleted

    @property
    def is_settled(self) -> bool:
        """Whether the own row says the same, so that nothing is left to do."""
        return self.own.state == "member" and bool(self.own.version) if self.is_in else not self.own.version


async def begin(backend: Backend, own: Membership) -> Membership:
    """Marks the own row with ``own.state``: a change begins. Returns the row as it is then.

    Every other change that has read the row before fails to settle, and looks again. If another call has just marked
    the same change, both share its mark, so that many calls at once cost no more than the same calls one by one.
    ``joined`` of the result may differ from the member's row, which counts.
    """
    async for _ in tries(backend.pause):
        if marked := await _written(backend, own):
            return marked
        kept = await backend.store.memberships.read(own.user_id, own.chat_id)
        seen = (kept.version, kept.since, kept.silenced) if kept else ("", own.since, own.silenced)
        own = replace(own, version=seen[0], since=seen[1], silenced=seen[2])
        if kept is not None and kept.state == own.state:
            return own
    raise Unavailable


async def added(backend: Backend, own: Membership, member: Member) -> tuple[Membership, bool]:
    """Adds the member's row to the chat. Returns the own row to settle, and whether the user is in.

    What is unread begins at the end of the history as it is now. A clock could not tell: those of two instances differ.
    """
    how, head = await results(backend.store.chats.add(own.chat_id, member), backend.store.messages.head(own.chat_id))
    return replace(own, since=head.time) if how is Addition.ADDED else own, how is not Addition.GONE


async def look(backend: Backend, own: Membership) -> Standing:
    """Reads both sides, the own row first: a change that begins after that read makes ``settle`` look again."""
    kept = await backend.store.memberships.read(own.user_id, own.chat_id)
    member, chat = await results(
        backend.store.chats.member(own.chat_id, own.user_id), backend.store.chats.read(own.chat_id)
    )
    if kept is not None and member is not None:
        kept = replace(kept, joined=member.joined)
    return Standing(kept or replace(own, version=""), member, chat)


async def settle(backend: Backend, by: Actor, own: Membership, is_in: bool, news: News | None) -> bool:
    """Settles a change that left ``by`` in or out of the chat: rights, announcement, own row. True if they are in.

    The own row is written last, and only as it was read. If another change has come between, the loop starts over with
    what both sides say now. Each turn from in to out, or back, is announced once. Idempotent; raises Unavailable.
    """
    announced = own.state != "joining"
    async for _ in tries(backend.pause):
        if is_in:
            own = await silence.up_to_date(backend, own)
            await _let_in(backend, by, own)
        else:
            await shut_out(backend, by, own)
        if announced is not is_in:
            await announce(backend, news, is_in)
            announced = is_in
        if await _closed(backend, own, is_in):
            return is_in
        standing = await look(backend, own)
        if standing.is_settled and standing.is_in is is_in and standing.own.silenced is own.silenced:
            # Another call has settled the same.
            return is_in
        if standing.is_in and not standing.own.version:
            # An own row that is only inserted at the end would not show that somebody leaves in between.
            standing = await look(backend, await begin(backend, replace(standing.own, state="joining")))
        own, is_in = standing.own, standing.is_in
    raise Unavailable


async def _let_in(backend: Backend, by: Actor, own: Membership) -> None:
    """Gives all that a membership allows. Idempotent."""
    store = backend.store.messages
    await together(
        rights.grant(backend, own.chat_id, by.user_id, by.connection_id, speaks=own.speaks),
        silence.impose(backend, own) if own.silenced else store.admit(own.chat_id, own.user_id),
    )


async def shut_out(backend: Backend, by: Actor, own: Membership) -> None:
    """Takes all that a membership allowed, and the read position, but not the own row. Idempotent."""
    await together(
        rights.revoke(backend, own.chat_id, by.user_id, by.connection_id),
        backend.store.reads.drop(by.user_id, own.chat_id),
        backend.store.messages.bar(own.chat_id, by.user_id),
    )


async def _closed(backend: Backend, own: Membership, is_in: bool) -> bool:
    """Writes the own row as settled, or drops it; False when it has changed since it was read."""
    if is_in:
        return await _written(backend, replace(own, state="member")) is not None
    if own.version:
        return await backend.store.memberships.drop(own)
    # Without a row there is nothing to drop. If there is one now, the user has joined again and may have lost rights.
    return await backend.store.memberships.read(own.user_id, own.chat_id) is None


async def _written(backend: Backend, own: Membership) -> Membership | None:
    store = backend.store.memberships
    return await (store.update if own.version else store.insert)(own)
