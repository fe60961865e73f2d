"""By which address the stand-in is reached and known: mapped ports, Compose names, TLS terminators, ``--endpoint``."""

import io
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest

from emulator.address import Address, Addresses, address_of, forwarded, is_loopback
from emulator.configuration import DEFAULT_ACCESS_KEY, Settings
from emulator.entra import Trust
from emulator.log import Log
from emulator.server import Server
from tests.emulator.clients import PLAIN, client_token, connected, rest_token
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.windows import act
from tests.running import running

ROOT = Path(__file__).resolve().parents[2]
# What a terminator on this machine adds to what it passes on.
TERMINATOR = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "pubsub.example", "X-Forwarded-For": "203.0.113.9"}
PUBLIC = "https://pubsub.example:8443"


def entra_token() -> dict[str, str]:
    """The header of a REST call by Entra, whatever its URL. Tokens end after a minute: each call has one of its own."""
    return rest_token("https://webpubsub.azure.com")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


def url_of(emulator: StandIn, path: str) -> str:
    return f"http://127.0.0.1:{emulator.server.port}{path}"


async def rest_status(
    session: aiohttp.ClientSession, emulator: StandIn, audience: str, headers: Mapping[str, str]
) -> int:
    """The status of a call with a token for it at another base URL."""
    path = "/api/hubs/chat/:send?api-version=2024-12-01"
    token = rest_token(f"{audience}{path}")
    async with session.post(url_of(emulator, path), headers={**token, **headers}, data=b"") as answer:
        return answer.status


async def client_status(
    session: aiohttp.ClientSession, emulator: StandIn, audience: str, headers: Mapping[str, str], **claims: Any
) -> int:
    """101 for a client that got in, else the status that it was refused with."""
    url = url_of(emulator, f"/client/hubs/chat?access_token={client_token(audience, **claims)}")
    try:
        async with session.ws_connect(url, protocols=[PLAIN], headers=headers):
            return 101
    except aiohttp.WSServerHandshakeError as refused:
        return refused.status


