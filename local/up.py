"""The command ``up``: decides which parts this machine and these settings call for, and runs them."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from local import core_tools, parts, stack
from local.configuration import Configuration, resolve
from local.data import claimed
from local.front_door import write_config
from local.ports import HOST, Ports, require_free

# Folder of the front door's configuration, below the data folder.
FRONT_DOOR = "front-door"


def run(root: Path, data: Path, ports: Ports) -> int:
    """Starts everything and returns 0 after it was asked to stop. Raises what the operator has to mend."""
    configuration = resolve(root, os.environ, ports)
    chosen = choose(root, data, ports, configuration)
    for part in chosen:
        for name, port in part.ports.items():
            require_free(name, port)
    with claimed(data):
        write_config(root, data / FRONT_DOOR, configuration.settings)
        asyncio.run(stack.run(chosen, beside_proxies(os.environ), f"Chatr is ready at http://localhost:{ports.app}"))
    return 0


def choose(root: Path, data: Path, ports: Ports, configuration: Configuration) -> list[parts.Part]:
    """The parts in the order of starting; a service that the settings place elsewhere is not started here."""
    return [
        *([parts.storage(root, data, ports)] if configuration.own_storage else []),
        parts.functions(ports, configuration, usable_core_tools()),
        *([parts.pubsub(ports, configuration)] if configuration.own_pubsub else []),
        parts.front_door(root, ports, data / FRONT_DOOR),
    ]


def beside_proxies(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment, in which the parts reach each other directly even where a proxy leads to the internet."""
    kept = environ.get("no_proxy") or environ.get("NO_PROXY")
    direct = ",".join([*([kept] if kept else []), "localhost", HOST, "::1"])
    return {**environ, "no_proxy": direct, "NO_PROXY": direct}


def usable_core_tools() -> core_tools.CoreTools | None:
    """Core Tools when it may be used; otherwise says why not."""
    try:
        return core_tools.find()
    except core_tools.Unusable as reason:
        print(reason, flush=True)
        return None
