"""Decodes the data of browsers' events (JSON or plain text) and encodes ``{"chatEvent", "data"}`` messages."""

import html
import re
from typing import Any

import msgspec

from shared.model.errors import BadRequest, UnknownEvent
from shared.model.limits import ID_CHARACTERS, PATTERNS
from shared.model.text.names import SYSTEM_NAME
from shared.wire.chat_events import TO_BROWSER, ToBrowser
from shared.wire.events import FROM_BROWSER, FromBrowser
from shared.wire.json_text import NOT_JSON

# More than any event needs: even a message of 4,000 characters with 20 mentions, fully escaped, is smaller.
EVENT_BYTES = 65_536
# msgspec's only message that quotes the value.
QUOTING = re.compile(r"^Invalid enum value .*(?= - at `\$)")

_types = {event.name.lower(): event for event in FROM_BROWSER}
_heard = {event.chat_event: event for event in TO_BROWSER}


def decode(name: str, content_type: str, body: bytes) -> FromBrowser:
    """The event ``name`` with ``body``; raises UnknownEvent, or BadRequest naming the field that is wrong."""
    kind = _types.get(name.lower())
    if kind is None:
        raise UnknownEvent("There is no event with this name; docs/protocol.md lists all events.")
    try:
        return msgspec.convert(_data(kind, content_type, body), kind)
    except msgspec.ValidationError as error:
        raise BadRequest(f"{kind.name}: {explained(error)}.") from error


def known(name: str) -> str:
    """The event's declared name, or "unknown": an undeclared name may be any text and must not reach a log."""
    kind = _types.get(name.lower())
    return kind.name if kind else "unknown"


def least_tokens(name: str) -> int:
    """The minimum number of tokens that the event ``name`` takes, before its data is decoded."""
    return _types.get(name.lower(), FromBrowser).tokens


def explained(error: msgspec.ValidationError) -> str:
    """A validation error in words, field first: ``id: expected `str`, got `int```. It never quotes the value."""
    what, _, where = _in_words(str(error)).partition(" - at `$.")
    return f"`{where.rstrip('`')}`: {what[:1].lower()}{what[1:]}" if where else what.partition(" - at `$`")[0]


def _in_words(text: str) -> str:
    """``text`` with patterns replaced by their meaning, and without the invalid value."""
    text = QUOTING.sub("Not one of the values listed in docs/protocol.md", text)
    for pattern, meaning in PATTERNS.items():
        text = text.replace(f"`str` matching regex {pattern!r}", meaning)
    return text


def subject(body: bytes) -> str | None:
    """The id that an ``error`` event refers to: the message id in an event's data, else its chat id, else None."""
    if len(body) > EVENT_BYTES:
        return None
    try:
        data = msgspec.json.decode(body)
    except NOT_JSON:
        data = body.decode("utf-8", "replace")
    found = (data.get("id") or data.get("chatId")) if isinstance(data, dict) else data
    return found if isinstance(found, str) and 0 < len(found) <= ID_CHARACTERS else None


def envelope(event: ToBrowser) -> dict[str, str]:
    """The message that browsers receive for ``event``."""
    fields = msgspec.to_builtins(event)
    data = fields["id"] if event.plain else msgspec.json.encode(event).decode()
    shown = event.words()
    words = {"fromUserName": SYSTEM_NAME, "message": html.escape(shown)} if shown else {}
    return {"chatEvent": event.chat_event, "data": data, **words}


def serialized(heard: ToBrowser | None) -> str:
    """The answer to a sender, serialized for storage; ``deserialized`` is the inverse."""
    return f"{heard.chat_event} {msgspec.json.encode(heard).decode()}" if heard else ""


def deserialized(text: str) -> ToBrowser | None:
    """The answer in a text of ``serialized``."""
    name, _, fields = text.partition(" ")
    return msgspec.json.decode(fields, type=_heard[name]) if name else None


def _data(kind: type[FromBrowser], content_type: str, body: bytes) -> Any:
    if kind.ignores_data:
        return {}
    if len(body) > EVENT_BYTES:
        raise BadRequest(f"{kind.name}: the data must be at most {EVENT_BYTES} bytes long.")
    if not kind.text_field:
        return _json(kind, body)
    if "json" in content_type.lower():
        return {kind.text_field: _json(kind, body)}
    try:
        return {kind.text_field: body.decode()}
    except UnicodeDecodeError as error:
        raise BadRequest(f"{kind.name}: the data must be text in UTF-8.") from error


def _json(kind: type[FromBrowser], body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except NOT_JSON as error:
        raise BadRequest(f"{kind.name}: the data must be JSON.") from error
