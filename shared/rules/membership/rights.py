"""What a membership allows a connection to do on Web PubSub, and granting and revoking it.

Owns the role names: https://learn.microsoft.com/azure/azure-web-pubsub/concept-client-protocols
"""

from collections.abc import Awaitable, Callable, Iterable

from shared.backend import Backend
from shared.flow.concurrency import each, together
from shared.flow.tries import tries
from shared.model.errors import Unavailable
from shared.model.records import Membership

# How many of a user's connections are changed at the same time, so that a user with many keeps the process no busier.
AT_ONCE = 2
# A change of one's own rights costs a token more per so many connections beyond the first. Each takes two REST calls.
CONNECTIONS_PER_TOKEN = 2


def roles(memberships: Iterable[Membership]) -> list[str]:
    """The roles of a connection whose user has these memberships. Only those who may speak may send."""
    return [
        f"webpubsub.{right}.{membership.chat_id}"
        for membership in memberships
        for right in ("sendToGroup", "joinLeaveGroup")
        if right != "sendToGroup" or membership.speaks
    ]


def groups(memberships: Iterable[Membership]) -> list[str]:
    """The groups of that connection: one per chat, named by the chat's id."""
    return [membership.chat_id for membership in memberships]


async def grant(backend: Backend, chat_id: str, user_id: str, connection_id: str, *, speaks: bool) -> None:
    """Lets all of a user's connections, ``connection_id`` among them, hear a chat, and speak in it if ``speaks``."""
    connections = await _connections(backend, user_id, connection_id)
    let_in = backend.sender.allow if speaks else backend.sender.admit
    await together(
        backend.sender.enter(chat_id, user_id),
        each(connections, lambda connection: let_in(connection, chat_id), AT_ONCE),
    )


async def revoke(backend: Backend, chat_id: str, user_id: str, connection_id: str = "") -> None:
    """Takes from all of a user's connections what ``grant`` gave them. Idempotent.

    A connection that never said ``userConnected`` is not known, so its rights cannot be revoked one by one. It is
    closed instead. When it reconnects, it gets the rights that are left.
    """
    connections = await _connections(backend, user_id, connection_id)
    await together(
        backend.sender.exit(chat_id, user_id),
        backend.sender.end_others(user_id, sorted(connections)),
        each(connections, lambda connection: backend.sender.forbid(connection, chat_id), AT_ONCE),
    )


async def mute(backend: Backend, chat_id: str, user_id: str) -> None:
    """Takes from all of a user's connections the right to speak in a chat. Unknown ones are closed, see ``revoke``."""
    await _speaking(backend, chat_id, user_id, backend.sender.mute)


async def unmute(backend: Backend, chat_id: str, user_id: str) -> None:
    """Lets all of a user's connections speak in a chat again. Unknown ones are closed, and get it as they reconnect."""
    await _speaking(backend, chat_id, user_id, backend.sender.allow)


async def _speaking(
    backend: Backend, chat_id: str, user_id: str, change: Callable[[str, str], Awaitable[None]]
) -> None:
    connections = await _connections(backend, user_id, "")
    await together(
        backend.sender.end_others(user_id, sorted(connections)),
        each(connections, lambda connection: change(connection, chat_id), AT_ONCE),
    )


async def renew(backend: Backend, own: Membership, connection_id: str) -> None:
    """Gives a member the rights again, for a connection that may not have them. Raises Unavailable."""
    await grant(backend, own.chat_id, own.user_id, connection_id, speaks=own.speaks)
    await recheck(backend, own.chat_id, own.user_id, connection_id)


async def recheck(backend: Backend, chat_id: str, user_id: str, connection_id: str = "") -> None:
    """To be called after a ``grant`` that is not part of a change of membership. Raises Unavailable.

    Takes the rights back if the membership has ended since it was read, or the right to write if it is silenced now.
    Whatever ends a membership marks the own row and then revokes. If that came before the grant, the mark shows here.
    """
    async for _ in tries(backend.pause):
        own = await backend.store.memberships.read(user_id, chat_id)
        if own is not None and own.state != "leaving":
            if own.silenced:
                await mute(backend, chat_id, user_id)
            return
        await revoke(backend, chat_id, user_id, connection_id)
        own = await backend.store.memberships.read(user_id, chat_id)
        if own is None or own.state == "leaving":
            return
        # The user has joined again meanwhile, and the revocation may have taken their new rights.
        await grant(backend, chat_id, user_id, connection_id, speaks=own.speaks)
    raise Unavailable


async def _connections(backend: Backend, user_id: str, connection_id: str) -> set[str]:
    known = {connection.id for connection in await backend.store.presence.connections(user_id)}
    if not connection_id:
        return known
    # Users pay for changes of their own rights, not for what others do to them.
    connections = known | {connection_id}
    if tokens := (len(connections) - 1) // CONNECTIONS_PER_TOKEN:
        backend.user_buckets.charge(user_id, tokens, backend.clock())
    return connections
