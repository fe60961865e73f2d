"""Blocking a user: no private chat with them, and silence for them in the one that exists.

The block lies with the user who blocks and is written first, as ``blocking`` or ``lifting``. What follows lies with the
one who is blocked, and in the chat. Last the block is closed. One that is abandoned in between is finished by its
retry, by the next reader of the list, or by the clean-up. ``docs/protocols-of-change.md`` has the states.
"""

from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.best_effort import best_effort
from shared.flow.concurrency import each, results
from shared.flow.tries import tries
from shared.model.errors import BadRequest, Unavailable, UserNotFound
from shared.model.records import Block, BlockState, Membership, Page
from shared.rules import sending
from shared.rules.chats import private_chats
from shared.rules.membership import rights, silence
from shared.wire.chat_events import UserBlocked, UserUnblocked
from shared.wire.events import BlockUser, UnblockUser

PAGE_BLOCKS = 100


async def block(backend: Backend, by: Actor, event: BlockUser) -> None:
    """Keeps somebody from opening a private chat with the sender, and from writing in it. A retry announces it again.

    Raises BadRequest or UserNotFound.
    """
    if event.user_id == by.user_id:
        raise BadRequest("blockUser: `userId` must be somebody else.")
    other = await backend.store.users.read(event.user_id)
    if other is None:
        raise UserNotFound
    wanted = Block(by.user_id, other.user_id, other.name, "blocking")
    begun = await _begun(backend, wanted, settled="blocked")
    if begun is not None:
        await settle(backend, begun)
    await sending.to_user(backend, by.user_id, UserBlocked(other.user_id, other.name))


async def unblock(backend: Backend, by: Actor, event: UnblockUser) -> None:
    """Lifts a block; harmless without one. A retry announces it again."""
    begun = await _begun(backend, Block(by.user_id, event.user_id, "", "lifting"), settled=None)
    if begun is not None:
        await settle(backend, begun)
    await sending.to_user(backend, by.user_id, UserUnblocked(event.user_id))


async def page(backend: Backend, user_id: str, after: str) -> Page[Block]:
    """Whom a user has blocked: ``GET me/blocked``. Finishes on the side what was abandoned."""
    found = await backend.store.blocks.of_user(user_id, after, PAGE_BLOCKS)
    if begun := [one for one in found.items if one.state != "blocked"]:
        await best_effort(lambda: each(begun, lambda one: settle(backend, one)))
    return Page(tuple(one for one in found.items if one.holds), found.next)


async def _begun(backend: Backend, wanted: Block, settled: BlockState | None) -> Block | None:
    """Marks that a change begins; None if it is settled already. Calls that begin the same share the mark."""
    async for _ in tries(backend.pause):
        kept = await backend.store.blocks.read(wanted.user_id, wanted.blocked)
        if (kept.state if kept else None) == settled:
            return None
        if kept is not None and kept.state == wanted.state:
            return kept
        if kept is None:
            begun = await backend.store.blocks.insert(wanted)
        else:
            begun = await backend.store.blocks.update(replace(kept, state=wanted.state))
        if begun is not None:
            return begun
    raise Unavailable


async def settle(backend: Backend, begun: Block) -> None:
    """Does what follows from a block, or from lifting it, and closes it as it was read.

    If another call has changed the block meanwhile, the block as it is now counts.
    """
    async for _ in tries(backend.pause):
        await _follow(backend, begun)
        if await _closed(backend, begun):
            return
        kept = await backend.store.blocks.read(begun.user_id, begun.blocked)
        if kept is None or kept.state == "blocked":
            # Whoever closed it made sure of their own change, which may have come before ours.
            await _follow(backend, kept or replace(begun, state="lifting"))
            return
        begun = kept
    raise Unavailable


async def _closed(backend: Backend, begun: Block) -> bool:
    if begun.holds:
        return await backend.store.blocks.update(replace(begun, state="blocked")) is not None
    return await backend.store.blocks.drop(begun)


async def _follow(backend: Backend, begun: Block) -> None:
    """Brings the own row and the rights of the blocked user in line with the block as it is now.

    The own row is written first, even if it says so already: a call that is just letting the user in then looks again.
    The block is read once more after the rights. If it has changed by then, the other change may have come first.
    """
    chat_id = await private_chats.id_of(backend, begun.user_id, begun.blocked)
    done = None
    async for _ in tries(backend.pause):
        kept, own = await results(
            backend.store.blocks.read(begun.user_id, begun.blocked),
            backend.store.memberships.read(begun.blocked, chat_id),
        )
        if own is None or own.state == "leaving":
            if done is not None:
                await rights.recheck(backend, chat_id, begun.blocked)
            return
        silenced = kept is not None and kept.holds
        if done is not None and done.silenced is own.silenced is silenced:
            return
        done = await backend.store.memberships.update(replace(own, silenced=silenced))
        if done is not None:
            await _with_rights(backend, done)
    raise Unavailable


async def _with_rights(backend: Backend, own: Membership) -> None:
    if own.silenced:
        await silence.impose(backend, own)
    elif own.state == "member":
        await silence.lift(backend, own)
