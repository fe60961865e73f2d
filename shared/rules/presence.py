"""Who is online and who is away. A user is online while any connection is open, idle while all of them are.

Each change is announced once: whoever claims it in the user's one row does it, and its version decides who that is.
Must not know chats.
"""

from collections.abc import Sequence
from dataclasses import replace

from shared.backend import Actor, Backend
from shared.flow.concurrency import each, results
from shared.flow.deadline import GIVEN_UP
from shared.flow.rate_limit import Rate
from shared.flow.tries import tries
from shared.model.clock import SECOND
from shared.model.errors import TooManyRequests, Unavailable
from shared.model.records import Connection, OnlineUser, Page, Roster, Status, Told
from shared.rules import announcements
from shared.rules.profiles import named
from shared.trust import revocation
from shared.wire.chat_events import ToBrowser, UserIsIdle, UserNotIdle, UserOffline, UserOnline
from shared.wire.events import UserConnected, UserEnterIdle, UserExitIdle

PAGE_USERS = 100
# A row older than this is checked against the service when it is read, so that a lost `disconnected` heals by itself.
# The service keeps a lost connection for 30 s, and a page in use reads every 60 s: no ghost is seen for three minutes.
UNSEEN_SECONDS = 60
# So many are checked by one call, those first that were confirmed longest ago; the others by the next.
DUE_USERS = 100
# How often others hear that a user comes, goes, becomes idle or comes back: everybody hears it.
CHANGES = Rate(10, 5 * SECOND, "The limit is 10 changes between idle and active at once, then one every 5 s")
# In the place of a connection, for changes that are found by reading; no connection is called so.
READER = "reader:"
# For a change beyond the rate. Nobody announces it but whoever reads it when it is no longer recent.
UNTOLD = READER
# Under PRESENCE=chats: whom one sees is gathered from so many chats and members.
SEEN_CHATS = 50
SEEN_MEMBERS = 100
SEEN_USERS = 500


async def connected(backend: Backend, by: Actor, event: UserConnected) -> UserOnline:
    """Counts a connection; others hear of a user who was not online. Returns what the sender hears about itself.

    One that has ended meanwhile does not count: its ``disconnected`` may have come before.
    """
    profile, there, _ = await results(
        named(backend, by.user_id, event.user_name, event.user_provider),
        backend.sender.is_open(by.connection_id),
        backend.store.presence.put_connection(by.user_id, Connection(by.connection_id, idle=False)),
    )
    now = backend.clock()
    changes = CHANGES.take(0, 1, now)
    user = OnlineUser(by.user_id, profile.name, profile.provider, False, now, owes=by.connection_id, changes=changes)
    if not there:
        await backend.store.presence.drop_connection(by.user_id, by.connection_id)
        return as_seen(user)
    async for number in tries(backend.pause):
        if appeared := await backend.store.presence.appear(user):
            await _tell(backend, appeared, by.connection_id)
            return as_seen(user)
        before = await backend.store.presence.online(user.user_id)
        if before is None:
            continue
        # Rewritten even when nothing changed, so that a disconnect which counted earlier loses.
        same = _unmarked(replace(before, name=user.name, provider=user.provider, seen=user.seen))
        claimed = _claimed(same, "here", by.connection_id, now)
        if claimed is None and number:
            # Since the connection is counted, somebody else has made or rewritten the row.
            return as_seen(user)
        if row := await backend.store.presence.update(claimed or same):
            if row.owes == by.connection_id:
                await _tell(backend, row, by.connection_id)
            return as_seen(user)
    raise Unavailable


def _unmarked(user: OnlineUser) -> OnlineUser:
    """The row without the mark of a reader who is just looking whether the user is there, and owes no announcement."""
    looked_for = user.owes.startswith(READER) and user.told == user.status
    return replace(user, owes="") if looked_for else user


async def disconnected(backend: Backend, by: Actor) -> None:
    """Stops counting a connection; others hear when it was the last. Late and repeated calls announce nothing.

    Only connections that the service still knows keep the user online: one whose end was never told does not.
    """
    await backend.store.presence.drop_connection(by.user_id, by.connection_id)
    async for _ in tries(backend.pause):
        # This order lets a connect that comes in between win: it rewrites the row, and claiming then fails.
        user = await backend.store.presence.online(by.user_id)
        if user is None:
            return
        rest = await _open(backend, by.user_id)
        if await _bring(backend, user, _status(rest), by.connection_id):
            return
    raise Unavailable


