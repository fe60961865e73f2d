"""The parts of the local stack as values: name, command, ports and readiness URL. ``stack`` runs them."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local import hosts
from local.configuration import Configuration
from local.core_tools import CoreTools
from local.ports import HOST, Ports

# Turns off telemetry and update checks.
QUIET = {
    "FUNCTIONS_CORE_TOOLS_TELEMETRY_OPTOUT": "1",
    "AZURE_CORE_COLLECT_TELEMETRY": "0",
    "NO_UPDATE_NOTIFIER": "1",
    "DO_NOT_TRACK": "1",
}


class PartFailed(Exception):
    """A part ended by itself or did not become ready; the message says which one."""


@dataclass(frozen=True)
class Part:
    """A part. ``ready_url`` returns a status below 400 once it works. Parts stop in reverse order of starting."""

    name: str
    command: tuple[str, ...]
    ports: Mapping[str, int]
    ready_url: str
    environment: Mapping[str, str] = field(default_factory=dict)
    # Any status counts as ready: Azurite accepts only signed requests, but any response shows that it listens.
    any_answer: bool = False
    # The parts that this one depends on. It is polled after them, so that it does not log that they are missing.
    needs: tuple[str, ...] = ()
    # Secrets to hide in its output.
    hides: tuple[str, ...] = field(default=(), repr=False)


def storage(root: Path, data: Path, ports: Ports) -> Part:
    preload = ("--import", (root / "local" / "azurite.mjs").as_uri())
    script = root / "local" / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
    options = ["--silent", "--disableTelemetry", "--skipApiVersionCheck", "--location", str(data / "storage")]
    for name in ("blob", "queue", "table"):
        options += [f"--{name}Host", HOST, f"--{name}Port", str(getattr(ports, name))]
    taken = {name: getattr(ports, name) for name in ("blob", "queue", "table")}
    command = ("node", *preload, str(script), *options)
    return Part("storage", command, taken, f"http://{HOST}:{ports.table}/", any_answer=True)


def pubsub(ports: Ports, config: Path, key: str) -> Part:
    """The stand-in. It prints a connection string with its ``key``, which is hidden from the log."""
    command = (sys.executable, "-m", "emulator", "--host", HOST, "--port", str(ports.pubsub), "--config", str(config))
    ready_url = f"http://{HOST}:{ports.pubsub}/api/health"
    return Part("pubsub", command, {"pubsub": ports.pubsub}, ready_url, hides=(key,))


def functions(
    ports: Ports, configuration: Configuration, tools: CoreTools | None, allowed_hosts: Sequence[str] = ()
) -> Part:
    """Core Tools if a usable version is installed, else our own host."""
    own = (sys.executable, "-m", "local", "functions", "--port", str(ports.functions))
    # The address is explicit, because local.settings.json could set another.
    core = (tools.path, "start", "--port", str(ports.functions), "--address", HOST) if tools else ()
    # Core Tools uses the Python on PATH, which must be the one with the installed packages.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return Part(
        "functions",
        core or own,
        {"functions": ports.functions},
        f"http://{HOST}:{ports.functions}/api/health",
        {**configuration.settings, **hosts.variables(allowed_hosts), "PATH": path},
        needs=("storage", "pubsub"),
    )


def front_door(root: Path, ports: Ports, config: Path, secret: str = "", allowed_hosts: Sequence[str] = ()) -> Part:
    """The site and its API under one origin. ``secret`` proves to the backend that a call came this way."""
    package = root / "local" / "node_modules" / "@azure" / "static-web-apps-cli"
    script = package / "dist" / "cli" / "bin.js"
    options = ("--host", "localhost", "--port", str(ports.app), "--swa-config-location", str(config))
    api = ("--api-devserver-url", f"http://localhost:{ports.functions}", "--devserver-timeout", "60")
    return Part(
        "web",
        ("node", str(script), "start", str(root / "frontend" / "dist"), *options, *api),
        {"app": ports.app},
        f"http://localhost:{ports.app}/",
        {
            "NODE_OPTIONS": f"--import {(root / 'local' / 'front_door.mjs').as_uri()}",
            "FRONT_DOOR_SECRET": secret,
            **hosts.variables(allowed_hosts),
        },
    )
