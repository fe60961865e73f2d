"""The settings, read from a file with the keys of Microsoft's emulator and from options.

docs/emulator.md describes every key.
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
    """A file or an option is wrong; the message names it and says how to fix it."""


class EventHandler(msgspec.Struct, frozen=True):
    """One webhook of a hub. ``events`` are lower-case names; ``("*",)`` means all user events.

    ``resource``: the audience of the managed identity token that the handler gets; empty for no token.
    """

    url_template: str
    system_events: frozenset[SystemEvent] = frozenset()
    events: tuple[str, ...] = ()
    resource: str = ""

    def takes(self, event: str) -> bool:
        """Whether the handler takes a user event."""
        return "*" in self.events or event.lower() in self.events


Guid: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class Identity(msgspec.Struct, frozen=True, rename="pascal", forbid_unknown_fields=True):
    """The tenant and principal in managed identity tokens: GUIDs in lower case, as Microsoft writes them."""

    tenant_id: Guid = "00000000-0000-0000-0000-000000000001"
    principal_id: Guid = "00000000-0000-0000-0000-000000000002"


class Settings(msgspec.Struct, frozen=True):
    """All settings. Hub names in ``handlers`` are lower case; the first access key signs.

    ``endpoint``: the base URL at which others reach the stand-in; empty for host and port.
    ``allowed_hosts``: other host names under which it may be reached, in lower case, ``*`` for any.
    ``allowed_origins``: the public sites, or their hosts, whose pages may open WebSockets; likewise.
    ``warnings``: what was ignored while reading the settings.
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
        # A missing key may be there, misspelt.
        meant = [warning for warning in unknown_keys.warnings(whole, _File) if "did you mean" in warning]
        raise BadConfiguration(f"--config {path}: {'; '.join([str(error), *meant])}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadConfiguration(f"--config {path}: {error}") from None
    handlers: dict[str, tuple[EventHandler, ...]] = {}
    for name, hub in section.hubs.items():
        if (key := checked_hub(name)) in handlers:
            raise BadConfiguration(f"--config {path}: Hubs has {name!r} twice; hub names are case-insensitive.")
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
        warnings=tuple(f"{path}: {each}" for each in unknown_keys.warnings(whole["WebPubSub"], _Section, "WebPubSub")),
    )


def unused_handlers(handlers: Mapping[str, Iterable[EventHandler]]) -> list[str]:
    """Warnings about handlers that no event ever reaches."""
    return [
        f"hub {hub}: {redacted(handler.url_template)!r} takes no events: give it user events ('*' for all) or system"
        " events"
        for hub, of_hub in handlers.items()
        for handler in of_hub
        if not handler.events and not handler.system_events
    ]


def with_options(limits: Limits, options: Iterable[str]) -> Limits:
    """Limits overridden by options, each ``Name=VALUE``; raises BadConfiguration naming the option."""
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
    """Which Microsoft Entra tokens are accepted; raises BadConfiguration."""
    if key_document is None:
        return Trust(unvalidated=unvalidated)
    try:
        return Trust(KeyDocument(key_document))
    except OSError as error:
        raise BadConfiguration(f"EntraKeyDocument {key_document}: {error.strerror}") from None
    except ValueError as error:
        raise BadConfiguration(f"EntraKeyDocument {key_document}: {error}") from None


def handler_from_entry(entry: _HandlerEntry) -> EventHandler:
    """A handler from its entry in the file; raises BadConfiguration."""
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
    """The keys themselves; raises BadConfiguration."""
    checked = tuple(keys)
    if any(not key.isprintable() or ";" in key for key in checked):
        raise BadConfiguration(
            "An access key (--access-key, AccessKey) must be text without ';' or control characters."
        )
    if any(len(key.encode()) < MIN_KEY_BYTES for key in checked):
        raise BadConfiguration(f"An access key (--access-key, AccessKey) must have at least {MIN_KEY_BYTES} bytes.")
    return checked


def checked_hosts(given: Iterable[str]) -> tuple[str, ...]:
    """Host names in lower case; raises BadConfiguration."""
    names = tuple(name.strip().lower() for name in given)
    for name in names:
        if not is_name_to_allow(name):
            raise BadConfiguration(
                f"An allowed host (--allowed-host, AllowedHosts) must be a name without a port, or *, not {name!r}."
            )
    return names


def checked_origins(given: Iterable[str]) -> tuple[str, ...]:
    """Origins of pages, or their hosts, in lower case; raises BadConfiguration."""
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
    """The hub's name in lower case; raises BadConfiguration."""
    if not is_hub(name):
        raise BadConfiguration(f"{name!r} is not a hub name: a letter, then up to 127 letters, digits or _`,.[]")
    return name.lower()


def event_handler(url_template: str, user_events: str, system_events: Iterable[str]) -> EventHandler:
    """A handler; ``user_events`` is ``*`` or a comma-separated list. Raises BadConfiguration."""
    check_template(url_template)
    names = tuple(name.strip().lower() for name in user_events.split(",") if name.strip())
    for name in names:
        if name != "*" and not is_event(name):
            raise BadConfiguration(f"{name!r} is not an event name: give '*' or a comma-separated list of names")
    system = frozenset(name.strip().lower() for name in system_events if name.strip())
    for name in system:
        if name not in SYSTEM_EVENTS:
            raise BadConfiguration(f"{name!r} is not a system event: choose from {', '.join(SYSTEM_EVENTS)}")
    return EventHandler(url_template, frozenset(name for name in SYSTEM_EVENTS if name in system), names)


def check_template(template: str) -> None:
    """Raises BadConfiguration unless ``template`` is an http(s) URL with its placeholders after the host."""
    shown = repr(redacted(template))
    try:
        parts = urlsplit(template)
        # Otherwise a host name that DNS cannot carry would fail only at the first event.
        host = (parts.hostname or "").encode("idna")
        valid = parts.scheme in ("http", "https") and bool(host) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or "{" in parts.netloc:
        raise BadConfiguration(
            f"{shown} is not an event handler URL: http://host/path, with {{hub}} and {{event}} only after the host"
        )
    rest = template.replace("{hub}", "").replace("{event}", "")
    if "{" in rest or "}" in rest:
        raise BadConfiguration(f"{shown}: only {{hub}} and {{event}} are replaced in an event handler URL")
