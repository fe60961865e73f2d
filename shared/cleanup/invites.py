"""Expired invites: nobody can join with them, and a request for a link creates a new one."""

from collections.abc import AsyncIterator

from shared.backend import Backend
from shared.cleanup.removal import Removal, chosen
from shared.model.clock import SKEW
from shared.ports.sweep import OldInvite


async def find(backend: Backend, rows: int) -> AsyncIterator[Removal]:
    """Each removal checks the version that was read, so an invite that is renewed meanwhile stays."""

    async def ended(invite: OldInvite) -> Removal:
        return Removal(1, lambda: backend.store.invites.forget(invite.chat_id, invite.version))

    async for found in chosen(backend.store.sweep().invites(backend.clock() - SKEW), ended):
        yield found
