"""What every rule works with, passed in as one value. Must not know who made it."""

import asyncio
from dataclasses import dataclass, field

from shared.flow import rate_limit
from shared.flow.admission import Admission
from shared.flow.rate_limit import Buckets
from shared.flow.tries import Pause
from shared.flow.turns import Turns
from shared.model.clock import Clock
from shared.ports.sender import Sender
from shared.ports.signing_keys import SigningKeys
from shared.ports.store import Store
from shared.settings import Settings
from shared.wire import connection_state
from shared.wire.connection_state import ConnectionState


@dataclass(frozen=True)
class Backend:
    """Settings, storage, Web PubSub, the clock, and the keys of Entra where the ``entra`` check is configured.

    ``turns``, ``spent``, the buckets of users, ``admission``, ``long_reads`` and ``list_reads`` are those of this
    process, which they protect.
    ``pause`` is how whoever lost a race waits.
    """

    settings: Settings
    store: Store
    sender: Sender
    clock: Clock
    signing_keys: SigningKeys | None = None
    turns: Turns = field(default_factory=Turns)
    spent: Buckets = field(default_factory=lambda: Buckets(rate_limit.USER))
    admission: Admission = field(default_factory=Admission)
    # While one portion of messages is made of its rows, the other is on its way.
    long_reads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    # Requests that a list makes for each of its rows. More at a time would not end sooner, since each takes some 2 ms
    # of a processor, and what anybody saves would stand in line behind all of them.
    list_reads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(10))
    pause: Pause = asyncio.sleep


@dataclass(frozen=True)
class Actor:
    """Who sent an event: the user the service vouches for, over which connection, and what that connection carries.

    ``event_id`` is the event's own, unique together with the connection's; empty where there is none.
    """

    user_id: str
    connection_id: str
    state: ConnectionState = connection_state.NEW
    event_id: str = ""
