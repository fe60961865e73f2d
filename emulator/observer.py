"""What an observer, such as the window, is told at the moment it happens.

Nothing is told while there is no observer. Connections are not told: observers read them from the hubs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from .connection import Connection
from .hub import Target
from .names import Metadata
from .protocol.messages import Content

# A client, the application's server over REST, or an event handler's answer.
Sender: TypeAlias = Connection | Literal["server", "handler"]
# An event goes to a handler, not to clients; the second part is its name.
Addressee: TypeAlias = Target | tuple[Literal["event"], str]


@dataclass(frozen=True)
class SentMessage:
    """A message that clients are about to get, or an event for a handler.

    ``count_receivers``: how many clients get it, or how many handlers (0 or 1). Counting takes time, so observers
    call it only for messages that they keep.
    """

    hub: str
    sender: Sender
    to: Addressee
    content: Content
    metadata: Metadata
    count_receivers: Callable[[], int]


@dataclass
class Attempt:
    """One attempt to deliver an event to its handler. It is under way until it has a ``status`` or an ``error``.

    ``headers`` are those of the request and name the event. ``number`` counts from 1; it is 0 for an event that was
    given up before a first attempt. ``error`` says why there is no answer.
    """

    url: str
    headers: Mapping[str, str]
    number: int
    status: int | None = None
    error: str | None = None
    milliseconds: float = 0


class Observer(Protocol):
    """Must neither block nor raise: it is called in the middle of a message's delivery."""

    def sent(self, message: SentMessage) -> None:
        """A message is being sent."""

    def attempted(self, attempt: Attempt) -> None:
        """An attempt begins. Called again with the same object when it has ended."""