@pytest.mark.parametrize(
    ("audience", "headers"),
    [
        ("http://web-pubsub:8080", {"Host": "web-pubsub:8080"}),
        ("http://localhost:8080", {"Host": "web-pubsub:8080"}),
        ("http://127.0.0.1:9000", {"Host": "localhost:9000"}),
        ("http://localhost:{port}", {"Host": "web-pubsub"}),
        ("http://localhost:80", {"Host": "localhost"}),
        ("https://pubsub.internal:443", {"Host": "pubsub.internal"}),
        ("https://pubsub.example", {"Host": "web-pubsub:8080", **TERMINATOR}),
        ("https://pubsub.example:444", {"Host": "web-pubsub", **TERMINATOR, "X-Forwarded-Port": "444"}),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
async def test_a_token_may_be_for_any_name_that_the_request_came_by(
    session: aiohttp.ClientSession, emulator: StandIn, audience: str, headers: dict[str, str]
) -> None:
    audience = audience.format(port=emulator.server.port)
    assert await rest_status(session, emulator, audience, headers) == 202
    assert await client_status(session, emulator, audience, headers) == 101
    # A name lets nobody in: the key does.
    assert await client_status(session, emulator, audience, headers, key="x" * 40) == 401


@pytest.mark.parametrize(
    ("audience", "host"), [("http://elsewhere:8080", "web-pubsub:8080"), ("http://localhost:9", "web-pubsub:8080")]
)
async def test_a_token_for_another_place_is_401_and_says_for_which(
    session: aiohttp.ClientSession, emulator: StandIn, audience: str, host: str
) -> None:
    assert await rest_status(session, emulator, audience, {"Host": host}) == 401
    assert await client_status(session, emulator, audience, {"Host": host}) == 401
    said = emulator.log.getvalue()
    assert (
        said.count(f"'{audience.removeprefix('http://')}' is not an address of this stand-in; add it with --endpoint")
        == 2
    )
    assert "/:send?" not in said


async def test_a_token_for_another_hub_says_so(session: aiohttp.ClientSession, emulator: StandIn) -> None:
    aud = f"{emulator.endpoint}/client/hubs/other"
    assert await client_status(session, emulator, emulator.endpoint, {}, aud=aud) == 401
    assert "it is not the URL of this hub or call" in emulator.log.getvalue()


async def links(session: aiohttp.ClientSession, emulator: StandIn, headers: Mapping[str, str]) -> dict[str, str]:
    """What a caller is told of where the stand-in is: the next page, a client token's audience, the key set."""
    own = f"http://localhost:{emulator.server.port}"
    async with connected(own) as a, connected(own) as b:
        await a.join("g")
        await b.join("g")
        path = "/api/hubs/chat/groups/g/connections?maxpagesize=1"
        async with session.get(url_of(emulator, path), headers={**entra_token(), **headers}) as answer:
            link = (await answer.json())["nextLink"].partition("/api/")[0]
    async with session.post(
        url_of(emulator, "/api/hubs/chat/:generateToken"), headers={**entra_token(), **headers}
    ) as generated:
        token = jwt.decode((await generated.json())["token"], options={"verify_signature": False})
    async with session.get(url_of(emulator, "/identity/.well-known/openid-configuration"), headers=headers) as told:
        keys = (await told.json())["jwks_uri"]
    return {
        "link": link,
        "audience": token["aud"].removesuffix("/client/hubs/chat"),
        "keys": keys.removesuffix("/identity/keys"),
    }


@pytest.mark.parametrize(
    ("headers", "base"),
    [
        ({"Host": "web-pubsub:8080"}, "http://web-pubsub:8080"),
        ({"Host": "web-pubsub:8080", **TERMINATOR}, "https://pubsub.example"),
        ({"Host": "pubsub.internal", "X-Forwarded-Proto": "wss"}, "https://pubsub.internal"),
    ],
)
async def test_links_and_audiences_are_where_the_request_came_to(
    session: aiohttp.ClientSession, start: Start, headers: dict[str, str], base: str
) -> None:
    emulator = await start(Settings(entra=Trust(unvalidated=True), limits=QUICK))
    assert set((await links(session, emulator, headers)).values()) == {base}


async def test_an_endpoint_that_is_told_is_what_everybody_is_told(session: aiohttp.ClientSession, start: Start) -> None:
    emulator = await start(Settings(entra=Trust(unvalidated=True), limits=QUICK, endpoint=PUBLIC))
    server = emulator.server
    assert server.connection_string == f"Endpoint={PUBLIC};AccessKey={DEFAULT_ACCESS_KEY};Version=1.0;"
    own = f"http://localhost:{server.port}"
    for headers in ({}, {"Host": "web-pubsub:8080"}, {"Host": "x", **TERMINATOR}):
        assert set((await links(session, emulator, headers)).values()) == {PUBLIC}
        for audience in (PUBLIC, own):
            assert await rest_status(session, emulator, audience, headers) == 202
            assert await client_status(session, emulator, audience, headers) == 101
    _, made = await act(own, "client-url", {"hub": "chat", "user": "ada", "minutes": 5})
    assert made["url"].startswith("wss://pubsub.example:8443/client/hubs/chat?")
    async with session.get(f"{own}/", headers={"Host": "pubsub.example:8443"}) as page:
        assert page.status == 200


def test_what_a_proxy_says_is_read_as_far_as_it_is_an_address() -> None:
    came = Address("http", "web-pubsub:8080")
    for headers, expected in (
        ({}, came),
        ({"x-forwarded-proto": "https, http", "x-forwarded-host": "A.example, b"}, Address("https", "a.example")),
        ({"x-forwarded-proto": "gopher", "x-forwarded-host": "a/../b"}, came),
        ({"x-forwarded-host": "me@a"}, came),
        ({"x-forwarded-host": "a.example", "x-forwarded-port": "80"}, Address("http", "a.example")),
        ({"x-forwarded-host": "a.example:1", "x-forwarded-port": "2"}, Address("http", "a.example:1")),
        ({"x-forwarded-host": "[::1]", "x-forwarded-port": "2"}, Address("http", "[::1]:2")),
        ({"x-forwarded-host": "a.example", "x-forwarded-port": "99999"}, Address("http", "a.example")),
    ):
        assert forwarded(headers, came) == expected


def test_only_this_machine_is_believed_what_it_forwards() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1")))
    assert not any(map(is_loopback, ("172.17.0.1", "192.168.1.7", "::ffff:10.0.0.1", "fe80::1", "")))


@pytest.mark.parametrize(
    ("listening_on", "bound_to", "endpoint", "only_here"),
    [
        ("127.0.0.1", "127.0.0.1", "http://localhost:8080", True),
        ("::1", "::1", "http://localhost:8080", True),
        ("0.0.0.0", "0.0.0.0", "http://localhost:8080", False),
        ("0", "0.0.0.0", "http://localhost:8080", False),
        ("::", "::", "http://localhost:8080", False),
        ("192.168.1.7", "192.168.1.7", "http://192.168.1.7:8080", False),
        ("devbox", "192.168.1.7", "http://devbox:8080", False),
        ("fd00::7", "fd00::7", "http://[fd00::7]:8080", False),
    ],
)
def test_the_endpoint_is_one_that_a_client_can_use(
    listening_on: str, bound_to: str, endpoint: str, only_here: bool
) -> None:
    addresses = Addresses(listening_on, bound_to, 8080)
    assert (addresses.endpoint, addresses.only_here) == (endpoint, only_here)
    assert addresses.origins[0] == endpoint.removeprefix("http://")
    assert {"localhost:8080", "localhost"} <= set(addresses.origins)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
async def test_on_every_network_both_addresses_of_localhost_are_listened_to(
    session: aiohttp.ClientSession, host: str
) -> None:
    async with Server(Settings(limits=QUICK), Log(io.StringIO()), host, 0) as server:
        assert server.endpoint == f"http://localhost:{server.port}"
        for name in ("localhost", "127.0.0.1", "[::1]"):
            async with session.head(f"http://{name}:{server.port}/api/health") as answer:
                assert answer.status == 200


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("http://localhost:9000", "http://localhost:9000"),
        ("HTTPS://PubSub.Example/", "https://pubsub.example"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_an_endpoint_is_a_base_url(given: str, base: str) -> None:
    assert address_of(given).base == base


@pytest.mark.parametrize(
    "given",
    [
        *("", "localhost:8080", "ws://a", "http://", "http://a/b", "http://a?b", "http://a#b", "http://a:b"),
        *("http://a:0", "http://me:hush@a", "http://a:99999", "http://a b", "http://a:", "http://ä"),
    ],
)
def test_what_is_no_base_url_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="not a base URL") as refused:
        address_of(given)
    assert "hush" not in str(refused.value)


def test_the_command_prints_the_endpoint_it_is_told_and_a_usable_one_on_every_network() -> None:
    command = [sys.executable, "-m", "emulator", "--port", "0", "--host", "0.0.0.0"]
    with running(command, cwd=ROOT) as server:
        server.wait_until(lambda output: "Endpoint=http://localhost:" in output)
        server.wait_until(lambda output: "this port is open to the network" in output)
    with running([*command, "--endpoint", f"{PUBLIC}/"], cwd=ROOT) as server:
        server.wait_until(lambda output: f"Endpoint={PUBLIC};" in output)
        server.wait_until(lambda output: "see what happens at http://localhost:" in output)
    with running([*command, "--endpoint", "pubsub.example"], cwd=ROOT) as server:
        assert server.process.wait(20) == 2
        assert "--endpoint" in server.output() and "Traceback" not in server.output()
