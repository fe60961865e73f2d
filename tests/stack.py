"""Runs the whole local stack for a test, on free ports and with its own data folder, and signs people in.

Tests reach it over its public ports, like a browser.
"""

import base64
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from azure.data.tables import TableServiceClient

from local import keys
from local.configuration import storage_connection
from local.ports import Ports
from tests.running import Running, free_ports, running

ROOT = Path(__file__).resolve().parent.parent
COOKIE = "StaticWebAppsAuthCookie"
# The table with the keys that all processes sign with.
KEYS = "secrets"
# All guests of a test come from this machine, hence one address.
CROWD = {"GUESTS_PER_MINUTE": "999999"}


@dataclass(frozen=True)
class Stack:
    """A running stack; ``url`` is the URL of its site, ``data`` its data folder."""

    server: Running
    ports: Ports
    url: str
    data: Path

    @property
    def pubsub_key(self) -> str:
        """The access key of the stand-in, read from the data folder."""
        return keys.kept_in(self.data).pubsub

    def log(self) -> str:
        return self.server.output()

    def empty(self) -> None:
        """Deletes everything from storage except for the keys that its processes have read.

        Tables are created again on first use, so requests that are still in flight do not fail.
        """
        with TableServiceClient.from_connection_string(storage_connection(self.ports)) as storage:
            for table in storage.list_tables():
                if table.name != KEYS:
                    storage.delete_table(table.name)

    def process_of(self, part: str) -> int:
        """The id of a part's process: the one that listens on its port."""
        port = getattr(self.ports, {"storage": "table", "web": "app"}.get(part, part))
        return listener(port)


def ports_of_its_own() -> Ports:
    return Ports(*free_ports(len(fields(Ports))))


@contextmanager
def started(
    data: Path, environment: dict[str, str] | None = None, ports: Ports | None = None, checkout: Path = ROOT
) -> Iterator[Stack]:
    """Runs ``python -m local up`` of a checkout until the block ends, after waiting until it is ready."""
    ports = ports or ports_of_its_own()
    options = [text for field in fields(Ports) for text in (f"--{field.name}-port", str(getattr(ports, field.name)))]
    command = [sys.executable, "-m", "local", "up", "--data", str(data), *options]
    with running(command, env={**CROWD, **(environment or {})}, cwd=checkout) as server:
        ready = server.wait_until(lambda output: re.search(r"^Chatr is ready at (\S+)$", output, re.MULTILINE), 120)
        yield Stack(server, ports, ready[1], data)


def listener(port: int) -> int:
    """The process that listens on a loopback port. Raises LookupError."""
    inodes = {
        line.split()[9]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        if line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A"
    }
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            target = str(link.readlink())
        except OSError:
            continue  # ended, or closed the file, while we looked
        if target.startswith("socket:[") and target[8:-1] in inodes:
            return int(link.parts[2])
    raise LookupError(f"nobody listens on {port}")


def provider_cookie(user_id: str, name: str, provider: str = "github") -> dict[str, str]:
    """The cookie that the sign-in page of the Static Web Apps CLI sets."""
    principal = {
        "userId": user_id,
        "userDetails": name,
        "identityProvider": provider,
        "userRoles": ["anonymous", "authenticated"],
        "claims": [],
    }
    return {COOKIE: base64.b64encode(json.dumps(principal).encode()).decode()}


@dataclass(frozen=True)
class Person:
    """A signed-in user, with an HTTP session like a browser's."""

    http: aiohttp.ClientSession
    url: str
    user_id: str
    name: str

    async def get(self, path: str, status: int = 200) -> dict[str, Any]:
        """The JSON response of ``/api/<path>``; fails unless it has the given status."""
        async with self.http.get(f"{self.url}/api/{path}") as response:
            body = await response.text()
            assert response.status == status, f"{path}: {response.status} {body}"
            return dict(json.loads(body))

    async def public_chats(self) -> dict[str, dict[str, Any]]:
        """All public chats by id, from all pages, since other tests may have created many."""
        page = await self.get("chats")
        found: dict[str, dict[str, Any]] = dict(page["chats"])
        while "next" in page:
            page = await self.get(f"chats?after={page['next']}")
            found |= page["chats"]
        return found


async def guest(http: aiohttp.ClientSession, url: str, name: str) -> Person:
    """Signs a guest in; ``http`` keeps the cookie."""
    async with http.post(f"{url}/api/guest", json={"userName": name}) as response:
        assert response.status == 200, await response.text()
        me = await response.json()
    return Person(http, url, me["userId"], me["userName"])


def session() -> aiohttp.ClientSession:
    """A session of its own. ``unsafe``, so that aiohttp accepts the cookies of ``localhost``."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port
