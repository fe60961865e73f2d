"""The settings with which the backend runs locally, and the local services that they require.

The precedence is environment > ``local.settings.json`` > ``local.settings.sample.json``. ``shared/settings.py``
validates the result.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local.keys import Keys
from local.ports import Ports

SAMPLE = "local.settings.sample.json"
FILE = "local.settings.json"
# Azurite's published development account, the same on every machine.
# https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
DEVELOPMENT_ACCOUNT = "devstoreaccount1"
DEVELOPMENT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


class BadSettingsFile(Exception):
    """A settings file cannot be read; the message says which and why."""


@dataclass(frozen=True)
class Configuration:
    """``settings`` for the backend's process, and whether to start the local Web PubSub and storage."""

    settings: dict[str, str] = field(repr=False)
    own_pubsub: bool
    own_storage: bool


def resolve(root: Path, environ: Mapping[str, str], ports: Ports, keys: Keys) -> Configuration:
    """Merges the three sources, and replaces the sample's ports and keys with ``ports`` and ``keys``.

    A service that is configured in the environment or in ``local.settings.json`` is used instead of the local one.
    """
    sample = read(root / SAMPLE)
    file = read(root / FILE)
    chosen = {name: value for name, value in file.items() if value != sample.get(name)}
    chosen |= {name: environ[name] for name in sample if name in environ}
    own_pubsub = not (chosen.get("PUBSUB_CONNECTION_STRING") or chosen.get("PUBSUB_ENDPOINT"))
    own_storage = not (chosen.get("STORAGE_CONNECTION_STRING") or chosen.get("STORAGE_ACCOUNT_NAME"))
    local = {
        "PUBSUB_CONNECTION_STRING": f"Endpoint=http://localhost:{ports.pubsub};AccessKey={keys.pubsub};Version=1.0;"
        if own_pubsub
        else "",
        "STORAGE_CONNECTION_STRING": storage_connection(ports) if own_storage else "",
        "GUEST_SIGNING_KEY": keys.guests,
    }
    settings = {**sample, **local, **chosen}
    if own_pubsub and "secret" in settings["EVENT_HANDLER_AUTH"] and not settings["EVENT_HANDLER_SECRET"].strip():
        settings["EVENT_HANDLER_SECRET"] = keys.webhook
    # Core Tools fills an empty variable from local.settings.json. A blank stays, and the backend treats it as empty.
    blanks = {name: " " for name, value in settings.items() if not value and file.get(name)}
    return Configuration({**settings, **blanks}, own_pubsub, own_storage)


def read_all(root: Path) -> dict[str, str]:
    """The settings of the two files, without the environment. Raises BadSettingsFile."""
    return read(root / SAMPLE) | read(root / FILE)


def read(path: Path) -> dict[str, str]:
    """The ``Values`` of a settings file; empty if there is no such file. Raises BadSettingsFile."""
    if not path.exists():
        return {}
    try:
        values = json.loads(path.read_text("utf-8-sig"))["Values"]
        return {name: str(value) for name, value in values.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadSettingsFile(
            f'{path.name} cannot be read: it must be JSON with an object "Values", as in local.settings.sample.json.'
        ) from error


def connection_part(connection: str, name: str) -> str:
    """The value of ``name`` in a connection string of ``Name=value;`` pairs."""
    pairs = (part.split("=", 1) for part in connection.split(";") if part)
    return next(value for key, value in pairs if key == name)


def storage_connection(ports: Ports) -> str:
    """The connection string of Azurite's development account on ``ports``."""
    endpoint = "http://127.0.0.1:{}/" + DEVELOPMENT_ACCOUNT
    return (
        f"DefaultEndpointsProtocol=http;AccountName={DEVELOPMENT_ACCOUNT};AccountKey={DEVELOPMENT_KEY};"
        f"BlobEndpoint={endpoint.format(ports.blob)};QueueEndpoint={endpoint.format(ports.queue)};"
        f"TableEndpoint={endpoint.format(ports.table)};"
    )
