"""The front door serves the site like Static Web Apps, and drops forged identities."""

import asyncio
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from yarl import URL

from local import front_door, parts
from local.ports import Ports
from tests.running import PATIENCE, free_port, running

ROOT = Path(__file__).resolve().parents[2]
POLICY = "default-src 'self'; connect-src 'self' wss://*.webpubsub.azure.com"
SETTINGS = {
    "PUBSUB_CONNECTION_STRING": "Endpoint=http://localhost:8080;AccessKey=k=;Version=1.0;",
    "PUBSUB_ENDPOINT": "",
    "PUBSUB_CLIENT_ENDPOINT": "",
}
SECRET = "front-door-secret-0123456789"
ECHO = """
import azure.functions as func
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
@app.route(route="who")
async def who(req):
    return func.HttpResponse(req.headers.get("x-ms-client-principal", "nobody"))
@app.route(route="pass")
async def shown(req):
    return func.HttpResponse(req.headers.get("x-chatr-front-door", "none"))
@app.route(route="cookies")
async def cookies(req):
    return func.HttpResponse(req.headers.get("cookie", "none"))
"""


def site(folder: Path) -> Path:
    config = {
        "globalHeaders": {front_door.POLICY: POLICY},
        "navigationFallback": {"rewrite": "/index.html", "exclude": ["/assets/*"]},
    }
    (folder / front_door.CONFIG).write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize(
    ("changes", "origin"),
    [
        ({}, "ws://localhost:8080"),
        ({"PUBSUB_CLIENT_ENDPOINT": "wss://chat.example.net"}, "wss://chat.example.net"),
        (
            {"PUBSUB_CONNECTION_STRING": "", "PUBSUB_ENDPOINT": "https://x.webpubsub.azure.com"},
            "wss://x.webpubsub.azure.com",
        ),
    ],
)
def test_the_local_policy_adds_where_browsers_connect(tmp_path: Path, changes: dict[str, str], origin: str) -> None:
    target = front_door.write_config(site(tmp_path), tmp_path / "made", {**SETTINGS, **changes})
    written = json.loads((target / front_door.CONFIG).read_text())["globalHeaders"][front_door.POLICY]
    assert written == POLICY.replace("connect-src", f"connect-src {origin}")