async def enter_idle(backend: Backend, by: Actor, event: UserEnterIdle) -> None:
    """The sender's connection is idle; announced when all of the user's are. Raises TooManyRequests."""
    await _change_idle(backend, by, idle=True)


async def exit_idle(backend: Backend, by: Actor, event: UserExitIdle) -> None:
    """The sender's connection is in use again; announced when the user was idle. Raises TooManyRequests."""
    await _change_idle(backend, by, idle=False)


async def _change_idle(backend: Backend, by: Actor, idle: bool) -> None:
    if not await backend.store.presence.set_idle(by.user_id, Connection(by.connection_id, idle)):
        return
    async for _ in tries(backend.pause):
        user = await backend.store.presence.online(by.user_id)
        # Before its `userConnected` a connection is nobody's news.
        if user is None or user.gone:
            return
        status = _status(await backend.store.presence.connections(by.user_id))
        # The connections' rows are true even if this is too often: whoever counts them next mends the user's.
        if user.status != status:
            CHANGES.take(user.changes, 1, backend.clock())
        if await _bring(backend, user, status, by.connection_id):
            return
    raise Unavailable


def _status(connections: Sequence[Connection]) -> Status:
    """What a user is who has these connections."""
    if not connections:
        return "offline"
    return "idle" if all(connection.idle for connection in connections) else "here"


async def _open(backend: Backend, user_id: str) -> tuple[Connection, ...]:
    """Those of a user's connections that the service knows too; the others are forgotten."""
    known = await backend.store.presence.connections(user_id)
    there = await each(known, lambda one: backend.sender.is_open(one.id))
    ghosts = [one for one, is_there in zip(known, there, strict=True) if not is_there]
    await each(ghosts, lambda one: backend.store.presence.drop_connection(user_id, one.id))
    return tuple(one for one in known if one not in ghosts)


# A change is claimed in the row before it is announced: of two who see it one announces it. The claim names the
# connection whose event it was, so that its retry knows what is left to do. What is given up the next reader finishes.


async def _bring(backend: Backend, user: OnlineUser, status: Status, owes: str) -> bool:
    """Brings the row in line, and announces that if it changed anything; False when somebody changed the row."""
    claimed = _claimed(user, status, owes, backend.clock())
    if claimed is None:
        return True
    now = claimed
    if claimed is not user:
        updated = await backend.store.presence.update(replace(claimed, seen=backend.clock()))
        if updated is None:
            return False
        now = updated
    if now.owes == owes:
        await _tell(backend, now)
    return True


def _claimed(user: OnlineUser, status: Status, owes: str, now: int) -> OnlineUser | None:
    """The row with ``status``, which ``owes`` is to announce unless that is too often or known; None for no change."""
    user = _unmarked(user)
    if user.status == status:
        return user if user.owes == owes else None
    changed = replace(user, gone=status == "offline", idle=status == "idle", told=_known(user))
    if changed.told == status:
        return replace(changed, owes="")
    try:
        return replace(changed, owes=owes, changes=CHANGES.take(user.changes, 1, now))
    except TooManyRequests:
        return replace(changed, owes=UNTOLD)


def _known(user: OnlineUser, owes: str = UNTOLD) -> Told:
    """What others know of the user, unless somebody else than ``owes`` may just be telling them."""
    if user.owes in (owes, UNTOLD):
        return user.told
    return "unsure" if user.owes else user.status


async def _tell(backend: Backend, claimed: OnlineUser, but: str = "") -> None:
    """Announces what the row says and ends the claim. Of two changes at once the row has the last word."""
    row: OnlineUser | None = claimed
    status = claimed.status
    await announcements.of_presence(backend, claimed.user_id, _news(claimed, claimed.told), but)
    async for _ in tries(backend.pause):
        if row is not None and row.owes == claimed.owes and await _ended(backend, row):
            return
        row = await backend.store.presence.online(claimed.user_id)
        said, status = status, row.status if row else "offline"
        if said != status:
            news = _news(row, said) if row else UserOffline(claimed.user_id)
            await announcements.of_presence(backend, claimed.user_id, news)
        elif row is None or row.owes != claimed.owes:
            return
    raise Unavailable


