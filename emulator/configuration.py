"""What the operator may set: from a file with the keys of Microsoft's emulator, and from options.

Values only; starting anything belongs to the server. docs/emulator.md describes every key.
"""

import codecs
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit

import msgspec

from . import unknown_keys
from .address import is_host
from .entra import Trust
from .key_document import KeyDocument
from .limits import Limits
from .names import is_event, is_hub
from .redaction import redacted
from .sites import ANY, NO_SITE, is_name_to_allow, origin_host

DEFAULT_ACCESS_KEY = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH"
MIN_KEY_BYTES = 32
SystemEvent: TypeAlias = Literal["connect", "connected", "disconnected"]
SYSTEM_EVENTS: tuple[SystemEvent, ...] = ("connect", "connected", "disconnected")


class BadConfiguration(Exception):
    """A file or an option is wrong; the message names it and says how to put it right."""


class EventHandler(msgspec.Struct, frozen=True):
    """One webhook of a hub. ``events`` are lower-case names; ``("*",)`` means all user events.

    ``resource``: the audience of the token that the service shows there as its managed identity; empty for none.
    """

    url_template: str
    system_events: frozenset[SystemEvent] = frozenset()
    events: tuple[str, ...] = ()
    resource: str = ""

    def takes(self, event: str) -> bool:
        """Whether the user event is for this handler."""
        return "*" in self.events or event.lower() in self.events


Guid: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class Identity(msgspec.Struct, frozen=True, rename="pascal", forbid_unknown_fields=True):
    """Who the stand-in says it is where a managed identity would say so: GUIDs, in lower case as Microsoft's."""

    tenant_id: Guid = "00000000-0000-0000-0000-000000000001"
    principal_id: Guid = "00000000-0000-0000-0000-000000000002"


class Settings(msgspec.Struct, frozen=True):
    """Everything the stand-in is told. Hub names in ``handlers`` are lower case; the first access key signs.

    ``endpoint``: the base URL by which others know the stand-in; empty where it is that of the port.
    ``allowed_hosts``: further names by which it may be reached; ``allowed_origins``: the sites, or their hosts, whose
    pages may open WebSockets beside those of this machine; all in lower case, ``*`` for any.
    ``warnings``: what was passed over in reading them.
    """

    access_keys: tuple[str, ...] = (DEFAULT_ACCESS_KEY,)
    handlers: dict[str, tuple[EventHandler, ...]] = {}
    drop_on_failed_event: bool = False
    protobuf_json_data: bool = False
    entra: Trust = Trust()
    limits: Limits = Limits()
    identity: Identity = Identity()
    endpoint: str = ""
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class _Resource(msgspec.Struct, frozen=True, rename="pascal"):
    resource: str


class _Auth(msgspec.Struct, frozen=True, rename="pascal"):
    type: Literal["None", "ManagedIdentity"] = "None"
    managed_identity: _Resource | None = None


class _HandlerEntry(msgspec.Struct, rename="pascal"):
    url_template: str
    system_events: list[str] = []
    event_pattern: str = ""
    auth: _Auth = _Auth()


class _HubEntry(msgspec.Struct, rename="pascal"):
    event_handlers: list[_HandlerEntry] = []


class _Section(msgspec.Struct, rename="pascal"):
    access_key: str | None = None
    secondary_access_key: str | None = None
    allow_unvalidated_entra_tokens: bool = False
    entra_key_document: str | None = None
    limits: Limits = Limits()
    identity: Identity = Identity()
    allowed_hosts: list[str] = []
    allowed_origins: list[str] = []
    hubs: dict[str, _HubEntry] = {}


class _File(msgspec.Struct):
    WebPubSub: _Section


