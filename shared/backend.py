"""The dependencies of the rules, passed in as one value."""

import asyncio
from dataclasses import dataclass, field

from shared.flow import rate_limit
from shared.flow.admission import Admission
from shared.flow.locks import Locks
from shared.flow.rate_limit import Buckets
from shared.flow.tries import Pause
from shared.model.clock import Clock
from shared.ports.sender import Sender
from shared.ports.signing_keys import SigningKeys
from shared.ports.store import Store
from shared.settings import Settings
from shared.wire import connection_state
from shared.wire.connection_state import ConnectionState


@dataclass(frozen=True)
class Backend:
    """Settings, store, sender, clock, and Entra's signing keys if the ``entra`` check is configured.

    ``locks``, ``user_buckets``, ``admission``, ``long_reads`` and ``list_reads`` are local to this process and protect
    it. ``pause`` sleeps between retries.
    """

    settings: Settings
    store: Store
    sender: Sender
    clock: Clock
    signing_keys: SigningKeys | None = None
    locks: Locks = field(default_factory=Locks)
    user_buckets: Buckets = field(default_factory=lambda: Buckets(rate_limit.USER))
    admission: Admission = field(default_factory=Admission)
    # Two, so that one batch of messages is fetched while another is decoded.
    long_reads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    # For the requests that a list makes per item. More at a time would not finish sooner, since each takes about 2 ms
    # of CPU time, and everybody's messages would queue behind them.
    list_reads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(10))
    pause: Pause = asyncio.sleep


@dataclass(frozen=True)
class Actor:
    """The sender of an event: the user, as authenticated by the service, the connection, and the connection's state.

    ``event_id`` is unique per connection; it is empty if there is none.
    """

    user_id: str
    connection_id: str
    state: ConnectionState = connection_state.NEW
    event_id: str = ""