async def _ended(backend: Backend, claimed: OnlineUser) -> bool:
    # Who comes and goes often keeps the row, and with it the bucket, until somebody reads it later.
    if claimed.gone and claimed.changes <= backend.clock() + CHANGES.token:
        return await backend.store.presence.vanish(claimed)
    return await backend.store.presence.update(replace(claimed, told=claimed.status, owes="")) is not None


def _news(user: OnlineUser, told: Told) -> ToBrowser:
    """What those have to hear who were told that the user is ``told``."""
    if user.gone:
        return UserOffline(user.user_id)
    if told in ("offline", "unsure"):
        return as_seen(user)
    return UserIsIdle(user.user_id) if user.idle else UserNotIdle(user.user_id)


async def online_page(backend: Backend, user_id: str, after: str) -> Page[UserOnline]:
    """Who is online, as far as ``user_id`` may know; ghosts found on the way are removed and announced."""
    match backend.settings.presence:
        case "everyone":
            page = await backend.store.presence.all_online(after, PAGE_USERS)
        case "chats":
            page = await _met(backend, user_id)
        case "off":
            own = await backend.store.presence.online(user_id)
            page = Page((own,) if own else ())
    owes = READER + user_id
    due = sorted((user for user in page.items if _is_due(backend, user, owes)), key=lambda user: user.seen)[:DUE_USERS]
    looked_at = await each(due, lambda user: verified(backend, user, owes))
    found = dict(zip((user.user_id for user in due), looked_at, strict=True))
    real = (found.get(user.user_id, _unverified(user)) for user in page.items)
    return Page(tuple(as_seen(user) for user in real if user is not None), page.next)


async def _met(backend: Backend, user_id: str) -> Page[OnlineUser]:
    """Those online who share a chat with the user."""
    chats = await backend.store.memberships.of_user(user_id, "", SEEN_CHATS)
    there = [one.chat_id for one in chats.items if one.state == "member"]

    async def roster(chat_id: str) -> Roster | None:
        async with backend.list_reads:
            return await backend.store.chats.roster(chat_id, SEEN_MEMBERS)

    async def online(user_id: str) -> OnlineUser | None:
        async with backend.list_reads:
            return await backend.store.presence.online(user_id)

    rosters = await each(there, roster)
    met = {member.user_id for roster in rosters if roster and not roster.chat.deleted for member in roster.members}
    users = await each(sorted(met | {user_id})[:SEEN_USERS], online)
    return Page(tuple(user for user in users if user is not None))


async def verified(backend: Backend, user: OnlineUser, owes: str) -> OnlineUser | None:
    """The user as the service has it, or None for a ghost; asks only about rows that were not confirmed lately.

    Of many who read at once only one asks, whoever marks the row first; the others see what is there. ``owes`` says
    whose reading it is, so that the same reader finishes what they gave up.
    """
    if not _is_due(backend, user, owes):
        return _unverified(user)
    marked = replace(user, seen=backend.clock(), told=_known(user, owes), owes=owes)
    row = await backend.store.presence.update(marked)
    if row is None:
        return _unverified(user)
    # First, so that those are not found any more that a sign-out could not end.
    await revocation.is_over(backend, user.user_id)
    there = await _open(backend, user.user_id)
    status = _status(there)
    now = replace(row, gone=status == "offline", idle=status == "idle")
    # Who connects from here on rewrites the row, and what was found does not count.
    if status == row.status == row.told:
        await _ended(backend, row)
    elif confirmed := await backend.store.presence.update(now):
        await _tell(backend, confirmed)
    return now if there else None


def _is_due(backend: Backend, user: OnlineUser, owes: str) -> bool:
    # A younger mark is of a call that may still run, also where it is of the same reader.
    given_up = user.owes == owes and backend.clock() - user.seen > GIVEN_UP
    return given_up or not is_recent(backend, user)


def _unverified(user: OnlineUser) -> OnlineUser | None:
    """What the row says."""
    return None if user.gone else user


def is_recent(backend: Backend, user: OnlineUser) -> bool:
    """Whether a user was confirmed, or changed, so lately that the service is not asked."""
    return backend.clock() - user.seen < UNSEEN_SECONDS * SECOND


def as_seen(user: OnlineUser) -> UserOnline:
    """A user who is online, as browsers see it."""
    return UserOnline(user.user_id, user.name, user.provider, user.idle)
