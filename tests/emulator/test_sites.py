"""Other sites' pages in the developer's browser do not reach the stand-in, although they know its published key.

Names that are made to point here are refused whatever is asked; WebSockets, which browsers open to any address, by the
``Origin`` of the page. Programs say none.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from emulator.__main__ import parser, settings_of
from emulator.configuration import BadConfiguration, Settings, checked_hosts, checked_origins, read_file
from emulator.sites import is_known_host, may_connect
from tests.emulator.clients import PLAIN, client_token, rest_token, status_of_connect
from tests.emulator.conftest import QUICK, StandIn, Start

SEND = "/api/hubs/chat/:send?api-version=2024-12-01"


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.mark.parametrize(
    "host",
    [
        *(
            "",
            "localhost",
            "LOCALHOST:8080",
            "localhost.",
            "127.0.0.1:8080",
            "[::1]:8080",
            "192.168.1.7",
            "a.localhost",
        ),
        *("web-pubsub:8080", "web_pubsub", "host.docker.internal:8080", "pod.svc.cluster.local", "PubSub.Example:1"),
        *("pubsub.chat.svc:8080", "203.0.113.9"),
    ],
)
def test_addresses_names_that_no_public_site_has_and_names_that_are_told_are_known(host: str) -> None:
    assert is_known_host(host, ("pubsub.example",))


@pytest.mark.parametrize(
    "host",
    [
        *("other.example", "localhost.other.example", "127.0.0.1.other.example:8080", "sub.pubsub.example", "[x"),
        *("pubsub.example.other.example", "internal.example", "0x7f.1.example", "svc.example", "a.svc.example"),
    ],
)
def test_any_other_name_may_have_been_made_to_point_here(host: str) -> None:
    assert not is_known_host(host, ("pubsub.example",))


@pytest.mark.parametrize("path", ["/api/health", SEND, "/client/hubs/chat", "/identity/keys", "/", "/nowhere"])
async def test_by_an_unknown_name_nothing_is_answered_even_with_the_key(
    session: aiohttp.ClientSession, emulator: StandIn, path: str
) -> None:
    base = f"http://other.example:{emulator.server.port}"
    headers = {"Host": base.removeprefix("http://"), **rest_token(base + path)}
    url = f"http://127.0.0.1:{emulator.server.port}{path}"
    for method in ("GET", "POST", "OPTIONS"):
        async with session.request(method, url, headers=headers) as answer:
            assert answer.status == 403
            assert "--allowed-host" in await answer.text()
            assert not any(name.lower().startswith("access-control") for name in answer.headers)
    assert re.search(r"403: 'other\.example:\d+' is not a name of this stand-in", emulator.log.getvalue())


async def test_no_client_connects_by_an_unknown_name(emulator: StandIn) -> None:
    token = client_token(f"http://other.example:{emulator.server.port}")
    url = f"http://127.0.0.1:{emulator.server.port}/client/hubs/chat?access_token={token}"
    status, text = await status_of_connect(url, Host=f"other.example:{emulator.server.port}")
    assert (status, "is not a name of this stand-in" in text) == (403, True)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        *(("", "localhost:8080"), ("http://localhost:3000", "localhost:8080"), ("https://127.0.0.1", "localhost")),
        *(("http://[::1]:3000", "localhost:8080"), ("http://app.localhost:3000", "localhost:8080")),
        # A telephone that opens the page by the machine's address in the network, and a program that names its target.
        *(("http://192.168.1.7:3000", "192.168.1.7:8080"), ("http://web-pubsub:8080", "web-pubsub:8080")),
        *(("https://PubSub.Example", "localhost:8080"), ("https://app.example:8443", "localhost:8080")),
        *(("http://any.port.example:3", "localhost"), ("null", "localhost"), ("file://", "localhost")),
        ("http://203.0.113.9:3000", "203.0.113.9:8080"),
    ],
)
def test_programs_and_pages_of_this_machine_of_the_same_host_or_that_are_allowed_may_connect(
    origin: str, host: str
) -> None:
    allowed = ("https://app.example:8443", "any.port.example", "null", "file://")
    assert may_connect(origin, host, ("pubsub.example",), allowed)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "site",
    [
        *("web:3000", "myapp.test", "host.docker.internal", "MyMac.local:5173", "web.shop.svc", "web.", "a.localhost."),
        *("0.0.0.0:3000", "10.1.2.3", "172.18.0.3", "192.168.1.7:3000", "169.254.1.1", "[fd00::7]:1", "[fe80::1]"),
        "[::ffff:127.0.0.1]",
    ],
)
def test_pages_that_no_public_site_can_have_served_may_connect_as_in_compose(scheme: str, site: str) -> None:
    assert may_connect(f"{scheme}://{site}", "pubsub:8080", (), ())


@pytest.mark.parametrize(
    "origin",
    [
        *("https://other.example", "http://localhost.other.example", "http://127.0.0.1.other.example", "null"),
        *("http://203.0.113.9", "https://app.example", "chrome-extension://abcdef", "file://", "http://", "http://[x"),
        *("http://[::ffff:203.0.113.9]", "http://[2001:db8::1]", "http://172.32.0.1", "https://test.example", "web:1"),
    ],
)
def test_pages_of_any_other_site_may_not(origin: str) -> None:
    assert not may_connect(origin, "localhost:8080", ("pubsub.example",), ("https://app.example:8443",))


@pytest.mark.parametrize("origin", ["https://other.example", "null"])
async def test_a_page_of_another_site_opens_no_connection_and_recovers_none(emulator: StandIn, origin: str) -> None:
    url = f"{emulator.endpoint}/client/hubs/chat"
    for query in (f"access_token={client_token(emulator.endpoint)}", "awps_connection_id=x&awps_reconnection_token=x"):
        status, text = await status_of_connect(f"{url}?{query}", Origin=origin)
        assert (status, "--allowed-origin" in text) == (403, True)
    assert emulator.log.getvalue().count(f"Pages of {origin!r} may not connect") == 2


async def test_a_page_of_this_machine_connects(session: aiohttp.ClientSession, emulator: StandIn) -> None:
    url = f"{emulator.endpoint}/client/hubs/chat?access_token={client_token(emulator.endpoint)}"
    async with session.ws_connect(url, protocols=[PLAIN], origin="http://localhost:4280") as socket:
        assert (await socket.receive_json())["event"] == "connected"


async def test_what_is_allowed_counts_and_may_change_while_it_runs(
    session: aiohttp.ClientSession, start: Start
) -> None:
    emulator = await start(Settings(limits=QUICK))
    headers = {"Host": "pubsub.example", "Origin": "https://app.example"}
    url = f"http://127.0.0.1:{emulator.server.port}/client/hubs/chat"
    url += f"?access_token={client_token('https://pubsub.example')}"
    assert (await status_of_connect(url, **headers))[0] == 403
    emulator.server.apply(Settings(limits=QUICK, allowed_hosts=("pubsub.example",)))
    assert (await status_of_connect(url, **headers))[0] == 403
    emulator.server.apply(
        Settings(limits=QUICK, allowed_hosts=("pubsub.example",), allowed_origins=("https://app.example",))
    )
    async with session.ws_connect(url, protocols=[PLAIN], headers=headers) as socket:
        assert (await socket.receive_json())["event"] == "connected"


def test_options_and_file_name_them_and_options_win(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"WebPubSub": {"AllowedHosts": ["A.example"], "AllowedOrigins": ["https://A.example:1/"]}}')
    found = read_file(file)
    assert (found.allowed_hosts, found.allowed_origins) == (("a.example",), ("https://a.example:1",))
    chosen = ["--config", str(file), "--allowed-host", "b.example", "--allowed-host", "c.example"]
    options = parser().parse_args([*chosen, "--allowed-origin", "*"])
    merged = settings_of(options)
    assert (merged.allowed_hosts, merged.allowed_origins) == (("b.example", "c.example"), ("*",))


@pytest.mark.parametrize("host", ["", "http://a", "a:1", "a/b", "a b", "*.example"])
def test_what_is_no_name_of_a_host_is_refused(host: str) -> None:
    with pytest.raises(BadConfiguration, match="--allowed-host"):
        checked_hosts([host])


@pytest.mark.parametrize("given", ["null", "file://", "FILE:// ", "*", "app.example", "https://app.example:8443/"])
def test_what_browsers_say_as_origin_can_be_allowed(given: str) -> None:
    [origin] = checked_origins([given])
    assert may_connect(given if "app" not in given else "https://app.example:8443", "localhost", (), [origin])


@pytest.mark.parametrize("origin", ["", "a b", "http://", "https://a.example/path", "*.example", "file:", "file:///a"])
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(BadConfiguration, match="--allowed-origin"):
        checked_origins([origin])
