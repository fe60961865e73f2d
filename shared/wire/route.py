"""The declaration of a route: who may call it, what is validated, and what its description says."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import azure.functions as func
import msgspec

from shared.flow.admission import PLAIN, Price
from shared.model.errors import ChatrError

# "members" have to be signed in; the rule checks the membership. "Web PubSub" has to authenticate as
# EVENT_HANDLER_AUTH says.
Who = Literal["anyone", "signed in", "members", "Web PubSub"]

JSON = "application/json"
# One JSON text per line. https://github.com/ndjson/ndjson-spec
JSON_LINES = "application/x-ndjson"
# The default limit: more than any body that a page sends.
BODY_BYTES = 4_096


@dataclass(frozen=True)
class Route:
    """A route: ``method`` and ``path`` below ``/api``, as ``function_app.py`` has them.

    ``run`` is called with the call, then a value for each declared type of ``segments`` (of the path), ``query``,
    ``headers`` and ``body``. A body of type ``bytes`` may be anything, of up to ``body_bytes``. ``price`` is what
    admission charges, None if the rule charges by itself. ``past_the_door`` allows calls without FRONT_DOOR_SECRET, for
    callers that cannot have it. ``answers`` are the types of a success, None for a 204; ``says`` is their content type,
    and for JSON lines the type is that of a line. ``errors`` are the route's own. Besides these, any route may answer
    TooLarge, Internal and Unavailable; a route with a price, TooManyRequests; a route that is not for anyone,
    NotSignedIn; and one that changes something, Forbidden.
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
        """Whether a call from a browser can change anything. If so, it is refused to pages of other sites (CSRF)."""
        return self.method not in ("GET", "HEAD", "OPTIONS") and self.who != "Web PubSub"
