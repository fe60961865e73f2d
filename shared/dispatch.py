"""Which rules an event goes to. Must not know rules beyond their names, nor HTTP."""

from collections.abc import Awaitable, Callable
from typing import Any

from shared.backend import Actor, Backend
from shared.flow.concurrency import together
from shared.rules import replays
from shared.rules.chats import blocking, creation, deletion, invites, joining, leaving, private_chats, removing
from shared.rules.connection import slots, tokens
from shared.rules.connection.tokens import Rights
from shared.rules.history import messages, reactions, revisions, unread
from shared.rules.presence import connections, idleness
from shared.trust import revocation
from shared.wire import events
from shared.wire.chat_events import ToBrowser
from shared.wire.cloudevents import ConnectRequest
from shared.wire.events import FromBrowser

# What the sender hears in answer, if anything.
Rule = Callable[[Backend, Actor, Any], Awaitable[ToBrowser | None]]


async def connect(backend: Backend, by: Actor, request: ConnectRequest) -> Rights:
    """What a connection may do that is being opened; raises NotSignedIn or TooManyConnections."""
    rights = await tokens.on_connect(backend, by.user_id, request)
    await slots.take(backend, by)
    return rights


async def disconnected(backend: Backend, by: Actor) -> None:
    """A connection has ended."""
    await together(slots.give_back(backend, by), connections.disconnected(backend, by))


async def user_connected(backend: Backend, by: Actor, event: events.UserConnected) -> ToBrowser:
    """Presence first: from then on a join knows this connection, and only what came before needs catching up."""
    seen = await connections.connected(backend, by, event)
    if by.state.connected_at:
        await tokens.catch_up(backend, by, by.state.connected_at)
    return seen


RULES: dict[type[FromBrowser], Rule] = {
    events.UserConnected: user_connected,
    events.CreateChat: creation.create,
    events.JoinChat: joining.join,
    events.LeaveChat: leaving.leave,
    events.DeleteChat: deletion.delete,
    events.RemoveMember: removing.remove,
    events.CreateInvite: invites.create,
    events.AcceptInvite: invites.accept,
    events.CreatePrivateChat: private_chats.create,
    events.BlockUser: blocking.block,
    events.UnblockUser: blocking.unblock,
    events.UserEnterIdle: idleness.enter_idle,
    events.UserExitIdle: idleness.exit_idle,
    events.SaveMessage: messages.save,
    events.EditMessage: revisions.edit,
    events.DeleteMessage: revisions.delete,
    events.React: reactions.react,
    events.MarkRead: unread.mark_read,
}


async def perform(backend: Backend, by: Actor, event: FromBrowser) -> ToBrowser | None:
    """Runs the event's rule, at most once where the event says so; returns what the sender hears in answer.

    Raises what the rule raises, and NotSignedIn for a guest who has signed out.
    """
    if not isinstance(event, events.SaveMessage):
        # That rule asks itself, when it is its turn.
        await revocation.require_present(backend, by.user_id)
    return await replays.once(backend, by, event, lambda: RULES[type(event)](backend, by, event))
