"""The chats a user belongs to, and mending on the way what a fault or a deletion has left of a membership."""

from shared.backend import Actor, Backend
from shared.flow.concurrency import each, results
from shared.flow.on_the_way import on_the_way
from shared.model.records import Membership, Page, Roster
from shared.rules.chats import deletion, joining
from shared.rules.history import unread
from shared.rules.history.unread import with_unread
from shared.rules.membership import recovery, settling
from shared.rules.membership.settling import Tell, teller
from shared.rules.profiles import named
from shared.wire.chat_events import ChatCreated
from shared.wire.chat_view import LISTED_MEMBERS, PAGE_CHATS, on_the_wire
from shared.wire.shapes import OwnChat


async def page(backend: Backend, user_id: str, after: str) -> Page[OwnChat]:
    """The chats of a user, public and private."""
    found = await backend.store.memberships.of_user(user_id, after, PAGE_CHATS)
    seen, counts = await results(
        each(found.items, lambda place: _as_seen(backend, place)), unread.counted(backend, found.items)
    )
    shown = [with_unread(chat, count) for chat, count in zip(seen, counts, strict=True) if chat is not None]
    return Page(tuple(shown), found.next)


async def _as_seen(backend: Backend, place: Membership) -> ChatCreated | None:
    async with backend.list_reads:
        roster = await backend.store.chats.roster(place.chat_id, LISTED_MEMBERS)
    if roster is not None:
        await deletion.finish(backend, roster, Actor(place.user_id, ""))
    if not await _is_in(backend, place, roster) or roster is None or roster.chat.deleted:
        return None
    return on_the_wire(roster.chat, roster.members, place.name if roster.chat.kind == "private" else "")


async def _is_in(backend: Backend, place: Membership, roster: Roster | None) -> bool:
    # Whoever is between two states is shown their chats, also while Web PubSub is away.
    if _in(roster, place.user_id):
        if place.state == "member":
            return True
        settled = await on_the_way(lambda: mend(backend, place))
        if settled is None:
            return await backend.store.chats.member(place.chat_id, place.user_id) is not None
        return settled
    return bool(await on_the_way(lambda: _taken_out(backend, place, roster)))


async def _taken_out(backend: Backend, place: Membership, roster: Roster | None) -> bool:
    ending = next((one for one in roster.endings if one.user_id == place.user_id), None) if roster else None
    if roster and ending:
        await recovery.take_over(backend, roster.chat, ending)
    return await mend(backend, place)


def _in(roster: Roster | None, user_id: str) -> bool:
    """Whether a chat is there and the user in it, as far as its listed members tell."""
    if roster is None or roster.chat.deleted:
        return False
    return len(roster.members) == LISTED_MEMBERS or any(one.user_id == user_id for one in roster.members)


async def mend(backend: Backend, place: Membership) -> bool:
    """Settles a membership that was left between two states; True when the user is a member."""
    standing = await settling.look(backend, place)
    if not standing.place.version:
        return standing.is_in
    by = Actor(place.user_id, "")
    return await settling.settle(backend, by, standing.place, standing.is_in, await _teller(backend, standing))


async def _teller(backend: Backend, standing: settling.Standing) -> Tell:
    place, member, chat = standing.place, standing.member, standing.chat
    if chat is None or chat.deleted:
        return settling.nothing
    if member:
        return joining.arrival(backend, chat, member)
    return teller(backend, chat.id, place.user_id, (await named(backend, place.user_id)).name)
