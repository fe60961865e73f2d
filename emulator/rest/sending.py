"""Operations that send to a hub, a group, a user or a connection. They answer 202 even if nobody is there."""

import codecs

from ..hub import EVERYBODY, Hub
from ..names import metadata_fault
from ..protocol.fields import json_data
from ..protocol.messages import Content, Malformed, Message
from ..quota import used_up
from ..service import Service
from .errors import ApiError, bad_request, unsupported_media_type
from .exchange import Call, Reply

# Codecs of Python that are not charsets. Decoding punycode could block the event loop for minutes.
NO_CHARSETS = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape"})
METADATA_PREFIX = "x-webpubsub-metadata-"
ACCEPTED = Reply(202)


def to_all(service: Service, hub: Hub, call: Call) -> Reply:
    """Sends to every connection of the hub."""
    return accepted(service, service.send(hub, EVERYBODY, message_of(call), call.excluded(), call.condition()))


def to_group(service: Service, hub: Hub, call: Call) -> Reply:
    """Sends to a group. The message has no sender."""
    group = call.group()
    sent = service.send(hub, ("group", group), message_of(call, group), call.excluded(), call.condition())
    return accepted(service, sent)


def to_user(service: Service, hub: Hub, call: Call) -> Reply:
    """Sends to every connection of a user."""
    sent = service.send(hub, ("user", call.path["userId"]), message_of(call), condition=call.condition())
    return accepted(service, sent)


def to_connection(service: Service, hub: Hub, call: Call) -> Reply:
    """Sends to one connection."""
    return accepted(service, service.send(hub, ("connection", call.path["connectionId"]), message_of(call)))


def accepted(service: Service, sent: bool) -> Reply:
    """202; raises ApiError if the daily quota is used up."""
    if not sent:
        most = service.settings.limits.messages_per_day
        raise ApiError(429, "Error.TooManyRequests", f"{used_up(most)}.")
    return ACCEPTED


def message_of(call: Call, group: str | None = None) -> Message:
    """The call's body as a message; raises ApiError."""
    ttl_seconds = call.ttl_seconds()
    metadata = {
        name[len(METADATA_PREFIX) :]: value for name, value in call.headers.items() if name.startswith(METADATA_PREFIX)
    }
    if fault := metadata_fault(metadata.items()):
        raise bad_request(fault, "metadata")
    return Message(content_of(call), group, metadata=metadata, ttl_seconds=ttl_seconds)


def content_of(call: Call) -> Content:
    """The body as its content type says; raises ApiError."""
    parameters = call.headers.get("content-type", "").partition(";")[2]
    match call.media_type() or "application/octet-stream":
        case "text/plain":
            return Content("text", transcoded(call.body, parameters))
        case "application/json":
            return Content("json", checked_json(transcoded(call.body, parameters)))
        case "application/octet-stream":
            return Content("binary", call.body)
    raise unsupported_media_type("text/plain, application/json or application/octet-stream")


def transcoded(body: bytes, parameters: str) -> bytes:
    """``body`` converted to UTF-8 from the charset in the content type; raises ApiError."""
    names = [
        value.strip(" \"'")
        for key, _, value in (p.partition("=") for p in parameters.split(";"))
        if key.strip().lower() == "charset"
    ]
    charset = names[0] if names else "utf-8"
    try:
        if codecs.lookup(charset).name.replace("-", "_") in NO_CHARSETS:
            raise LookupError
        return body.decode(charset).encode()
    except (LookupError, UnicodeError):
        raise bad_request(f"The body is not text in the charset {charset[:40]!r}.", "body") from None


def checked_json(body: bytes) -> bytes:
    """``body`` itself, trimmed; raises ApiError unless it is JSON."""
    try:
        return json_data(body).strip()
    except Malformed:
        raise bad_request("The body is not valid JSON.", "body") from None
