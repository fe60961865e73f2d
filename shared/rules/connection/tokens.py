"""Which rights a connection starts with: in the token a browser gets, and again when it connects.

Must not know how tokens are made. A token can be up to an hour old, so ``connect`` has the last word.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from shared.backend import Actor, Backend
from shared.flow.concurrency import checked, each, results
from shared.model.clock import SKEW
from shared.model.errors import NotSignedIn
from shared.model.records import Membership, Profile
from shared.ports.sender import ClientAccess
from shared.rules import profiles
from shared.rules.connection import slots
from shared.rules.membership import rights, settling
from shared.trust.revocation import require_valid
from shared.wire.cloudevents import ConnectRequest
from shared.wire.connection_state import ConnectionState

GROUP_CLAIM = "webpubsub.group"
# In the address these grow by a third, to about 7,000 characters; browsers and proxies take 8,000 and more. It is room
# for 30 chats, or 18 private ones, whose ids are longer.
TOKEN_CHARACTERS = 5_000
# The service allows 1,000 literal rules of each permission on a connection.
CONNECT_CHATS = 1_000
# Of those joined within the last seconds, which the connection remembers one by one; of more it gets the rights with
# ``catch_up``.
CONNECT_YOUNG = 50


@dataclass(frozen=True)
class Rights:
    """What a connection may do and hears from the start, and the state that remembers it."""

    roles: Sequence[str]
    groups: Sequence[str]
    state: ConnectionState


async def client_access(backend: Backend, user: Profile) -> ClientAccess:
    """An address for the user's browser, with rights in the chats joined most recently; remembers the profile.

    Raises TooManyConnections: a browser is not told why its connection is refused, but why it gets no address.
    """
    page, _, _ = await results(
        backend.store.memberships.of_user(user.user_id, "", CONNECT_CHATS),
        profiles.remember(backend, user),
        slots.check(backend, user.user_id),
    )
    settled = [one for one in page.items if one.state == "member"]
    recent = _fitting(sorted(settled, key=lambda one: one.joined, reverse=True))
    return await backend.sender.client_access(user.user_id, rights.roles(recent), rights.groups(recent))


def _fitting(places: Sequence[Membership]) -> list[Membership]:
    """As many of the first as an address has room for."""
    # Each text stands in quotes, with a comma behind.
    costs = [sum(len(text) + 3 for text in (*rights.roles([one]), *rights.groups([one]))) for one in places]
    return [one for one, spent in zip(places, accumulate(costs), strict=True) if spent <= TOKEN_CHARACTERS]


async def on_connect(backend: Backend, user_id: str, request: ConnectRequest) -> Rights:
    """The rights of a connection that is being opened, in all the user's chats.

    Raises NotSignedIn for a connection without a user, for a token that was revoked, and for one that names a chat its
    user has left since: the browser then fetches a new one.
    """
    if not user_id:
        raise NotSignedIn
    now = backend.clock()
    chats = await checked(require_valid(backend, user_id, request.issued), _in_force(backend, user_id))
    groups = rights.groups(chats)
    if not set(request.claims.get(GROUP_CLAIM, ())) <= set(groups):
        raise NotSignedIn("The token names a chat that you have left; fetch a new one from getToken.")
    if _gives_more(request, chats):
        raise NotSignedIn("The token lets you speak where you may not any more; fetch a new one from getToken.")
    old, young = _by_age(chats, now)
    given = [*old, *young[:CONNECT_YOUNG]]
    state = ConnectionState(now, mark(_standings(old)), young=_short(young[:CONNECT_YOUNG]))
    return Rights(rights.roles(given), rights.groups(given), state)


async def _in_force(backend: Backend, user_id: str) -> list[Membership]:
    """The memberships that give rights. Of one that is just beginning the chat knows whether it does."""
    page = await backend.store.memberships.of_user(user_id, "", CONNECT_CHATS)

    async def counted(one: Membership) -> Membership | None:
        if one.state == "joining":
            standing = await settling.look(backend, one)
            return standing.place if standing.is_in else None
        return one if one.state == "member" else None

    return [one for one in await each(page.items, counted) if one is not None]


async def on_connected(backend: Backend, by: Actor) -> None:
    """Ends a connection if its user left a chat, was silenced or was signed out while it was being opened; connecting
    again gives it what is left.

    Whoever ended the membership in that moment could not find the connection yet, so it would keep rights in the chat.
    """
    opened = by.state.connected_at
    if not opened:
        return
    try:
        chats = await checked(require_valid(backend, by.user_id, opened), _in_force(backend, by.user_id))
    except NotSignedIn:
        await backend.sender.end(by.connection_id)
        return
    old, young = _by_age(chats, opened)
    if mark(_standings(old)) != by.state.chats or not set(by.state.young) <= set(_short(young)):
        await backend.sender.end(by.connection_id)


def _by_age(places: Iterable[Membership], moment: int) -> tuple[list[Membership], list[Membership]]:
    """Memberships that began before a moment for certain, and others.

    Whatever the clocks, what begins behind the moment is among the others, and no membership changes sides.
    """
    old: list[Membership] = []
    young: list[Membership] = []
    for one in places:
        (old if one.joined < moment - SKEW else young).append(one)
    return old, young


def mark(standings: Iterable[str]) -> int:
    """A number that stands for all of these."""
    return zlib.crc32(" ".join(sorted(standings)).encode())


def _short(places: Iterable[Membership]) -> tuple[int, ...]:
    return tuple(mark([one]) for one in _standings(places))


def _standings(places: Iterable[Membership]) -> list[str]:
    """What a connection has to be opened anew for when it changes: in which chats its user is and may speak."""
    return [f"{one.chat_id} silenced" if one.silenced else one.chat_id for one in places]


def _gives_more(request: ConnectRequest, chats: Iterable[Membership]) -> bool:
    """Whether a token that was made before lets its user speak where they were silenced since."""
    claimed = {value for values in request.claims.values() for value in values}
    silent = [one for one in chats if one.silenced]
    return not claimed.isdisjoint(
        {*rights.roles(replace(one, silenced=False) for one in silent)} - {*rights.roles(silent)}
    )


async def catch_up(backend: Backend, by: Actor, since: int) -> None:
    """Grants what was joined after a connection's ``connect`` was answered and before it was counted.

    A join in that moment grants rights to the connections it knows, and this one was not among them.
    """
    missed = [one for one in await _in_force(backend, by.user_id) if one.joined >= since - SKEW]

    async def grant(one: Membership) -> None:
        await rights.grant(backend, one.chat_id, by.user_id, by.connection_id, speaks=one.speaks)
        await rights.recheck(backend, one.chat_id, by.user_id, by.connection_id)

    await each(missed, grant)
