"""Whether one person may speak to another in their private chat. Must not know how that changes (``blocks``)."""

from dataclasses import replace

from shared.backend import Backend
from shared.model.errors import Blocked
from shared.model.records import Membership


async def is_blocked(backend: Backend, user_id: str, by: str) -> bool:
    """Whether somebody wants no private chat with a user."""
    block = await backend.store.blocks.read(by, user_id)
    return block is not None and block.holds


async def as_it_is(backend: Backend, place: Membership) -> Membership:
    """A membership that was just begun, silenced if the other of the private chat has blocked the user.

    A block is written first and then looks for the membership: whichever comes second of the two sees the other.
    """
    if not place.peer:
        return place
    return replace(place, silenced=await is_blocked(backend, place.user_id, by=place.peer))


async def require_voice(backend: Backend, user_id: str, chat_id: str) -> None:
    """Raises Blocked for a member of a private chat who may not write there."""
    place = await backend.store.memberships.read(user_id, chat_id)
    if place is not None and place.silenced:
        raise Blocked
