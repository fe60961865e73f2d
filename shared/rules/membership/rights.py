"""What a membership allows a connection to do on Web PubSub, and giving and taking it.

Owns the role names (https://learn.microsoft.com/azure/azure-web-pubsub/concept-client-protocols). Must not know why.
"""

from collections.abc import Awaitable, Callable, Iterable

from shared.backend import Backend
from shared.flow.concurrency import each, together
from shared.flow.tries import tries
from shared.model.errors import Unavailable
from shared.model.records import Membership

# So many of a user's connections at a time: one who has many keeps the process no busier at any moment than others do.
AT_ONCE = 2
# Beyond the first, so many of them cost a user's own change of rights a token more: each is two REST calls.
CONNECTIONS_PER_TOKEN = 2


def roles(memberships: Iterable[Membership]) -> list[str]:
    """The roles of a connection whose user has these memberships; to send only where they may speak."""
    return [
        f"webpubsub.{right}.{membership.chat_id}"
        for membership in memberships
        for right in ("sendToGroup", "joinLeaveGroup")
        if right != "sendToGroup" or membership.speaks
    ]


def groups(memberships: Iterable[Membership]) -> list[str]:
    """The groups of such a connection: one per chat, named by its id."""
    return [membership.chat_id for membership in memberships]


async def grant(backend: Backend, chat_id: str, user_id: str, connection_id: str, *, speaks: bool) -> None:
    """Lets all of a user's connections, ``connection_id`` among them, hear a chat, and speak in it if it ``speaks``."""
    connections = await _connections(backend, user_id, connection_id)
    let_in = backend.sender.allow if speaks else backend.sender.admit
    await together(
        backend.sender.enter(chat_id, user_id),
        each(connections, lambda connection: let_in(connection, chat_id), AT_ONCE),
    )


async def revoke(backend: Backend, chat_id: str, user_id: str, connection_id: str = "") -> None:
    """Takes that from all of them.

    A connection that never said ``userConnected`` is not known, and its rights cannot be taken singly: it is ended, and
    connecting again gives it what is left.
    """
    connections = await _connections(backend, user_id, connection_id)
    await together(
        backend.sender.exit(chat_id, user_id),
        backend.sender.end_others(user_id, sorted(connections)),
        each(connections, lambda connection: backend.sender.forbid(connection, chat_id), AT_ONCE),
    )


async def silence(backend: Backend, chat_id: str, user_id: str) -> None:
    """Takes from all of a user's connections that they may speak in a chat; what is not known singly is ended."""
    await _speaking(backend, chat_id, user_id, backend.sender.mute)


async def give_voice(backend: Backend, chat_id: str, user_id: str) -> None:
    """Lets all of them speak there again; what is not known singly is ended, and gets it when it connects again."""
    await _speaking(backend, chat_id, user_id, backend.sender.allow)


async def _speaking(
    backend: Backend, chat_id: str, user_id: str, change: Callable[[str, str], Awaitable[None]]
) -> None:
    connections = await _connections(backend, user_id, "")
    await together(
        backend.sender.end_others(user_id, sorted(connections)),
        each(connections, lambda connection: change(connection, chat_id), AT_ONCE),
    )


async def recheck(backend: Backend, chat_id: str, user_id: str, connection_id: str = "") -> None:
    """To be called behind ``grant``: takes it back from whoever is not a member any more, or may not speak any more.

    What ends a membership says so in the user's row, and then revokes; if that came before the grant, this sees it.
    Raises Unavailable.
    """
    async for _ in tries(backend.pause):
        place = await backend.store.memberships.read(user_id, chat_id)
        if place is not None and place.state != "leaving":
            if place.silenced:
                await silence(backend, chat_id, user_id)
            return
        await revoke(backend, chat_id, user_id, connection_id)
        place = await backend.store.memberships.read(user_id, chat_id)
        if place is None or place.state == "leaving":
            return
        # Who has come again meanwhile may have lost by this what they were given.
        await grant(backend, chat_id, user_id, connection_id, speaks=place.speaks)
    raise Unavailable


async def _connections(backend: Backend, user_id: str, connection_id: str) -> set[str]:
    known = {connection.id for connection in await backend.store.presence.connections(user_id)}
    if not connection_id:
        return known
    # Whoever changes their own rights pays for their own connections; nobody pays for what another does to them.
    connections = known | {connection_id}
    if tokens := (len(connections) - 1) // CONNECTIONS_PER_TOKEN:
        backend.spent.charge(user_id, tokens, backend.clock())
    return connections