def test_a_site_without_a_policy_is_refused(tmp_path: Path) -> None:
    (tmp_path / front_door.CONFIG).write_text("{}")
    with pytest.raises(front_door.BadSiteConfig, match="connect-src"):
        front_door.write_config(tmp_path, tmp_path / "made", SETTINGS)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real CLI with our preload, in front of an app that returns the identity header that it received."""
    folder = tmp_path_factory.mktemp("door")
    (folder / "host.json").write_text("{}")
    (folder / "function_app.py").write_text(ECHO)
    (folder / "frontend" / "dist").mkdir(parents=True)
    (folder / "frontend" / "dist" / "index.html").write_text("<h1>the site</h1>")
    shutil.copy(ROOT / "frontend" / "public" / "404.html", folder / "frontend" / "dist")
    ports = Ports(app=free_port())
    host = [sys.executable, "-m", "local", "functions", "--port", "0", "--root", str(folder)]
    with running(host, cwd=ROOT) as functions:
        found = functions.wait_until(lambda output: re.search(r"Functions on http://localhost:(\d+)", output))
        ports = Ports(app=ports.app, functions=int(found[1]))
        config = front_door.write_config(site(folder), folder / "made", SETTINGS)
        part = parts.front_door(ROOT, ports, config, SECRET, ["tunnel.example"])
        command = [argument.replace(str(ROOT / "frontend"), str(folder / "frontend")) for argument in part.command]
        with running(command, env=dict(part.environment), cwd=ROOT) as cli:
            cli.wait_until(lambda output: "emulator started at" in output, seconds=60)
            yield f"http://localhost:{ports.app}"


async def test_the_site_comes_with_the_security_headers(door: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(door) as response:
        assert "the site" in await response.text()
        assert response.headers[front_door.POLICY].startswith("default-src 'self'; connect-src ws://localhost:8080")


async def test_an_identity_header_from_a_browser_never_reaches_the_api(door: str) -> None:
    forged = {"X-MS-Client-Principal": "eyJ1c2VySWQiOiJ2aWN0aW0ifQ==", "x-ms-client-principal-id": "victim"}
    async with aiohttp.ClientSession() as http, http.get(f"{door}/api/who", headers=forged) as response:
        assert await response.text() == "nobody"


@pytest.mark.parametrize("path", ["/", "/api/who", "/.auth/me", "/.auth/login/github", "/.auth/assets/jquery.js"])
async def test_by_a_name_that_was_made_to_point_here_there_is_nothing(door: str, path: str) -> None:
    port = urlsplit(door).port
    async with aiohttp.ClientSession() as http:
        for method in ("GET", "POST"):
            async with http.request(method, door + path, headers={"Host": f"site.example:{port}"}) as response:
                assert response.status == 403
                assert (await response.json())["error"]["code"] == "Forbidden"
        await assert_it_serves(http, door)


async def test_by_a_name_that_is_allowed_it_serves(door: str) -> None:
    headers = {"Host": "tunnel.example"}
    async with aiohttp.ClientSession() as http, http.get(door, headers=headers) as response:
        assert "the site" in await response.text()


@pytest.mark.parametrize("brought", [{}, {"X-Chatr-Front-Door": "of my own"}])
async def test_the_api_sees_that_a_call_came_through_the_front_door(door: str, brought: dict[str, str]) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{door}/api/pass", headers=brought) as response:
        assert await response.text() == SECRET


HEADER = "x-ms-client-principal: dmljdGlt"
# Ways to smuggle a header past the filter: by its spelling, its position, or a request inside another.
SMUGGLED = {
    "twice": f"GET /api/who HTTP/1.1\r\nHost: localhost\r\n{HEADER}\r\n{HEADER}\r\n\r\n",
    "capitals": f"GET /api/who HTTP/1.1\r\nHost: localhost\r\n{HEADER.upper()}\r\n\r\n",
    "underscores": f"GET /api/who HTTP/1.1\r\nHost: localhost\r\n{HEADER.replace('-', '_')}\r\n\r\n",
    "a space before the colon": f"GET /api/who HTTP/1.1\r\nHost: localhost\r\n{HEADER.replace(':', ' :')}\r\n\r\n",
    "a folded line": f"GET /api/who HTTP/1.1\r\nHost: localhost\r\nx-a: b\r\n {HEADER}\r\n\r\n",
    "a bare line feed": f"GET /api/who HTTP/1.1\r\nHost: localhost\r\nx-a: b\n{HEADER}\r\n\r\n",
    "a bare carriage return": f"GET /api/who HTTP/1.1\r\nHost: localhost\r\nx-a: b\r{HEADER}\r\n\r\n",
    "named by Connection": f"GET /api/who HTTP/1.1\r\nHost: localhost\r\nConnection: {HEADER[:21]}\r\n{HEADER}\r\n\r\n",
    "an upgrade": "GET /api/who HTTP/1.1\r\nHost: localhost\r\n"
    f"Connection: Upgrade\r\nUpgrade: websocket\r\n{HEADER}\r\n\r\n",
    "an expectation": f"GET /api/who HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n{HEADER}\r\n\r\n",
    "HTTP/1.0": f"GET /api/who HTTP/1.0\r\n{HEADER}\r\n\r\n",
    "a trailer": f"GET /api/who HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n{HEADER}\r\n\r\n",
    "a request behind two lengths": (
        "POST /api/who HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
        f"0\r\n\r\nGET /api/who HTTP/1.1\r\nHost: localhost\r\n{HEADER}\r\n\r\n"
    ),
    "a request in the pipeline": "GET /api/who HTTP/1.1\r\nHost: localhost\r\n\r\n"
    f"GET /api/who HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{HEADER}\r\n\r\n",
}


@pytest.mark.parametrize("way", SMUGGLED)
async def test_no_way_of_writing_an_identity_header_gets_past_the_front_door(door: str, way: str) -> None:
    reader, writer = await asyncio.open_connection("localhost", urlsplit(door).port)
    writer.write(SMUGGLED[way].encode())
    writer.write_eof()
    async with asyncio.timeout(10 * PATIENCE):
        answer = await reader.read()
    writer.close()
    assert b"dmljdGlt" not in answer.lower() and b"DMLJDGLT" not in answer
    assert b"nobody" in answer or not answer.startswith(b"HTTP/1.1 200")


async def test_the_sign_in_page_needs_no_other_server(door: str) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{door}/.auth/login/github") as response:
            page = await response.text()
        loaded = re.findall(r'<(?:script|link|img)[^>]* (?:src|href)="([^"]+)"', page)
        assert loaded == ["/.auth/assets/bootstrap.css", "/.auth/assets/jquery.js", "/.auth/assets/bootstrap.js"]
        for path in loaded:
            async with http.get(door + path) as response:
                assert response.status == 200
                assert len(await response.read()) > 10_000


@pytest.mark.parametrize("path", ["/%ff", "/%", "/chat/%ff", "/assets/%c0", "/.auth/%ff", "/api/%ff", "//"])
async def test_an_address_that_cannot_be_decoded_is_refused_and_ends_nothing(door: str, path: str) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.get(URL(door + path, encoded=True)) as response:
            assert response.status == 400
            assert (await response.json())["error"]["code"] == "BadRequest"
        await assert_it_serves(http, door)


@pytest.mark.parametrize("host", ["", "[", "localhost:99999"])
async def test_a_host_that_cannot_be_read_is_refused_and_ends_nothing(door: str, host: str) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.get(door, headers={"Host": host}) as response:
            assert response.status == 400
        await assert_it_serves(http, door)


@pytest.mark.parametrize("value", ["%ff", "no+base64", "bm8ganNvbg==", "bnVsbA==", "eyJ1c2VyUm9sZXMiOjV9"])
async def test_a_sign_in_cookie_that_cannot_be_read_counts_as_none(door: str, value: str) -> None:
    async with aiohttp.ClientSession() as http:
        cookie = {"Cookie": f"first=1; StaticWebAppsAuthCookie={value}; last=2"}
        async with http.get(f"{door}/api/who", headers=cookie) as response:
            assert await response.text() == "nobody"
        async with http.get(f"{door}/api/cookies", headers=cookie) as response:
            assert (await response.text()).split() == ["first=1;", "last=2"]
        async with http.get(f"{door}/.auth/me", headers=cookie) as response:
            assert await response.json() == {"clientPrincipal": None}
        await assert_it_serves(http, door)


async def test_a_request_the_cli_fails_at_ends_nothing(door: str) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{door}/data-api/rest") as response:
            assert response.status == 500
        await assert_it_serves(http, door)


async def test_a_missing_asset_is_a_page_of_ours_that_loads_nothing_from_elsewhere(door: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{door}/assets/nope.js") as response:
        page = await response.text()
    assert response.status == 404
    assert "Go to Chatr" in page
    assert "://" not in page
    assert "<script" not in page


async def assert_it_serves(http: aiohttp.ClientSession, door: str) -> None:
    async with http.get(door) as response:
        assert "the site" in await response.text()
