"""The configuration of the Web PubSub stand-in. It is a file, because all users of a machine can see command lines."""

import json
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote, urlsplit

from local import parts
from local.configuration import Configuration, connection_part
from local.data import write_private
from local.ports import Ports

CONFIG = "web-pubsub.json"


def part(folder: Path, ports: Ports, configuration: Configuration) -> parts.Part:
    """The stand-in, with its configuration from the data folder."""
    return parts.pubsub(ports, folder / CONFIG, access_key(configuration))


def access_key(configuration: Configuration) -> str:
    return connection_part(configuration.settings["PUBSUB_CONNECTION_STRING"], "AccessKey")


def write_config(folder: Path, ports: Ports, configuration: Configuration, allowed_hosts: Sequence[str]) -> Path:
    """Writes the stand-in's configuration into the data folder and returns its path. Raises BadData."""
    path = folder / CONFIG
    write_private(path, json.dumps({"WebPubSub": section(ports, configuration, allowed_hosts)}, indent=2))
    return path


def section(ports: Ports, configuration: Configuration, allowed_hosts: Sequence[str]) -> dict[str, object]:
    """Its access key, its webhook, and the host names that browsers use for it and the site."""
    settings = configuration.settings
    handler = f"http://localhost:{ports.functions}/api/eventHandler"
    if secret := settings["EVENT_HANDLER_SECRET"].strip():
        handler += f"?code={quote(secret, safe='')}"
    events = {"SystemEvents": ["connect", "connected", "disconnected"], "EventPattern": "*"}
    public = urlsplit(settings["PUBSUB_CLIENT_ENDPOINT"].strip()).hostname
    return {
        "AccessKey": access_key(configuration),
        "AllowedHosts": [*allowed_hosts, *([public] if public else [])],
        "AllowedOrigins": [*allowed_hosts],
        "Hubs": {settings["PUBSUB_HUB"].strip() or "chat": {"EventHandlers": [{"UrlTemplate": handler, **events}]}},
    }
