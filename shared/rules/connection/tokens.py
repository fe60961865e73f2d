"""The initial rights of a connection: granted in the browser's token, and again when it connects.

A token can be up to an hour old, so the answer to ``connect`` decides.
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
# In the URL, base64 makes this a third longer, about 7,000 characters; browsers and proxies accept at least 8,000. It
# is enough for 30 chats, or 18 private ones, whose ids are longer.
TOKEN_CHARACTERS = 5_000
# The service allows 1,000 literal rules of each permission on a connection.
CONNECT_CHATS = 1_000
# The most chats joined within the last seconds, each of which has a mark of its own in the connection's state. Rights
# in any more come from ``catch_up``.
CONNECT_YOUNG = 50


@dataclass(frozen=True)
class Rights:
    """A connection's initial roles and groups, and the connection state that records them."""

    roles: Sequence[str]
    groups: Sequence[str]
    state: ConnectionState


async def client_access(backend: Backend, user: Profile) -> ClientAccess:
    """A WebSocket URL for the user's browser, with rights in the most recently joined chats; stores the profile.

    Raises TooManyConnections here already, because a browser can't see why its WebSocket is refused.
    """
    page, _, _ = await results(
        backend.store.memberships.of_user(user.user_id, "", CONNECT_CHATS),
        profiles.remember(backend, user),
        slots.check(backend, user.user_id),
    )
    settled = [one for one in page.items if one.state == "member"]
    recent = _fitting(sorted(settled, key=lambda one: one.joined, reverse=True))
    return await backend.sender.client_access(user.user_id, rights.roles(recent), rights.groups(recent))


def _fitting(own_rows: Sequence[Membership]) -> list[Membership]:
    """As many of the first memberships as fit into a URL."""
    # Each text is in quotes, followed by a comma.
    costs = [sum(len(text) + 3 for text in (*rights.roles([one]), *rights.groups([one]))) for one in own_rows]
    return [one for one, spent in zip(own_rows, accumulate(costs), strict=True) if spent <= TOKEN_CHARACTERS]


async def on_connect(backend: Backend, user_id: str, request: ConnectRequest) -> Rights:
    """The rights of a new connection in all of the user's chats.

    Raises NotSignedIn for a connection without a user, for a revoked token, and for a token with rights that its user
    has lost since. The browser then fetches a new token.
    """
    if not user_id:
        raise NotSignedIn
    now = backend.clock()
    chats = await checked(require_valid(backend, user_id, request.issued), _in_force(backend, user_id))
    groups = rights.groups(chats)
    if not set(request.claims.get(GROUP_CLAIM, ())) <= set(groups):
        raise NotSignedIn("The token includes a chat that you have left; fetch a new token from getToken.")
    if _gives_more(request, chats):
        raise NotSignedIn("The token allows sending to a chat where you no longer can; fetch a new one from getToken.")
    old, young = _by_age(chats, now)
    given = [*old, *young[:CONNECT_YOUNG]]
    state = ConnectionState(now, mark(_standings(old)), young=_short(young[:CONNECT_YOUNG]))
    return Rights(rights.roles(given), rights.groups(given), state)


async def _in_force(backend: Backend, user_id: str) -> list[Membership]:
    """The memberships that give rights. For one that is still ``joining``, the chat's own rows decide."""
    page = await backend.store.memberships.of_user(user_id, "", CONNECT_CHATS)

    async def counted(one: Membership) -> Membership | None:
        if one.state == "joining":
            standing = await settling.look(backend, one)
            return standing.own if standing.is_in else None
        return one if one.state == "member" else None

    return [one for one in await each(page.items, counted) if one is not None]


async def on_connected(backend: Backend, by: Actor) -> None:
    """Closes a connection if its user left a chat, was silenced or was signed out while it was being opened.

    At that moment the connection could not be found yet, so it would keep its rights. The browser reconnects and gets
    the current ones.
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


def _by_age(own_rows: Iterable[Membership], moment: int) -> tuple[list[Membership], list[Membership]]:
    """Splits memberships into those that certainly began before a moment, and the others.

    Despite clock skew, one that began after the moment is among the others, and none ever changes sides.
    """
    old: list[Membership] = []
    young: list[Membership] = []
    for one in own_rows:
        (old if one.joined < moment - SKEW else young).append(one)
    return old, young


def mark(standings: Iterable[str]) -> int:
    """A checksum of all of these."""
    return zlib.crc32(" ".join(sorted(standings)).encode())


def _short(own_rows: Iterable[Membership]) -> tuple[int, ...]:
    return tuple(mark([one]) for one in _standings(own_rows))


def _standings(own_rows: Iterable[Membership]) -> list[str]:
    """The user's chats and whether they may write there. If any of it changes, the connection has to be reopened."""
    return [f"{one.chat_id} silenced" if one.silenced else one.chat_id for one in own_rows]


def _gives_more(request: ConnectRequest, chats: Iterable[Membership]) -> bool:
    """Whether a token allows its user to write where they have been silenced since."""
    claimed = {value for values in request.claims.values() for value in values}
    silent = [one for one in chats if one.silenced]
    return not claimed.isdisjoint(
        {*rights.roles(replace(one, silenced=False) for one in silent)} - {*rights.roles(silent)}
    )


async def catch_up(backend: Backend, by: Actor, since: int) -> None:
    """Grants rights in chats that were joined after a connection's ``connect`` but before it was counted.

    A join grants rights to the connections that it finds, and could not find this one at that time.
    """
    missed = [one for one in await _in_force(backend, by.user_id) if one.joined >= since - SKEW]

    await each(missed, lambda one: rights.renew(backend, one, by.connection_id))
