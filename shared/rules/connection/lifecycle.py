"""A connection from its opening to its end: what each of its events leads to, in which order."""

from shared.backend import Actor, Backend
from shared.flow.concurrency import together
from shared.rules.connection import slots, tokens
from shared.rules.connection.tokens import Rights
from shared.rules.presence import online
from shared.wire.chat_events import UserOnline
from shared.wire.cloudevents import ConnectRequest
from shared.wire.events import UserConnected


async def connect(backend: Backend, by: Actor, request: ConnectRequest) -> Rights:
    """A connection asks to be opened. Returns its rights; raises NotSignedIn or TooManyConnections."""
    rights = await tokens.on_connect(backend, by.user_id, request)
    await slots.take(backend, by)
    return rights


async def connected(backend: Backend, by: Actor) -> None:
    """A connection is open. It is closed again if its rights have changed since it asked."""
    await tokens.on_connected(backend, by)


async def user_connected(backend: Backend, by: Actor, event: UserConnected) -> UserOnline:
    """The browser is ready. The connection is counted, and gets the rights that it has missed while it opened.

    In this order: a join that comes after the connection was counted grants it the rights itself.
    """
    seen = await online.connected(backend, by, event)
    if by.state.connected_at:
        await tokens.catch_up(backend, by, by.state.connected_at)
    return seen


async def disconnected(backend: Backend, by: Actor) -> None:
    """A connection is closed."""
    await together(slots.give_back(backend, by), online.disconnected(backend, by))