def read_file(path: Path) -> Settings:
    """Settings from a configuration file; raises BadConfiguration naming the key."""
    try:
        whole = msgspec.json.decode(path.read_bytes().removeprefix(codecs.BOM_UTF8))
        section = msgspec.convert(whole, _File).WebPubSub
    except OSError as error:
        raise BadConfiguration(f"--config {path}: {error.strerror}") from None
    except msgspec.ValidationError as error:
        # A name that is missing may be there in another spelling.
        meant = [said for said in unknown_keys.warnings(whole, _File) if "did you mean" in said]
        raise BadConfiguration(f"--config {path}: {'; '.join([str(error), *meant])}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadConfiguration(f"--config {path}: {error}") from None
    handlers: dict[str, tuple[EventHandler, ...]] = {}
    for name, hub in section.hubs.items():
        if (key := checked_hub(name)) in handlers:
            raise BadConfiguration(f"--config {path}: Hubs has {name!r} twice; case makes no other hub of it.")
        handlers[key] = tuple(handler_from_entry(entry) for entry in hub.event_handlers)
    keys = [section.access_key or DEFAULT_ACCESS_KEY, section.secondary_access_key]
    trust = entra_trust(
        path.parent / section.entra_key_document if section.entra_key_document else None,
        section.allow_unvalidated_entra_tokens,
    )
    checked = checked_access_keys(key for key in keys if key)
    return Settings(
        access_keys=checked,
        handlers=handlers,
        entra=trust,
        limits=section.limits,
        identity=section.identity,
        allowed_hosts=checked_hosts(section.allowed_hosts),
        allowed_origins=checked_origins(section.allowed_origins),
        warnings=tuple(f"{path}: {said}" for said in unknown_keys.warnings(whole["WebPubSub"], _Section, "WebPubSub")),
    )


def unused_handlers(handlers: Mapping[str, Iterable[EventHandler]]) -> list[str]:
    """What is to be said of handlers that no event ever reaches."""
    return [
        f"hub {hub}: {redacted(handler.url_template)!r} takes no event: give it user events ('*' for all), or system"
        " events"
        for hub, of_hub in handlers.items()
        for handler in of_hub
        if not handler.events and not handler.system_events
    ]


def with_options(limits: Limits, options: Iterable[str]) -> Limits:
    """Limits with those of options in their place, each ``Name=VALUE``; raises BadConfiguration naming the option."""
    for option in options:
        name, _, value = option.partition("=")
        given: object = value.split(",") if "," in value or name == "HandlerRetrySeconds" else value
        try:
            limits = msgspec.convert({**msgspec.to_builtins(limits), name: given}, Limits, strict=False)
        except msgspec.ValidationError as error:
            known = [field.encode_name for field in msgspec.structs.fields(Limits)]
            meant = "" if name in known else unknown_keys.did_you_mean(name, known)
            raise BadConfiguration(f"--limit {option}: {error}{meant}") from None
    return limits


def entra_trust(key_document: Path | None, unvalidated: bool) -> Trust:
    """Which Microsoft Entra tokens count; raises BadConfiguration."""
    if key_document is None:
        return Trust(unvalidated=unvalidated)
    try:
        return Trust(KeyDocument(key_document))
    except OSError as error:
        raise BadConfiguration(f"EntraKeyDocument {key_document}: {error.strerror}") from None
    except ValueError as error:
        raise BadConfiguration(f"EntraKeyDocument {key_document}: {error}") from None


def handler_from_entry(entry: _HandlerEntry) -> EventHandler:
    """A file's entry, checked; raises BadConfiguration."""
    handler = event_handler(entry.url_template, entry.event_pattern, entry.system_events)
    if entry.auth.type == "None":
        return handler
    shown = repr(redacted(entry.url_template))
    if find_spec("cryptography") is None:
        raise BadConfiguration(f"{shown}: Auth of type ManagedIdentity needs the package cryptography")
    if entry.auth.managed_identity is None or not entry.auth.managed_identity.resource:
        raise BadConfiguration(f"{shown}: Auth of type ManagedIdentity needs ManagedIdentity.Resource")
    return msgspec.structs.replace(handler, resource=entry.auth.managed_identity.resource)


def checked_access_keys(keys: Iterable[str]) -> tuple[str, ...]:
    """The keys, checked; raises BadConfiguration."""
    checked = tuple(keys)
    if any(not key.isprintable() or ";" in key for key in checked):
        raise BadConfiguration(
            "An access key (--access-key, AccessKey) must be text without ';' or control characters."
        )
    if any(len(key.encode()) < MIN_KEY_BYTES for key in checked):
        raise BadConfiguration(f"An access key (--access-key, AccessKey) must have at least {MIN_KEY_BYTES} bytes.")
    return checked


def checked_hosts(given: Iterable[str]) -> tuple[str, ...]:
    """Names of hosts, checked; raises BadConfiguration."""
    names = tuple(name.strip().lower() for name in given)
    for name in names:
        if not is_name_to_allow(name):
            raise BadConfiguration(
                f"An allowed host (--allowed-host, AllowedHosts) must be a name without a port, or *, not {name!r}."
            )
    return names


def checked_origins(given: Iterable[str]) -> tuple[str, ...]:
    """Origins of pages, or their hosts, checked; raises BadConfiguration."""
    said = (origin.strip().lower() for origin in given)
    origins = tuple(origin if origin in NO_SITE else origin.rstrip("/") for origin in said)
    for origin in origins:
        known = origin in (ANY, *NO_SITE) or is_host(origin) or (origin_host(origin) and origin.count("/") == 2)
        if not known:
            raise BadConfiguration(
                "An allowed origin (--allowed-origin, AllowedOrigins) must be one such as https://app.example, a host,"
                f" {', '.join(NO_SITE)}, or *, not {origin!r}."
            )
    return origins


def checked_hub(name: str) -> str:
    """The hub's name in lower case, as everything else here uses it; raises BadConfiguration."""
    if not is_hub(name):
        raise BadConfiguration(f"{name!r} is no hub name: a letter, then up to 127 letters, digits or _`,.[]")
    return name.lower()


def event_handler(url_template: str, user_events: str, system_events: Iterable[str]) -> EventHandler:
    """One handler; ``user_events`` is ``*`` or a comma list. Raises BadConfiguration."""
    check_template(url_template)
    names = tuple(name.strip().lower() for name in user_events.split(",") if name.strip())
    for name in names:
        if name != "*" and not is_event(name):
            raise BadConfiguration(f"{name!r} is no event name: '*' or a comma list of names")
    system = frozenset(name.strip().lower() for name in system_events if name.strip())
    for name in system:
        if name not in SYSTEM_EVENTS:
            raise BadConfiguration(f"{name!r} is no system event: choose from {', '.join(SYSTEM_EVENTS)}")
    return EventHandler(url_template, frozenset(name for name in SYSTEM_EVENTS if name in system), names)


def check_template(template: str) -> None:
    """Raises BadConfiguration unless ``template`` is an http(s) URL with its parameters behind the host."""
    shown = repr(redacted(template))
    try:
        parts = urlsplit(template)
        # A name that DNS cannot carry would be found out only at the first event.
        host = (parts.hostname or "").encode("idna")
        valid = parts.scheme in ("http", "https") and bool(host) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or "{" in parts.netloc:
        raise BadConfiguration(
            f"{shown} is no event handler URL: http://host/path, {{hub}} and {{event}} only behind the host"
        )
    rest = template.replace("{hub}", "").replace("{event}", "")
    if "{" in rest or "}" in rest:
        raise BadConfiguration(f"{shown}: only {{hub}} and {{event}} are replaced in an event handler URL")
