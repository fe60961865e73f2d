"""The backend's settings: reads them from an environment, and reports everything that is wrong with them.

The README lists them with their meanings.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast
from urllib.parse import urlsplit

from shared.flow.admission import CALLS_PER_MINUTE, GUESTS_PER_MINUTE
from shared.ports.store.presence import CONNECTIONS_LIMIT

Presence = Literal["everyone", "chats", "off"]
PRESENCE_SCOPES = ("everyone", "chats", "off")
EVENT_CHECKS = ("signature", "secret", "entra")
# https://learn.microsoft.com/azure/azure-web-pubsub/key-concepts: 1 to 128 characters, a letter first.
HUB = re.compile(r"[A-Za-z][A-Za-z0-9_`,.\[\]]{0,127}\Z")
GUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\Z")
HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d+)?\Z")
# HS256 requires a key at least as long as its hash (RFC 7518, 3.2).
SIGNING_KEY_MIN_CHARACTERS = 32
# The prefix of the key in local.settings.sample.json.
PUBLISHED_KEY = "for-local-development-only"
# The suffix of the settings for previous secrets.
BEFORE = "_BEFORE"
# Enough that it can't be guessed through the webhook.
SECRET_MIN_CHARACTERS = 16
# More tabs than anybody uses.
CONNECTIONS_PER_USER = 20


class BadSettings(Exception):
    """Settings are missing or malformed; ``problems`` has a sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Settings:
    """All settings, validated. An empty string means not set; secrets are left out of ``repr``.

    Of two secrets for the same purpose, the first is the current one, and the other the previous one, still accepted.
    """

    hub: str
    pubsub_endpoint: str
    pubsub_access_key: str = field(repr=False)
    pubsub_client_endpoint: str
    storage_connection_string: str = field(repr=False)
    storage_account_name: str
    event_checks: frozenset[str]
    event_secrets: tuple[str, ...] = field(repr=False)
    event_audience: str
    event_tenant: str
    event_principal: str
    trust_swa_principal: bool
    front_door_secret: str = field(repr=False)
    allow_guests: bool
    guest_signing_keys: tuple[str, ...] = field(repr=False)
    guests_per_minute: int
    calls_per_minute: int
    presence: Presence
    connections_per_user: int


class _Reader:
    """Reads an environment and collects its problems."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        return self.environ.get(name, "").strip() or default

    def secrets(self, name: str) -> tuple[str, ...]:
        """The current secret, and the previous one, which is still accepted during a key rotation."""
        return tuple(value for value in (self.text(name), self.text(name + BEFORE)) if value)

    def flag(self, name: str) -> bool:
        value = self.text(name, "false").lower()
        if value not in ("true", "false"):
            self.problems.append(f"{name} must be true or false.")
        return value == "true"

    def number(self, name: str, default: int, most: int = 999_999) -> int:
        """An integer from 1 to ``most``."""
        value = self.text(name, str(default))
        if re.fullmatch(r"[0-9]{1,6}", value) and 1 <= int(value) <= most:
            return int(value)
        self.problems.append(f"{name} must be a whole number from 1 to {most}.")
        return default

    def origin(self, name: str, schemes: tuple[str, ...]) -> str:
        """An origin without a trailing slash, with which the SDK would build broken URLs."""
        value = self.text(name).rstrip("/")
        if value and not is_origin(value, schemes):
            self.problems.append(f"{name} must be an origin such as {schemes[-1]}://name.example.net, without a path.")
        return value


def is_origin(value: str, schemes: tuple[str, ...]) -> bool:
    """Whether ``value`` is a scheme, a host and optionally a port, and nothing else."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in schemes and bool(HOST.match(parts.netloc)) and value == f"{parts.scheme}://{parts.netloc}"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings in ``environ``; raises BadSettings naming every invalid one and what it should look like."""
    reader = _Reader(environ)
    endpoint, key = _pubsub(reader)
    settings = Settings(
        hub=_hub(reader),
        pubsub_endpoint=endpoint,
        pubsub_access_key=key,
        pubsub_client_endpoint=reader.origin("PUBSUB_CLIENT_ENDPOINT", ("ws", "wss")),
        storage_connection_string=reader.text("STORAGE_CONNECTION_STRING"),
        storage_account_name=_storage_account(reader),
        event_checks=_event_checks(reader),
        event_secrets=reader.secrets("EVENT_HANDLER_SECRET"),
        event_audience=reader.text("EVENT_HANDLER_AUDIENCE"),
        # Entra's tokens have both in lower case.
        event_tenant=reader.text("EVENT_HANDLER_TENANT").lower(),
        event_principal=reader.text("EVENT_HANDLER_PRINCIPAL").lower(),
        trust_swa_principal=reader.flag("TRUST_SWA_PRINCIPAL"),
        front_door_secret=_front_door_secret(reader),
        allow_guests=reader.flag("ALLOW_GUESTS"),
        guest_signing_keys=_guest_signing_keys(reader, endpoint),
        guests_per_minute=reader.number("GUESTS_PER_MINUTE", GUESTS_PER_MINUTE),
        calls_per_minute=reader.number("CALLS_PER_MINUTE", CALLS_PER_MINUTE),
        presence=_presence(reader),
        connections_per_user=reader.number("CONNECTIONS_PER_USER", CONNECTIONS_PER_USER, CONNECTIONS_LIMIT),
    )
    if reader.problems:
        raise BadSettings(reader.problems)
    return settings


