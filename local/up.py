"""The command ``up``: decides which parts this machine and these settings need, and runs them."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from local import core_tools, keys, parts, stack, stand_in
from local.configuration import Configuration, resolve
from local.data import claimed
from local.front_door import write_config
from local.ports import HOST, Ports, require_free

# The folder of the front door's configuration, in the data folder.
FRONT_DOOR = "front-door"


def run(root: Path, data: Path, ports: Ports, allowed_hosts: Sequence[str]) -> int:
    """Starts everything, and returns 0 after a stop. Raises errors that the user has to fix."""
    tools, own = usable_core_tools(), keys.kept_in(data)
    configuration = resolve(root, os.environ, ports, own)
    if tools:
        configuration = behind_the_front_door(configuration, own)
    chosen = choose(root, data, ports, configuration, tools, allowed_hosts)
    for part in chosen:
        for name, port in part.ports.items():
            require_free(name, port)
    with claimed(data):
        write_config(root, data / FRONT_DOOR, configuration.settings)
        if configuration.own_pubsub:
            stand_in.write_config(data, ports, configuration, allowed_hosts)
        asyncio.run(stack.run(chosen, beside_proxies(os.environ), f"Chatr is ready at http://localhost:{ports.app}"))
    return 0


def choose(
    root: Path,
    data: Path,
    ports: Ports,
    configuration: Configuration,
    tools: core_tools.CoreTools | None,
    allowed_hosts: Sequence[str],
) -> list[parts.Part]:
    """The parts in starting order, without services for which the settings name another one."""
    secret = configuration.settings["FRONT_DOOR_SECRET"].strip()
    return [
        *([parts.storage(root, data, ports)] if configuration.own_storage else []),
        parts.functions(ports, configuration, tools, allowed_hosts),
        *([stand_in.part(data, ports, configuration)] if configuration.own_pubsub else []),
        parts.front_door(root, ports, data / FRONT_DOOR, secret, allowed_hosts),
    ]


def behind_the_front_door(configuration: Configuration, own: keys.Keys) -> Configuration:
    """Requires the front door's secret. Core Tools accepts any host name, so a page could forge an identity header."""
    settings = configuration.settings
    secret = settings["FRONT_DOOR_SECRET"].strip() or own.front_door
    return replace(configuration, settings={**settings, "FRONT_DOOR_SECRET": secret})


def beside_proxies(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment, with the parts excluded from any HTTP proxy."""
    kept = environ.get("no_proxy") or environ.get("NO_PROXY")
    direct = ",".join([*([kept] if kept else []), "localhost", HOST, "::1"])
    return {**environ, "no_proxy": direct, "NO_PROXY": direct}


def usable_core_tools() -> core_tools.CoreTools | None:
    """Core Tools, if installed and usable; prints why if it is not usable."""
    try:
        return core_tools.find()
    except core_tools.Unusable as reason:
        print(reason, flush=True)
        return None
