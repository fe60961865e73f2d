"""What somebody who watches the stand-in is told, at the moment it happens.

Told only while somebody watches; who is connected is not told but read from the hubs. Must not know who watches, nor
how it is shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from .connection import Connection
from .hub import Target
from .names import Metadata
from .protocol.messages import Content
from .upstream.cloudevents import WebhookRequest

# A client, the application's server over REST, or an event handler's answer.
Speaker: TypeAlias = Connection | Literal["server", "handler"]
# An event is for a handler, not for clients; its name stands beside it.
Addressee: TypeAlias = Target | tuple[Literal["event"], str]

# Counted only for what is looked at.
CountReached: TypeAlias = Callable[[], int]


@dataclass
class Attempt:
    """One attempt to bring an event to its handler; ``error`` says in plain words why there is no answer.

    Without a ``status`` and an ``error`` it is under way. ``attempt`` counts from 1, and is 0 where none was made.
    """

    request: WebhookRequest
    attempt: int
    status: int | None = None
    error: str | None = None
    milliseconds: float = 0


class Observer(Protocol):
    """Must neither wait nor raise: it is told on the way of the messages themselves."""

    def said(
        self, hub: str, speaker: Speaker, to: Addressee, content: Content, metadata: Metadata, reached: CountReached
    ) -> None:
        """Something is said to so many clients, who are about to get it; an event to one handler, or to none."""

    def attempted(self, call: Attempt) -> None:
        """A call begins; told again, with the same object, when it has ended."""
