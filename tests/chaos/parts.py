"""The parts of the stack as processes that can be killed: Azurite, the stand-in, and hosts behind a balancer."""

import asyncio
import random
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from local.configuration import DEVELOPMENT_ACCOUNT, DEVELOPMENT_KEY
from local.parts import storage
from local.ports import Ports
from tests.chaos.wire import HOST, Wire
from tests.running import free_ports
from tests.stack import ROOT

READY_SECONDS = 60
ACCESS_KEY = "chaos-" * 8
AHEAD_SECONDS = (0, 4, -4)
# After this long, abandoned work is finished by the next reader.
LATER_SECONDS = 120
LIMITS = {"GUESTS_PER_MINUTE": "999999", "CALLS_PER_MINUTE": "999999"}


class Part:
    """A process that can be killed, and is then restarted with the same command on the same port."""

    def __init__(self, command: Sequence[str], port: int, log: Path, environment: Mapping[str, str]) -> None:
        self._command, self._port, self._log, self._environment = command, port, log, environment

    async def start(self) -> None:
        """Returns when it accepts connections."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdout=log, stderr=log, env=dict(self._environment), cwd=ROOT
            )
        async with asyncio.timeout(READY_SECONDS):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection(HOST, self._port)
                    writer.close()
                    return
                if self._process.returncode is not None:
                    raise RuntimeError(f"{self._command} ended: {self._log.read_text()[-2000:]}")
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


class Parts:
    """All parts, and the networks between them: ``front`` leads to the hosts, ``to_storage`` from them to Azurite."""

    def __init__(self, folder: Path, chance: random.Random, environment: Mapping[str, str]) -> None:
        blob, queue, table, self.pubsub_port, later, *hosts = free_ports(5 + len(AHEAD_SECONDS))
        self.front, self.to_storage = Wire([*hosts, later], chance), Wire([table], chance)
        self.kills = 0
        self._folder, self._environment, self._hosts, self._later = folder, dict(environment), hosts, later
        ports = Ports(pubsub=self.pubsub_port, blob=blob, queue=queue, table=table)
        self.storage = Part(storage(ROOT, folder, ports).command, table, folder / "storage.log", environment)

    async def start(self) -> None:
        for wire in (self.front, self.to_storage):
            await wire.open()
        endpoint = f"http://{HOST}:{self.to_storage.port}/{DEVELOPMENT_ACCOUNT}"
        account = f"AccountName={DEVELOPMENT_ACCOUNT};AccountKey={DEVELOPMENT_KEY};TableEndpoint={endpoint};"
        self.connection = f"Endpoint=http://localhost:{self.pubsub_port};AccessKey={ACCESS_KEY};Version=1.0;"
        handler = f"http://localhost:{self.front.port}/api/eventHandler"
        settings = {
            **self._environment,
            **LIMITS,
            "STORAGE_CONNECTION_STRING": f"DefaultEndpointsProtocol=http;{account}",
            "PUBSUB_CONNECTION_STRING": self.connection,
        }
        stand_in = [sys.executable, "-m", "emulator", "--port", str(self.pubsub_port), "--access-key", ACCESS_KEY]
        stand_in += ["--hub", "chat", "--event-handler", handler, "--user-events", "*"]
        stand_in += ["--system-events", "connect,connected,disconnected"]
        self.pubsub = Part(stand_in, self.pubsub_port, self._folder / "pubsub.log", self._environment)
        self.hosts = [self._host(*one, settings) for one in zip(self._hosts, AHEAD_SECONDS, strict=True)]
        self.later = self._host(self._later, LATER_SECONDS, settings)
        await asyncio.gather(*(part.start() for part in self.all))

    def _host(self, port: int, ahead: int, settings: Mapping[str, str]) -> Part:
        command = [sys.executable, "-m", "tests.chaos.host", str(port), str(ahead)]
        return Part(command, port, self._folder / f"host{ahead}.log", settings)

    @property
    def all(self) -> list[Part]:
        return [self.storage, self.pubsub, *self.hosts]

    async def restart(self, *parts: Part) -> None:
        """Kills them at the same moment and restarts them."""
        self.kills += len(parts)
        await asyncio.gather(*(part.kill() for part in parts))
        await asyncio.gather(*(part.start() for part in parts))

    async def let_time_pass(self) -> None:
        """Switches to a single host whose clock is ahead, as if much time had passed."""
        await asyncio.gather(*(host.kill() for host in self.hosts))
        await self.later.start()

    async def stop(self) -> None:
        for part in (*self.all, self.later):
            if hasattr(part, "_process"):
                await part.kill()
        self.front.close()
        self.to_storage.close()
