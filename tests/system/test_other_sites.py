"""All ports of the running stack against pages of other sites in a developer's browser, as a table.

A browser sends the host name it used (``Host``) and where the page comes from (``Origin``, ``Sec-Fetch-Site``).
"""

import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from pathlib import Path

import aiohttp
import jwt
import pytest

from emulator.configuration import DEFAULT_ACCESS_KEY
from local.ports import Ports
from tests.backend.function_calls import principal
from tests.stack import ROOT, Stack, started
from tests.system.core_tools import path_with_func

PUBLISHED = json.loads((ROOT / "local.settings.sample.json").read_text())["Values"]
PORTS = list(asdict(Ports()))
NAME = json.dumps({"userName": "Planted"})
# What a page can post without a CORS preflight.
FORM = {"Content-Type": "text/plain"}
ELSEWHERE = ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://site.example"}, {"Origin": "null"})


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


def address(stack: Stack, part: str, path: str = "/") -> str:
    # The front door chooses one of the addresses of localhost.
    return f"http://localhost:{getattr(stack.ports, part)}{path}"


@pytest.mark.parametrize("part", PORTS)
@pytest.mark.parametrize("path", ["/", "/api/me", "/api/health", "/api/hubs/chat/:send", "/devstoreaccount1"])
async def test_by_a_name_that_was_made_to_point_here_no_port_answers(
    stack: Stack, http: aiohttp.ClientSession, part: str, path: str
) -> None:
    host = {"Host": f"devstoreaccount1.site.example:{getattr(stack.ports, part)}"}
    for headers in (host, {**host, **principal("victim")}):
        for method in ("GET", "POST", "OPTIONS"):
            async with http.request(method, address(stack, part, path), headers=headers) as answer:
                assert answer.status == 403, (part, method, path)
                assert not shared(answer.headers)


@pytest.mark.parametrize("part", ["app", "functions"])
@pytest.mark.parametrize("said", ELSEWHERE, ids=str)
async def test_a_page_of_another_site_changes_nothing(
    stack: Stack, http: aiohttp.ClientSession, part: str, said: dict[str, str]
) -> None:
    for method in ("POST", "DELETE"):
        url = address(stack, part, "/api/guest")
        async with http.request(method, url, headers={**FORM, **said}, data=NAME) as answer:
            assert answer.status == 403
            assert "Set-Cookie" not in answer.headers and not shared(answer.headers)


@pytest.mark.parametrize("part", PORTS)
async def test_nobody_is_told_that_another_sites_page_may_call(
    stack: Stack, http: aiohttp.ClientSession, part: str
) -> None:
    asking = {"Origin": "https://site.example", "Access-Control-Request-Method": "POST"}
    asking["Access-Control-Request-Headers"] = "authorization,x-ms-client-principal"
    for path in ("/", "/.auth/me", "/api/getToken", "/api/hubs/chat/:send", "/devstoreaccount1/Tables"):
        for method in ("OPTIONS", "GET"):
            async with http.request(method, address(stack, part, path), headers=asking) as answer:
                assert not shared(answer.headers)


def shared(headers: Mapping[str, str]) -> list[str]:
    return [name for name in headers if name.lower().startswith("access-control")]


async def test_what_everybody_knows_opens_nothing(stack: Stack, http: aiohttp.ClientSession) -> None:
    base = address(stack, "pubsub", "")
    soon = int(time.time()) + 60
    for published in (DEFAULT_ACCESS_KEY, PUBLISHED["GUEST_SIGNING_KEY"]):
        token = jwt.encode({"aud": f"{base}/client/hubs/chat", "sub": "victim", "exp": soon}, published, "HS256")
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(f"{base}/client/hubs/chat?access_token={token}")
        assert refused.value.status == 401
        send = f"{base}/api/hubs/chat/:send?api-version=2024-12-01"
        bearer = jwt.encode({"aud": send, "exp": soon}, published, "HS256")
        async with http.post(send, headers={"Authorization": f"Bearer {bearer}"}, data="x") as answer:
            assert answer.status == 401
        guest = {"sub": "guest_1", "name": "Ann", "aud": "chatr-guest", "exp": soon}
        cookie = f"chatr_guest={jwt.encode(guest, published, 'HS256')}"
        async with http.get(f"{stack.url}/api/me", headers={"Cookie": cookie}) as answer:
            assert answer.status == 401


def test_no_command_line_tells_a_key(stack: Stack) -> None:
    kept = json.loads((stack.data / "keys.json").read_text()).values()
    for part in ("storage", "pubsub", "functions", "web"):
        said = Path(f"/proc/{stack.process_of(part)}/cmdline").read_text()
        assert not any(key in said for key in kept)
    assert not any(key in stack.log() for key in kept)


async def test_in_front_of_core_tools_which_answer_by_any_name_only_the_front_door_may_call(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    with started(tmp_path / "data", path_with_func(tmp_path, "4.13.0")) as stack:
        async with http.get(address(stack, "functions", "/api/me"), headers=principal("victim")) as answer:
            assert answer.status == 403
        async with http.post(f"{stack.url}/api/guest", json={"userName": "Ann"}) as answer:
            assert answer.status == 200
