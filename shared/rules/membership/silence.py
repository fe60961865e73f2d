"""Silence: a member of a private chat whom the other has blocked may read and not write.

Who blocks whom lies with the one who blocks (``chats/blocking.py``). ``Membership.silenced`` follows from it.
"""

from dataclasses import replace

from shared.backend import Backend
from shared.flow.concurrency import together
from shared.model.errors import Blocked
from shared.model.records import Membership
from shared.rules.membership import rights


async def is_blocked(backend: Backend, user_id: str, by: str) -> bool:
    """Whether a user is blocked by another."""
    block = await backend.store.blocks.read(by, user_id)
    return block is not None and block.holds


async def up_to_date(backend: Backend, own: Membership) -> Membership:
    """The membership with ``silenced`` as the block says now.

    To be called after the membership is marked. A block is written before its call looks for the membership, so
    whichever comes second sees the other.
    """
    if not own.peer:
        return own
    return replace(own, silenced=await is_blocked(backend, own.user_id, by=own.peer))


async def require_voice(backend: Backend, user_id: str, chat_id: str) -> None:
    """Raises Blocked for a member of a private chat who may not write there."""
    own = await backend.store.memberships.read(user_id, chat_id)
    if own is not None and own.silenced:
        raise Blocked


async def impose(backend: Backend, own: Membership) -> None:
    """Takes the right to write, in storage and on Web PubSub. Idempotent."""
    await together(
        rights.mute(backend, own.chat_id, own.user_id),
        backend.store.messages.bar(own.chat_id, own.user_id),
    )


async def lift(backend: Backend, own: Membership) -> None:
    """Gives that right back. Idempotent."""
    await together(
        rights.unmute(backend, own.chat_id, own.user_id),
        backend.store.messages.admit(own.chat_id, own.user_id),
    )
