"""Memberships without a chat or a user, or whose change was abandoned half-way and never seen by their user again."""

from collections.abc import AsyncIterator

from shared.backend import Actor, Backend
from shared.cleanup.chats import is_gone
from shared.cleanup.guests import leave
from shared.cleanup.removal import Removal, chosen
from shared.model.records import Membership
from shared.rules.membership.recovery import mend
from shared.rules.membership.settling import shut_out
from shared.trust.guests import PREFIX


async def find(backend: Backend, rows: int) -> AsyncIterator[Removal]:
    """Each removal checks the version that was read, so a membership that changes meanwhile stays for the next run."""

    async def pointless(own: Membership) -> Removal | None:
        if await is_gone(backend, own.chat_id):
            return Removal(1, lambda: _gone(backend, own))
        if own.state != "member":
            return Removal(1, lambda: _settled(backend, own))
        if await _is_forgotten(backend, own.user_id):
            return Removal(2, lambda: _left(backend, own))
        return None

    async for found in chosen(backend.store.sweep().memberships(), pointless):
        yield found


async def _gone(backend: Backend, own: Membership) -> bool:
    await shut_out(backend, Actor(own.user_id, ""), own)
    return await backend.store.memberships.drop(own)


async def _settled(backend: Backend, own: Membership) -> bool:
    """Settles a membership; False if its user is a member and it stays."""
    return not await mend(backend, own)


async def _is_forgotten(backend: Backend, user_id: str) -> bool:
    """Whether this is a guest without a profile, who joined a chat while being removed."""
    if not user_id.startswith(PREFIX) or await backend.store.users.read(user_id):
        return False
    return not await backend.sender.is_connected(user_id)


async def _left(backend: Backend, own: Membership) -> bool:
    if not await _is_forgotten(backend, own.user_id):
        return False
    await leave(backend, own)
    return True
