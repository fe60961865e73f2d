"""What a route is: one declaration that decides who may call it, checks what they send, and describes it.

Must not know the routes.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import azure.functions as func
import msgspec

from shared.flow.admission import PLAIN, Price
from shared.model.errors import ChatrError

# "members" are signed in too; whether they are members is for the rule to find out. "Web PubSub" has proven that it
# calls, in a way that EVENT_HANDLER_AUTH names.
Who = Literal["anyone", "signed in", "members", "Web PubSub"]

JSON = "application/json"
# One JSON text per line. https://github.com/ndjson/ndjson-spec
JSON_LINES = "application/x-ndjson"
# More than any body has that a page sends, but for those of routes that say otherwise.
BODY_BYTES = 4_096


@dataclass(frozen=True)
class Route:
    """``method`` and ``path`` below ``/api``, as ``function_app.py`` has them.

    ``run`` gets the call, then a value for each of ``segments`` (of the path), ``query``, ``headers`` and ``body`` that
    is declared; a body of ``bytes`` may be anything. No body has more than ``body_bytes``. ``price`` is what a call
    counts, None where that is for the rule to say. ``past_the_door`` are calls of those who cannot show the secret of
    what stands in front (FRONT_DOOR_SECRET). ``answers`` is what a success can say, None for a 204, and ``says`` in
    which format; of JSON lines it is what each line says. ``errors`` are those of the route itself; any route may
    also answer TooLarge, Internal and Unavailable, one that has a price TooManyRequests, one that is not for anyone
    NotSignedIn, and one that changes something Forbidden.
    """

    method: str
    path: str
    who: Who
    run: Callable[..., Awaitable[func.HttpResponse]]
    segments: type[msgspec.Struct] | None = None
    query: type[msgspec.Struct] | None = None
    headers: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | type[bytes] | None = None
    body_bytes: int = BODY_BYTES
    price: Price | None = PLAIN
    past_the_door: bool = False
    answers: tuple[type[msgspec.Struct] | None, ...] = (None,)
    says: str = JSON
    errors: tuple[type[ChatrError], ...] = ()

    @property
    def changes(self) -> bool:
        """Whether a call can change something for a browser: it is refused to pages of other sites."""
        return self.method not in ("GET", "HEAD", "OPTIONS") and self.who != "Web PubSub"