def _hub(reader: _Reader) -> str:
    hub = reader.text("PUBSUB_HUB", "chat")
    if not HUB.match(hub):
        reader.problems.append("PUBSUB_HUB must be a hub name: a letter, then letters, digits or underscores.")
    return hub


def _pubsub(reader: _Reader) -> tuple[str, str]:
    connection = reader.text("PUBSUB_CONNECTION_STRING")
    if not connection:
        # Azure's SDK does not send a managed identity's token over plain http.
        endpoint = reader.origin("PUBSUB_ENDPOINT", ("https",))
        if not endpoint:
            reader.problems.append(
                "PUBSUB_CONNECTION_STRING or PUBSUB_ENDPOINT must be set: a connection string or, with a managed "
                "identity, an origin such as https://name.webpubsub.azure.com."
            )
        return endpoint, ""
    values = _pairs(connection)
    endpoint, key = values.get("endpoint", "").rstrip("/"), values.get("accesskey", "")
    if port := values.get("port"):
        endpoint = f"{endpoint}:{port}"
    if not key or not is_origin(endpoint, ("http", "https")):
        reader.problems.append(
            "PUBSUB_CONNECTION_STRING must look like Endpoint=https://name.webpubsub.azure.com;AccessKey=…;Version=1.0;"
        )
    return endpoint, key


def _storage_account(reader: _Reader) -> str:
    connection, account = reader.text("STORAGE_CONNECTION_STRING"), reader.text("STORAGE_ACCOUNT_NAME")
    if not connection and not account:
        reader.problems.append(
            "STORAGE_CONNECTION_STRING or STORAGE_ACCOUNT_NAME must be set: a connection string or, with a managed "
            "identity, the name of the storage account."
        )
    if account and not re.fullmatch(r"[a-z0-9]{3,24}", account):
        reader.problems.append("STORAGE_ACCOUNT_NAME must be 3 to 24 lower-case letters and digits.")
    if connection and not _is_storage(_pairs(connection)):
        reader.problems.append(
            "STORAGE_CONNECTION_STRING must be UseDevelopmentStorage=true or look like "
            "AccountName=name;AccountKey=…; optionally with TableEndpoint=https://name.table.core.windows.net;"
        )
    return account


