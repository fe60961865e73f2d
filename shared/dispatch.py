"""Which rule an event goes to."""

from collections.abc import Awaitable, Callable
from typing import Any

from shared.backend import Actor, Backend
from shared.rules import replays
from shared.rules.chats import blocking, creation, deletion, invites, joining, leaving, private_chats, removing
from shared.rules.connection import lifecycle
from shared.rules.history import messages, reactions, revisions, unread
from shared.rules.presence import idleness
from shared.trust import revocation
from shared.wire import events
from shared.wire.chat_events import ToBrowser
from shared.wire.events import FromBrowser

# Returns what the sender hears in answer, if anything.
Rule = Callable[[Backend, Actor, Any], Awaitable[ToBrowser | None]]

RULES: dict[type[FromBrowser], Rule] = {
    events.UserConnected: lifecycle.user_connected,
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
# Their rules check by themselves whether the sender has signed out, later than it could be checked here.
CHECK_THEMSELVES = (events.SaveMessage,)

# The events of the connection itself, which Web PubSub sends.
connect = lifecycle.connect
connected = lifecycle.connected
disconnected = lifecycle.disconnected


async def perform(backend: Backend, by: Actor, event: FromBrowser) -> ToBrowser | None:
    """Runs the event's rule, at most once where the event asks for that. Returns what the sender hears in answer.

    Raises what the rule raises, and NotSignedIn for a guest who has signed out.
    """
    if not isinstance(event, CHECK_THEMSELVES):
        await revocation.require_present(backend, by.user_id)
    return await replays.once(backend, by, event, lambda: RULES[type(event)](backend, by, event))
