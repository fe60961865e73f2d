"""Reads the settings of host.json that this host supports.

https://learn.microsoft.com/azure/azure-functions/functions-host-json#http
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

UNBOUNDED = -1


class BadHostFile(Exception):
    """host.json is missing or invalid; the message says what is wrong with it."""


@dataclass(frozen=True)
class HostFile:
    """Limits on concurrent calls: ``running``, and ``outstanding``, which includes those that wait.

    UNBOUNDED is the default except on the Consumption plan, where the defaults are 100 and 200.
    """

    route_prefix: str = "api"
    running: int = UNBOUNDED
    outstanding: int = UNBOUNDED


def read_host_file(root: Path) -> HostFile:
    """The host.json of an app; raises BadHostFile."""
    path = root / "host.json"
    if not path.exists():
        raise BadHostFile(f"There is no host.json in {root}.")
    try:
        http = json.loads(path.read_text("utf-8-sig")).get("extensions", {}).get("http", {})
        prefix = str(http.get("routePrefix", "api"))
        return HostFile(prefix, _bound(http, "maxConcurrentRequests"), _bound(http, "maxOutstandingRequests"))
    except (ValueError, AttributeError) as error:
        raise BadHostFile(f"host.json cannot be read: {error}") from error


def _bound(http: Mapping[str, Any], name: str) -> int:
    given = http.get(name, UNBOUNDED)
    if type(given) is not int or (given < 1 and given != UNBOUNDED):
        raise ValueError(f"{name} must be an integer above 0, or {UNBOUNDED} for no limit.")
    return given
