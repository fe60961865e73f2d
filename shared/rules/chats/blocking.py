"""Whom a user wants no private chat with: blocking, unblocking, and what follows in a chat that the two have.

The block itself lies with the user, and is written first, marked as begun; what follows lies with the one who is
blocked and in the chat. Whoever finds it marked finishes it: a retry, the next reader of the list, the clean-up. Must
not know how private chats are opened.
"""

from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.concurrency import each, results, together
from shared.flow.on_the_way import on_the_way
from shared.flow.tries import tries
from shared.model.errors import BadRequest, Unavailable, UserNotFound
from shared.model.records import Block, BlockState, Membership, Page
from shared.rules import sending
from shared.rules.chats import private_chats
from shared.rules.membership import rights, settling
from shared.wire.chat_events import UserBlocked, UserUnblocked
from shared.wire.events import BlockUser, UnblockUser

PAGE_BLOCKS = 100


async def block(backend: Backend, by: Actor, event: BlockUser) -> None:
    """Keeps somebody from opening a private chat with the sender, and from writing in it. A retry tells it again.

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
    """Ends that; harmless where there is none. A retry tells it again."""
    begun = await _begun(backend, Block(by.user_id, event.user_id, "", "lifting"), settled=None)
    if begun is not None:
        await settle(backend, begun)
    await sending.to_user(backend, by.user_id, UserUnblocked(event.user_id))


async def page(backend: Backend, user_id: str, after: str) -> Page[Block]:
    """Whom a user has blocked. Finishes on the way what was begun and given up."""
    found = await backend.store.blocks.of_user(user_id, after, PAGE_BLOCKS)
    if begun := [one for one in found.items if one.state != "blocked"]:
        await on_the_way(lambda: each(begun, lambda one: settle(backend, one)))
    return Page(tuple(one for one in found.items if one.holds), found.next)


async def _begun(backend: Backend, wanted: Block, settled: BlockState | None) -> Block | None:
    """Marks that a change begins; None where it is done already. Who finds the same just begun shares the mark."""
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
    """Has everything follow that a block, or its end, asks for, and closes the mark as it was read.

    If others changed it meanwhile, what they wrote counts.
    """
    async for _ in tries(backend.pause):
        await _follow(backend, begun)
        if await _closed(backend, begun):
            return
        kept = await backend.store.blocks.read(begun.user_id, begun.blocked)
        if kept is None or kept.state == "blocked":
            # Whoever closed it looked behind their own change, which may have been before ours.
            await _follow(backend, kept or replace(begun, state="lifting"))
            return
        begun = kept
    raise Unavailable


async def _closed(backend: Backend, begun: Block) -> bool:
    if begun.holds:
        return await backend.store.blocks.update(replace(begun, state="blocked")) is not None
    return await backend.store.blocks.drop(begun)


async def _follow(backend: Backend, begun: Block) -> None:
    """Brings the own row and the rights of the one who is blocked in line with what the block says now.

    The row is written first, also where it says so already: who is just letting them in then looks again. It is read
    once more behind the rights: where it says the contrary by then, these may have been changed before this did.
    """
    chat_id = await private_chats.id_of(backend, begun.user_id, begun.blocked)
    done = None
    async for _ in tries(backend.pause):
        kept, place = await results(
            backend.store.blocks.read(begun.user_id, begun.blocked),
            backend.store.memberships.read(begun.blocked, chat_id),
        )
        if place is None or place.state == "leaving":
            if done is not None:
                await rights.recheck(backend, chat_id, begun.blocked)
            return
        silenced = kept is not None and kept.holds
        if done is not None and done.silenced is place.silenced is silenced:
            return
        done = await backend.store.memberships.update(replace(place, silenced=silenced))
        if done is not None:
            await _with_rights(backend, done)
    raise Unavailable


async def _with_rights(backend: Backend, place: Membership) -> None:
    if place.silenced:
        await settling.silenced(backend, place)
    elif place.state == "member":
        await together(rights.give_voice(backend, place.chat_id, place.user_id), settling.voiced(backend, place))
