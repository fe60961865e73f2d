"""Removing somebody else from a chat."""

from shared.backend import Actor, Backend
from shared.model.errors import BadRequest, UserNotFound
from shared.rules.chats import leaving
from shared.rules.membership import access
from shared.wire.events import RemoveMember


async def remove(backend: Backend, by: Actor, event: RemoveMember) -> None:
    """Ends another user's membership, for the owner only.

    Raises like ``access.as_owner``, BadRequest for oneself, UserNotFound.
    """
    await access.as_owner(backend, by.user_id, event.chat_id)
    if event.user_id == by.user_id:
        raise BadRequest("removeMember: `userId` is your own; leave the chat with leaveChat.")
    ended = await leaving.end(backend, event.chat_id, Actor(event.user_id, ""), removed=True)
    if not ended and await backend.store.users.read(event.user_id) is None:
        raise UserNotFound
