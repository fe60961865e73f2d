"""Who gets at the window: other machines, and other sites in the developer's own browser, do not."""

import re
from collections.abc import Mapping

import aiohttp
import pytest

from emulator.window import access
from tests.emulator.conftest import StandIn

STREAM, SEND = ("GET", "/window/stream"), ("POST", "/window/send")
MESSAGE = b'{"hub": "chat", "to": "all", "type": "text", "content": "x"}'
JSON = {"Content-Type": "application/json"}


async def asked(
    emulator: StandIn, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and first bytes of an answer."""
    async with aiohttp.ClientSession(skip_auto_headers=["Content-Type"]) as session:
        url = f"http://127.0.0.1:{emulator.server.port}{path}"
        async with session.request(method, url, headers=headers, data=body) as response:
            return response.status, response.headers, await response.content.read(5)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080", "192.168.1.7", "devbox"]
)
def test_addresses_localhost_and_the_name_that_was_asked_for_are_own_hosts(host: str) -> None:
    assert access.is_own_host(host, "DevBox")


@pytest.mark.parametrize(
    "host", ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "devbox", "[x"]
)
def test_any_other_name_is_not(host: str) -> None:
    assert not access.is_own_host(host, "127.0.0.1")


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_the_loopback_is_local(peer: str) -> None:
    assert access.is_local(peer, {})


@pytest.mark.parametrize(
    "peer", ["192.168.1.7", "172.17.0.1", "fe80::1", "2001:db8::1", "::ffff:10.0.0.1", "0.0.0.0", ""]
)
def test_other_machines_are_not_local(peer: str) -> None:
    assert not access.is_local(peer, {})


@pytest.mark.parametrize(
    "header",
    ["x-forwarded-for", "forwarded", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port", "via", "x-real-ip"],
)
def test_nobody_is_local_through_a_proxy_or_a_tunnel(header: str) -> None:
    assert not access.is_local("127.0.0.1", {header: "1"})


@pytest.mark.parametrize("path", ["/", "/window/window.js", "/window/stream", "/window/send"])
async def test_a_name_that_was_made_to_point_here_is_refused(emulator: StandIn, path: str) -> None:
    method = "POST" if path.endswith("send") else "GET"
    rebound = {"Host": f"evil.example:{emulator.server.port}", "Sec-Fetch-Site": "same-origin", **JSON}
    status, _, body = await asked(emulator, method, path, rebound, MESSAGE if method == "POST" else None)
    assert status == 403 and body == b"'evil"


@pytest.mark.parametrize(("method", "path"), [STREAM, SEND])
@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:3000"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "null"},
    ],
)
async def test_pages_of_other_sites_and_other_ports_are_refused(
    emulator: StandIn, method: str, path: str, said: dict[str, str]
) -> None:
    headers = {"Host": f"localhost:{emulator.server.port}", **said, **(JSON if method == "POST" else {})}
    status, answered, _ = await asked(emulator, method, path, headers, MESSAGE if method == "POST" else None)
    assert status == 403
    assert not any(name.lower().startswith("access-control") for name in answered)


@pytest.mark.parametrize("said", [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {}, "own origin"])
async def test_the_own_page_and_programs_are_not(emulator: StandIn, said: dict[str, str] | str) -> None:
    host = f"localhost:{emulator.server.port}"
    own = {"Origin": f"http://{host}"} if isinstance(said, str) else said
    status, _, body = await asked(emulator, *SEND, {"Host": host, **own, **JSON}, MESSAGE)
    assert (status, body) == (200, b'{"rea')


@pytest.mark.parametrize(
    "kind", [{}, {"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"}]
)
async def test_what_a_form_of_another_site_can_send_is_no_action(emulator: StandIn, kind: dict[str, str]) -> None:
    assert (await asked(emulator, *SEND, kind, MESSAGE))[0] == 415


async def test_nobody_is_given_leave_to_call_from_another_site(emulator: StandIn) -> None:
    asking = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    status, answered, _ = await asked(emulator, "OPTIONS", "/window/send", asking)
    assert status == 405
    assert not any(name.lower().startswith("access-control") for name in answered)


async def test_the_page_may_run_and_load_nothing_but_its_own_files(emulator: StandIn) -> None:
    status, answered, _ = await asked(emulator, "GET", "/", {})
    policy = dict(part.strip().split(" ", 1) for part in answered["Content-Security-Policy"].split(";"))
    assert status == 200
    assert policy["default-src"] == "'none'" and policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'" and policy["trusted-types"] == "'none'"
    assert answered["X-Content-Type-Options"] == "nosniff"
    assert answered["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_every_file_the_page_names_is_served_and_nothing_else(endpoint: str) -> None:
    async with aiohttp.ClientSession(endpoint) as session:
        page = await (await session.get("/")).text()
        named = set(re.findall(r'(?:src|href)="([^"]+)"', page))
        script = await (await session.get("/window/window.js")).text()
        named |= {f"/window/{name}" for name in re.findall(r'from "\./([^"]+)"', script)}
        kinds = {name: (await session.get(name)).content_type for name in named}
        assert {name.rpartition(".")[2]: kind for name, kind in kinds.items()} == {
            "css": "text/css",
            "js": "text/javascript",
            "svg": "image/svg+xml",
        }
        assert (
            "<style" not in page
            and "style=" not in page
            and "<script>" not in page
            and " on" not in re.sub(">[^<]*<", "", page)
        )
        for path in ("/window/nothing.js", "/window/..%2Fendpoint.py", "/window/", "/window/__init__.py", "/elsewhere"):
            async with session.get(path) as response:
                assert response.status == (200 if path == "/window/" else 404), path
        async with session.post("/") as response:
            assert response.status == 405
