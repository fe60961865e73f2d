"""What the rules ask of storage, a module per noun. Implemented by ``adapters/tables`` and, for tests, in memory.

Every method may raise ``errors.Unavailable``. A storage fault is never reported as "not found".

Updates use optimistic concurrency: a record carries the ``version`` that was read, and a method that answers False or
None has written nothing, because the row has changed since, is gone, or, for an insert, exists already.
"""

from typing import Protocol

from shared.ports.store.blocks import BlockStore
from shared.ports.store.chats import ChatStore
from shared.ports.store.events import EventStore
from shared.ports.store.invites import InviteStore
from shared.ports.store.memberships import MembershipStore
from shared.ports.store.messages import MessageStore
from shared.ports.store.presence import PresenceStore
from shared.ports.store.reactions import ReactionStore
from shared.ports.store.reads import ReadStore
from shared.ports.store.secrets import SecretStore
from shared.ports.store.slots import SlotStore
from shared.ports.store.users import UserStore
from shared.ports.sweep import Sweep


class Store(Protocol):
    """All of storage."""

    @property
    def chats(self) -> ChatStore: ...
    @property
    def memberships(self) -> MembershipStore: ...
    @property
    def blocks(self) -> BlockStore: ...
    @property
    def invites(self) -> InviteStore: ...
    @property
    def users(self) -> UserStore: ...
    @property
    def presence(self) -> PresenceStore: ...
    @property
    def slots(self) -> SlotStore: ...
    @property
    def messages(self) -> MessageStore: ...
    @property
    def reads(self) -> ReadStore: ...
    @property
    def reactions(self) -> ReactionStore: ...
    @property
    def events(self) -> EventStore: ...
    @property
    def secrets(self) -> SecretStore: ...

    def sweep(self) -> Sweep:
        """Scans of whole tables, for the clean-up only."""

    async def ping(self) -> None:
        """Raises Unavailable when storage does not answer."""
