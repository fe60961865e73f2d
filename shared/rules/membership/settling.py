"""A user's own row of a membership: marked before a change begins, settled when everything has followed.

The chat's member row decides who is a member. It lies in another partition, so a change can end between the two: the
own row says so (``joining``, ``leaving``) until it is settled, by the change itself, its retry, or whoever reads it
next. What is settled is left alone, so that many at once cost no more than as many one after another. Must not know why
somebody comes or goes.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from shared.backend import Actor, Backend
from shared.flow.concurrency import results, together
from shared.flow.tries import tries
from shared.model.errors import Unavailable
from shared.model.records import Chat, Member, Membership
from shared.ports.store.chats import Addition
from shared.rules import sending
from shared.rules.membership import rights, silence
from shared.wire.chat_events import MemberJoined, MemberLeft

# Announces that the user is a member now, or is none any more.
Tell = Callable[[bool], Awaitable[None]]


async def nothing(is_in: bool) -> None:
    """Announces nothing: the end of a chat says it all."""


def teller(backend: Backend, chat_id: str, user_id: str, name: str, removed: bool = False) -> Tell:
    """Tells the chat who came or went, and those who went themselves."""

    async def tell(is_in: bool) -> None:
        if is_in:
            await sending.to_chat(backend, chat_id, MemberJoined(chat_id, user_id, name))
            return
        left = MemberLeft(chat_id, user_id, name, removed)
        await together(sending.to_chat(backend, chat_id, left), sending.to_user(backend, user_id, left))

    return tell


@dataclass(frozen=True)
class Standing:
    """What both sides say about a user in a chat. ``place`` has no version where there is no own row."""

    place: Membership
    member: Member | None
    chat: Chat | None

    @property
    def is_in(self) -> bool:
        """Whether the user is a member of a chat that is there."""
        return self.member is not None and self.chat is not None and not self.chat.deleted

    @property
    def is_settled(self) -> bool:
        """Whether the own row says the same, and nothing is left to do."""
        return self.place.state == "member" and bool(self.place.version) if self.is_in else not self.place.version


async def begin(backend: Backend, place: Membership) -> Membership:
    """Marks with ``place.state`` that a change begins, so that nobody takes for settled what they read before.

    Who finds that somebody else has just begun the same shares their mark. When the user joined, it may say otherwise
    than the member's row, which counts.
    """
    async for _ in tries(backend.pause):
        if marked := await _written(backend, place):
            return marked
        kept = await backend.store.memberships.read(place.user_id, place.chat_id)
        seen = (kept.version, kept.since, kept.silenced) if kept else ("", place.since, place.silenced)
        place = replace(place, version=seen[0], since=seen[1], silenced=seen[2])
        if kept is not None and kept.state == place.state:
            return place
    raise Unavailable


async def added(backend: Backend, place: Membership, member: Member) -> tuple[Membership, bool]:
    """Makes the member's row; returns the own row as it is to be then, and whether the user is in.

    News is what is behind the end of the history, not by the clock, since another instance's may be behind.
    """
    how, head = await results(
        backend.store.chats.add(place.chat_id, member), backend.store.messages.head(place.chat_id)
    )
    return replace(place, since=head.time) if how is Addition.ADDED else place, how is not Addition.GONE


async def look(backend: Backend, place: Membership) -> Standing:
    """How it stands now. In this order: who begins a change behind the first read makes ``settle`` look again."""
    kept = await backend.store.memberships.read(place.user_id, place.chat_id)
    member, chat = await results(
        backend.store.chats.member(place.chat_id, place.user_id), backend.store.chats.read(place.chat_id)
    )
    if kept is not None and member is not None:
        kept = replace(kept, joined=member.joined)
    return Standing(kept or replace(place, version=""), member, chat)


async def settle(backend: Backend, by: Actor, place: Membership, is_in: bool, tell: Tell) -> bool:
    """Ends a change that left ``by`` in or out of the chat: rights, announcement, own row. Returns how it ended.

    The own row ends it only as it was read: if others changed it meanwhile, the member row has the last word.
    """
    told = place.state != "joining"
    async for _ in tries(backend.pause):
        place = await silence.as_it_is(backend, place) if is_in else place
        await (_let_in if is_in else shut_out)(backend, by, place)
        if told is not is_in:
            await tell(is_in)
            told = is_in
        if await _closed(backend, place, is_in):
            return is_in
        standing = await look(backend, place)
        if standing.is_settled and standing.is_in is is_in and standing.place.silenced is place.silenced:
            # By somebody who wanted the same, at the same time.
            return is_in
        if standing.is_in and not standing.place.version:
            # Making the row at the end would not notice who leaves in between, and has dropped theirs by then.
            standing = await look(backend, await begin(backend, replace(standing.place, state="joining")))
        place, is_in = standing.place, standing.is_in
    raise Unavailable


async def _let_in(backend: Backend, by: Actor, place: Membership) -> None:
    await together(
        rights.grant(backend, place.chat_id, by.user_id, by.connection_id, speaks=place.speaks),
        (silenced if place.silenced else voiced)(backend, place),
    )


async def voiced(backend: Backend, place: Membership) -> None:
    """Lets a member write."""
    await backend.store.messages.admit(place.chat_id, place.user_id)


async def silenced(backend: Backend, place: Membership) -> None:
    """Leaves a member no more than to read and to listen. Safe to repeat."""
    await together(
        rights.silence(backend, place.chat_id, place.user_id),
        backend.store.messages.bar(place.chat_id, place.user_id),
    )


async def shut_out(backend: Backend, by: Actor, place: Membership) -> None:
    """Takes all that a membership gave, but the own row. Safe to repeat."""
    await together(
        rights.revoke(backend, place.chat_id, by.user_id, by.connection_id),
        backend.store.reads.drop(by.user_id, place.chat_id),
        backend.store.messages.bar(place.chat_id, by.user_id),
    )


async def inherit(backend: Backend, user_id: str, chat_id: str) -> None:
    """Has a public chat count among those that its new owner has made. Safe to repeat."""
    async for _ in tries(backend.pause):
        kept = await backend.store.memberships.read(user_id, chat_id)
        if kept is None or kept.made or await backend.store.memberships.update(replace(kept, made=True)):
            return
    raise Unavailable


async def forget(backend: Backend, user_id: str, chat_id: str) -> None:
    """Drops the own row of a chat that is gone, whatever somebody writes into it meanwhile."""
    async for _ in tries(backend.pause):
        kept = await backend.store.memberships.read(user_id, chat_id)
        if kept is None or await backend.store.memberships.drop(kept):
            return
    raise Unavailable


async def _closed(backend: Backend, place: Membership, is_in: bool) -> bool:
    if is_in:
        return await _written(backend, replace(place, state="member")) is not None
    if place.version:
        return await backend.store.memberships.drop(place)
    # Who has come again meanwhile may have lost what they were given.
    return await backend.store.memberships.read(place.user_id, place.chat_id) is None


async def _written(backend: Backend, place: Membership) -> Membership | None:
    store = backend.store.memberships
    return await (store.update if place.version else store.insert)(place)
