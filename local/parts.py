"""The parts of the local stack as values: each one's name, command, and the sign that it is up.

Must not start anything.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from local.configuration import Configuration
from local.core_tools import CoreTools
from local.ports import HOST, Ports

# No part may report home or look for updates.
QUIET = {
    "FUNCTIONS_CORE_TOOLS_TELEMETRY_OPTOUT": "1",
    "AZURE_CORE_COLLECT_TELEMETRY": "0",
    "NO_UPDATE_NOTIFIER": "1",
    "DO_NOT_TRACK": "1",
}


class PartFailed(Exception):
    """A part ended by itself, or never became ready; the message says which."""


@dataclass(frozen=True)
class Part:
    """``ready_url`` answers below 400 once the part works; parts stop in the reverse order of starting."""

    name: str
    command: tuple[str, ...]
    ports: Mapping[str, int]
    ready_url: str
    environment: Mapping[str, str] = field(default_factory=dict)
    # Azurite answers its root only to signed requests: any answer shows that it listens.
    any_answer: bool = False
    # Parts without which this one cannot answer well; it is asked after them, so that it does not log their absence.
    needs: tuple[str, ...] = ()


def storage(root: Path, data: Path, ports: Ports) -> Part:
    script = root / "local" / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
    options = ["--silent", "--disableTelemetry", "--skipApiVersionCheck", "--location", str(data / "storage")]
    for name in ("blob", "queue", "table"):
        options += [f"--{name}Host", HOST, f"--{name}Port", str(getattr(ports, name))]
    taken = {name: getattr(ports, name) for name in ("blob", "queue", "table")}
    return Part("storage", ("node", str(script), *options), taken, f"http://{HOST}:{ports.table}/", any_answer=True)


def pubsub(ports: Ports, configuration: Configuration) -> Part:
    command = (sys.executable, "-m", "emulator", "--host", HOST, "--port", str(ports.pubsub))
    handler = f"http://localhost:{ports.functions}/api/eventHandler"
    secret = configuration.settings.get("EVENT_HANDLER_SECRET")
    if secret:
        handler += f"?code={quote(secret, safe='')}"
    hub = ("--hub", configuration.settings["PUBSUB_HUB"] or "chat", "--event-handler", handler, "--user-events", "*")
    events = ("--system-events", "connect,connected,disconnected")
    return Part(
        "pubsub",
        (*command, "--access-key", configuration.pubsub_key, *hub, *events),
        {"pubsub": ports.pubsub},
        f"http://{HOST}:{ports.pubsub}/api/health",
    )


def functions(ports: Ports, configuration: Configuration, tools: CoreTools | None) -> Part:
    """Core Tools where a usable one is installed, else our own host."""
    own = (sys.executable, "-m", "local", "functions", "--port", str(ports.functions))
    # The address is said, because local.settings.json could choose another.
    core = (tools.path, "start", "--port", str(ports.functions), "--address", HOST) if tools else ()
    # Core Tools takes the Python on PATH; it must be the one that has the packages.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return Part(
        "functions",
        core or own,
        {"functions": ports.functions},
        f"http://{HOST}:{ports.functions}/api/health",
        {**configuration.settings, "PATH": path},
        needs=("storage", "pubsub"),
    )


def front_door(root: Path, ports: Ports, config: Path) -> Part:
    package = root / "local" / "node_modules" / "@azure" / "static-web-apps-cli"
    script = package / "dist" / "cli" / "bin.js"
    options = ("--host", "localhost", "--port", str(ports.app), "--swa-config-location", str(config))
    api = ("--api-devserver-url", f"http://localhost:{ports.functions}", "--devserver-timeout", "60")
    return Part(
        "web",
        ("node", str(script), "start", str(root / "frontend" / "dist"), *options, *api),
        {"app": ports.app},
        f"http://localhost:{ports.app}/",
        {"NODE_OPTIONS": f"--import {(root / 'local' / 'front_door.mjs').as_uri()}"},
    )