def _is_storage(values: Mapping[str, str]) -> bool:
    """Whether a connection string is complete. The Tables SDK does not check this before its first request."""
    if values.get("usedevelopmentstorage", "").lower() == "true":
        return True
    try:
        endpoint = urlsplit(values.get("tableendpoint", "https://" + values.get("accountname", "")))
        base64.b64decode(values.get("accountkey", ""), validate=True)
    except ValueError:
        return False
    signs = values.get("accountname") and values.get("accountkey")
    reached = endpoint.scheme in ("http", "https") and HOST.match(endpoint.netloc)
    return bool(reached and (signs or values.get("sharedaccesssignature")))


def _pairs(connection: str) -> dict[str, str]:
    """The values of a connection string by name, in lower case."""
    pairs = (part.strip().split("=", 1) for part in connection.split(";") if "=" in part)
    return {name.lower(): value for name, value in pairs}


def _event_checks(reader: _Reader) -> frozenset[str]:
    names = [name.strip().lower() for name in reader.text("EVENT_HANDLER_AUTH").split(",") if name.strip()]
    if any(name not in EVENT_CHECKS for name in names):
        reader.problems.append("EVENT_HANDLER_AUTH must be a comma-separated list of signature, secret and entra.")
    if "signature" in names and not reader.text("PUBSUB_CONNECTION_STRING"):
        reader.problems.append("EVENT_HANDLER_AUTH can include signature only if PUBSUB_CONNECTION_STRING is set.")
    if "secret" in names:
        _check_secrets(reader, "EVENT_HANDLER_SECRET", SECRET_MIN_CHARACTERS, "")
    if "entra" in names:
        wanted = ("EVENT_HANDLER_AUDIENCE", "EVENT_HANDLER_TENANT", "EVENT_HANDLER_PRINCIPAL")
        reader.problems.extend(
            f"{name} must be set because EVENT_HANDLER_AUTH includes entra." for name in wanted if not reader.text(name)
        )
        # A tenant's domain name would find its keys, but tokens have only its id: every call would get a 401.
        reader.problems.extend(
            f"{name} must be a GUID such as 00000000-0000-4000-8000-000000000000."
            for name in wanted[1:]
            if reader.text(name) and not GUID.match(reader.text(name))
        )
    return frozenset(names)


def _front_door_secret(reader: _Reader) -> str:
    secret = reader.text("FRONT_DOOR_SECRET")
    if secret and len(secret) < SECRET_MIN_CHARACTERS:
        reader.problems.append(f"FRONT_DOOR_SECRET must have at least {SECRET_MIN_CHARACTERS} characters, or be empty.")
    return secret


def _guest_signing_keys(reader: _Reader, pubsub_endpoint: str) -> tuple[str, ...]:
    name = "GUEST_SIGNING_KEY"
    keys = reader.secrets(name)
    if reader.text("ALLOW_GUESTS").lower() != "true":
        return keys
    _check_secrets(reader, name, SIGNING_KEY_MIN_CHARACTERS, ", chosen at random, if ALLOW_GUESTS is true")
    # The service has an https endpoint, the stand-in an http one.
    if any(key.startswith(PUBLISHED_KEY) for key in keys) and pubsub_endpoint.startswith("https:"):
        reader.problems.append(f"{name} must be a key of your own: the one in the sample is public.")
    return keys


def _check_secrets(reader: _Reader, name: str, characters: int, more: str) -> None:
    """Checks that a secret is long enough, and so is the previous one, if set."""
    for each in (name, name + BEFORE):
        value = reader.text(each)
        if len(value.encode()) < characters and (value or each == name):
            reader.problems.append(f"{each} must have at least {characters} characters{more}.")


def _presence(reader: _Reader) -> Presence:
    scope = reader.text("PRESENCE", "everyone").lower()
    if scope not in PRESENCE_SCOPES:
        reader.problems.append("PRESENCE must be everyone, chats or off.")
    return cast("Presence", scope)
