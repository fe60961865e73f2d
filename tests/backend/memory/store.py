"""The store in memory, for tests of rules. It passes the same contract as the tables (``contracts/``).

``before_call`` runs before each operation. A test raises an error from it to see what a fault at that point leaves.
"""

import itertools

from shared.model.clock import Clock, now
from tests.backend.memory.blocks import MemoryBlocks
from tests.backend.memory.chats import MemoryChats
from tests.backend.memory.events import MemoryEvents
from tests.backend.memory.invites import MemoryInvites
from tests.backend.memory.memberships import MemoryMemberships
from tests.backend.memory.messages import MemoryMessages, MemoryReactions
from tests.backend.memory.part import BeforeCall, Turn, nothing, straight_on
from tests.backend.memory.presence import MemoryPresence
from tests.backend.memory.reads import MemoryReads
from tests.backend.memory.secrets import MemorySecrets
from tests.backend.memory.slots import MemorySlots
from tests.backend.memory.sweep import MemorySweep
from tests.backend.memory.users import MemoryUsers


class MemoryStore:
    """Implements ``store.Store``."""

    # Runs before each operation; a test uses it to let other tasks run in between.
    turn: Turn = staticmethod(straight_on)

    def __init__(self, before_call: BeforeCall = nothing) -> None:
        self.before_call = before_call
        self.clock: Clock = now
        self.chats = MemoryChats(self)
        self.memberships = MemoryMemberships(self)
        self.blocks = MemoryBlocks(self)
        self.invites = MemoryInvites(self)
        self.users = MemoryUsers(self)
        self.presence = MemoryPresence(self)
        self.slots = MemorySlots(self)
        self.reads = MemoryReads(self)
        self.reactions = MemoryReactions(self)
        self.messages = self.reactions.messages = MemoryMessages(self, self.reactions)
        self.events = MemoryEvents(self)
        self.secrets = MemorySecrets(self)
        self._versions = itertools.count(1)

    def version(self) -> str:
        return str(next(self._versions))

    def sweep(self) -> MemorySweep:
        return MemorySweep(self)

    async def ping(self) -> None:
        self.before_call("ping")
