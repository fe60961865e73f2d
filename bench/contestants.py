"""The servers that are compared: how to start each of them, and how its clients connect and publish."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from azure.messaging.webpubsubservice import WebPubSubServiceClient

from bench.swarm import masked
from tests.emulator import protobuf_wire
from tests.running import Running, running

ROOT = Path(__file__).resolve().parent.parent
PAYLOAD = "x" * 128
HUB = "bench"
BINARY = 0x2
ROLES = ["webpubsub.sendToGroup"]
# Each server prints a line when it listens.
NODE_WS = ["node", str(ROOT / "bench" / "broadcast.mjs")]
# The settings turn off pings, which would be counted as messages.
SETTINGS = str(ROOT / "bench" / "stand-in.json")
STAND_IN = [sys.executable, "-m", "emulator", "--port", "0", "--config", SETTINGS]


@dataclass(frozen=True)
class Kind:
    """A kind of client of the stand-in. ``publish`` returns the frame that publishes to a group."""

    name: str
    subprotocol: str
    publish: Callable[[str], bytes]
    # Messages have a sequence id, so their size grows with its digits.
    reliable: bool = False
    query: str = ""


@dataclass(frozen=True)
class Contestant:
    """A running server. ``url`` returns the URL at which a member of a group connects."""

    server: Running
    url: Callable[[str], str]
    publish: Callable[[str], bytes]
    subprotocol: str = ""
    reliable: bool = False

    def cpu_seconds(self) -> float:
        """The server's CPU time so far, user and system."""
        fields = self._proc("stat").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self) -> int:
        """The server's resident set."""
        return int(self._proc("statm").split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def _proc(self, name: str) -> str:
        return Path(f"/proc/{self.server.process.pid}/{name}").read_text()


def json_publication(group: str) -> bytes:
    """The frame that a JSON client sends."""
    return masked(json.dumps({"type": "sendToGroup", "group": group, "dataType": "text", "data": PAYLOAD}).encode())


def protobuf_publication(group: str) -> bytes:
    """The frame that a protobuf client sends."""
    fields = {"type": "sendToGroup", "group": group, "dataType": "text", "data": PAYLOAD}
    return masked(protobuf_wire.request(fields), BINARY)


def bare(_: str) -> bytes:
    """A frame with only the data."""
    return masked(PAYLOAD.encode())


JSON = Kind("JSON", "json.webpubsub.azure.v1", json_publication)
RELIABLE = Kind("reliable JSON", "json.reliable.webpubsub.azure.v1", json_publication, reliable=True)
PROTOBUF = Kind("protobuf", "protobuf.webpubsub.azure.v1", protobuf_publication)
SIMPLE = Kind("simple", "", bare, query="&webpubsub_mode=sendToGroup&group={group}")


@contextmanager
def stand_in(kind: Kind = JSON) -> Iterator[Contestant]:
    """The Web PubSub stand-in, for clients of one kind."""
    with running(STAND_IN, cwd=ROOT) as server:
        connection = server.wait_until(lambda output: re.search(r"^Endpoint=.*$", output, re.MULTILINE))[0]
        with WebPubSubServiceClient.from_connection_string(connection, HUB) as client:

            def url(group: str) -> str:
                token = client.get_client_access_token(roles=ROLES, groups=[group])
                return str(token["url"]) + kind.query.format(group=group)

            yield Contestant(server, url, kind.publish, kind.subprotocol, kind.reliable)


@contextmanager
def node_ws() -> Iterator[Contestant]:
    """A server as a Node.js developer would write it."""
    with running(NODE_WS) as server:
        yield listening(server)


@contextmanager
def bare_c() -> Iterator[Contestant | None]:
    """A server that does the bare minimum; None if there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        yield None
        return
    with ExitStack() as exits:
        program = Path(exits.enter_context(TemporaryDirectory(prefix="chatr-bench-"))) / "yardstick"
        subprocess.run([compiler, "-O2", "-o", program, ROOT / "bench" / "yardstick.c"], check=True)
        yield listening(exits.enter_context(running([program])))


def listening(server: Running) -> Contestant:
    """A server that prints its port and uses the URL's path as the group."""
    port = server.wait_until(lambda output: re.search(r"listening on (\d+)", output))[1]
    return Contestant(server, lambda group: f"ws://127.0.0.1:{port}/{group}", bare)
