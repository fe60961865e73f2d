"""The Functions host behaves like Azure Functions, seen over HTTP."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from local.functions import server
from local.functions.host_json import HostFile
from local.functions.routes import Route
from local.functions.templates import compile_template
from local.functions.throttle import Throttle
from tests.running import Running, running

APP = Path(__file__).parent / "sample_app"
ROOT = Path(__file__).resolve().parents[2]


ONE_FUNCTION = "import azure.functions as func\napp = func.FunctionApp()\n{}\ndef f(req): ..."


@dataclass(frozen=True)
class Host:
    server: Running
    url: str


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    command = [sys.executable, "-m", "local", "functions", "--port", "0", "--root", str(APP)]
    environment = {"PUBSUB_HUB": "from-environment", "CHATR_ALLOWED_HOSTS": "backend.example"}
    with running(command, env=environment, cwd=ROOT) as server:
        url = server.wait_until(lambda output: re.search(r"Functions on (\S+)\n", output))[1]
        yield Host(server, url)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def text(
    http: aiohttp.ClientSession,
    method: str,
    url: str,
    data: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    async with http.request(method, url, data=data, headers=headers) as response:
        return response.status, await response.text()


async def test_route_parameters_and_query_reach_the_function(host: Host, http: aiohttp.ClientSession) -> None:
    url = f"{host.url}/v1/echo/Ada%20L/42?x=1&y=two&y=2"
    expected = ["GET", url.replace("%20", "%20"), "name=Ada L", "number=42", "x=1", "y=two,2"]
    assert await text(http, "GET", url) == (200, "\n".join(expected))


async def test_the_route_prefix_comes_from_host_json(host: Host, http: aiohttp.ClientSession) -> None:
    assert (await text(http, "GET", f"{host.url}/api/text"))[0] == 404
    assert await text(http, "GET", f"{host.url}/v1/text") == (200, "just text")


async def test_routes_ignore_case_and_an_optional_parameter_may_be_absent(
    host: Host, http: aiohttp.ClientSession
) -> None:
    status, body = await text(http, "GET", f"{host.url}/V1/ECHO/Ada")
    assert (status, body.splitlines()[2:]) == (200, ["name=Ada"])


async def test_of_two_matching_routes_the_function_name_decides_as_in_azure(
    host: Host, http: aiohttp.ClientSession
) -> None:
    assert (await text(http, "GET", f"{host.url}/v1/echo/literal"))[1].startswith("GET\n")


@pytest.mark.parametrize(("method", "path"), [("GET", "echo/a/notanumber"), ("DELETE", "echo/a"), ("GET", "absent")])
async def test_what_no_route_takes_is_not_found(
    host: Host, http: aiohttp.ClientSession, method: str, path: str
) -> None:
    assert await text(http, method, f"{host.url}/v1/{path}") == (404, "")


async def test_binary_bodies_pass_unchanged_both_ways(host: Host, http: aiohttp.ClientSession) -> None:
    data = bytes(range(256))
    async with http.post(f"{host.url}/v1/bytes", data=data) as response:
        assert response.status == 201
        assert response.content_type == "application/octet-stream"
        assert await response.read() == data[::-1]


async def test_repeated_headers_are_joined_on_the_way_in_and_of_those_on_the_way_out_only_cookies_stay(
    host: Host, http: aiohttp.ClientSession
) -> None:
    sent = [("X-Many", "1"), ("X-Many", "2"), ("Cookie", "a=1"), ("Cookie", "b=2")]
    async with http.get(f"{host.url}/v1/headers", headers=sent) as response:
        assert await response.text() == "1, 2|a=1; b=2"
        assert response.headers.getall("Set-Cookie") == ["a=1; domain=; path=", "b=2; domain=; path="]
        assert response.headers.getall("Vary") == ["Origin"]


async def test_a_sync_function_runs_in_a_thread_and_may_ask_for_its_context(
    host: Host, http: aiohttp.ClientSession
) -> None:
    assert await text(http, "GET", f"{host.url}/v1/thread") == (200, "thread False True")


async def test_an_unhandled_exception_is_a_500_whose_traceback_is_logged_and_not_sent(
    host: Host, http: aiohttp.ClientSession
) -> None:
    assert await text(http, "GET", f"{host.url}/v1/fails") == (500, "")
    host.server.wait_until(lambda output: "ValueError: the cause stays in the log" in output)
    assert "Traceback" in host.server.output()


@pytest.mark.parametrize(("headers", "query"), [({"Cookie": "secret=" + "x" * 40_000}, ""), ({}, "?q=" + "x" * 40_000)])
async def test_a_request_with_too_large_a_head_is_refused_in_one_line_and_nothing_of_it_is_logged(
    host: Host, http: aiohttp.ClientSession, headers: dict[str, str], query: str
) -> None:
    logged = len(host.server.output())
    async with http.get(f"{host.url}/v1/text{query}", headers=headers) as response:
        assert response.status == 400
        error = (await response.json())["error"]
    assert error["code"] == "BadRequest"
    assert "more than 32768 bytes" in error["message"]
    assert host.server.wait_until(lambda output: output[logged:].endswith("\n") and output[logged:].count("\n")) == 1
    assert "secret" not in host.server.output()


@pytest.mark.parametrize("name", [b"\xff", b"localhost:abc", b"localhost:99999999"])
async def test_a_host_that_makes_no_address_is_the_callers_fault(host: Host, name: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(host.url.rsplit(":", 1)[1]))
    writer.write(b"GET /v1/text HTTP/1.1\r\nConnection: close\r\nHost: " + name + b"\r\n\r\n")
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 400")
    assert "Traceback" not in host.server.output().split("the cause stays in the log")[-1]


@pytest.mark.parametrize("path", ["/v1/text", "/", "/admin/functions", "/nothing"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
async def test_by_a_name_that_was_made_to_point_here_there_is_nothing(
    host: Host, http: aiohttp.ClientSession, method: str, path: str
) -> None:
    async with http.request(method, host.url + path, headers={"Host": "site.example:7071"}) as response:
        assert response.status == 403
        assert (await response.json())["error"]["code"] == "Forbidden"


@pytest.mark.parametrize("name", ["localhost:1", "127.0.0.1", "[::1]:7071", "web:7071", "Backend.example:443"])
async def test_names_of_this_machine_and_those_that_are_allowed_are_served(
    host: Host, http: aiohttp.ClientSession, name: str
) -> None:
    async with http.get(f"{host.url}/v1/text", headers={"Host": name}) as response:
        assert response.status == 200


async def test_a_caller_who_speaks_http_1_0_is_answered_too(host: Host) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(host.url.rsplit(":", 1)[1]))
    writer.write(b"GET /v1/text HTTP/1.0\r\n\r\n")
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    assert b" 200 OK" in head and b"chunked" not in head
    assert body


@pytest.mark.parametrize("head", [b"Content-Length: 500", b"Transfer-Encoding: chunked"])
async def test_a_caller_who_disconnects_in_the_middle_of_a_body_is_one_line_in_the_log(host: Host, head: bytes) -> None:
    logged = len(host.server.output())
    _, writer = await asyncio.open_connection("127.0.0.1", int(host.url.rsplit(":", 1)[1]))
    writer.write(b"POST /v1/bytes HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n\r\n5\r\nhello\r\n")
    writer.close()
    await writer.wait_closed()
    host.server.wait_until(lambda output: output[logged:].endswith("\n"))
    assert host.server.output()[logged:].count("\n") == 1
    assert "The body of the request is incomplete" in host.server.output()[logged:]


async def test_a_body_that_never_comes_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "BODY_SECONDS", 0.01)
    route = Route("slow", "slow", compile_template("slow"), frozenset(), "ANONYMOUS", "req", lambda req: "done")
    runner = web.AppRunner(server.build([route], APP, "", Throttle(HostFile())), lingering_time=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        reader, writer = await asyncio.open_connection(*runner.addresses[0])
        writer.write(b"POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n")
        async with asyncio.timeout(10):
            assert (await reader.readline()).split()[1] == b"400"
        writer.close()
    finally:
        await runner.cleanup()


async def test_a_body_said_to_be_compressed_reaches_the_function_as_it_came(
    host: Host, http: aiohttp.ClientSession
) -> None:
    headers = {"Content-Encoding": "gzip"}
    assert await text(http, "POST", f"{host.url}/v1/bytes", data=b"abc", headers=headers) == (201, "cba")


async def test_a_header_of_the_size_that_functions_takes_reaches_the_function(
    host: Host, http: aiohttp.ClientSession
) -> None:
    assert (await text(http, "GET", f"{host.url}/v1/text", headers={"Cookie": "a=" + "x" * 30_000}))[0] == 200


async def test_a_request_that_cannot_be_read_is_refused_and_nothing_of_it_is_logged(host: Host) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(host.url.rsplit(":", 1)[1]))
    writer.write(b"GET /v1/text HTTP/1.1\r\nHost: localhost\r\na secret: cookie\r\n\r\n")
    assert (await reader.readline()).split()[1] == b"400"
    writer.close()
    host.server.wait_until(lambda output: "A request is malformed: " in output)
    assert "a secret" not in host.server.output()


async def test_a_wrong_return_value_is_a_500_that_the_log_explains(host: Host, http: aiohttp.ClientSession) -> None:
    assert (await text(http, "GET", f"{host.url}/v1/wrong"))[0] == 500
    host.server.wait_until(lambda output: "wrong returned int" in output)


async def test_a_function_that_returns_nothing_fails(host: Host, http: aiohttp.ClientSession) -> None:
    assert await text(http, "GET", f"{host.url}/v1/nothing") == (500, "")
    host.server.wait_until(lambda output: "nothing returned NoneType" in output)


async def test_an_answer_with_a_body_comes_in_chunks_and_an_empty_one_says_so(
    host: Host, http: aiohttp.ClientSession
) -> None:
    async with http.get(f"{host.url}/v1/text") as response:
        assert response.headers["Transfer-Encoding"] == "chunked" and "Content-Length" not in response.headers
    async with http.post(f"{host.url}/v1/bytes") as response:
        assert response.headers["Content-Length"] == "0"
        assert response.headers["Content-Type"] == "application/octet-stream"


async def test_a_function_level_route_wants_the_key_that_was_printed(host: Host, http: aiohttp.ClientSession) -> None:
    key = host.server.wait_until(lambda output: re.search(r"x-functions-key\): (\S+)", output))[1]
    url = f"{host.url}/v1/locked"
    assert (await text(http, "GET", url))[0] == 401
    for wrong in ("wrong", "\udce9"):
        assert (await text(http, "GET", url, headers={"x-functions-key": wrong}))[0] == 401
    assert await text(http, "GET", url, headers={"x-functions-key": key}) == (200, "open")
    assert await text(http, "GET", f"{url}?code={key}") == (200, "open")


async def test_a_route_without_a_template_has_the_functions_name(host: Host, http: aiohttp.ClientSession) -> None:
    assert await text(http, "GET", f"{host.url}/v1/namedOnly") == (200, "by its name")


async def test_a_catch_all_takes_the_rest_of_the_path(host: Host, http: aiohttp.ClientSession) -> None:
    assert await text(http, "GET", f"{host.url}/v1/rest/a/b%2Fc") == (200, "a/b/c")
    assert await text(http, "GET", f"{host.url}/v1/rest") == (200, "-")


async def test_the_environment_is_what_functions_read_settings_from(host: Host, http: aiohttp.ClientSession) -> None:
    assert await text(http, "GET", f"{host.url}/v1/setting") == (200, "from-environment")


async def test_it_tells_which_functions_it_runs_as_core_tools_does(host: Host, http: aiohttp.ClientSession) -> None:
    assert (await text(http, "GET", host.url))[0] == 200
    async with http.get(f"{host.url}/admin/functions") as response:
        listed = await response.json()
    assert {"name": "echo", "config": {"bindings": [{"type": "httpTrigger"}]}} in listed


def test_it_listens_on_the_loopback_only(host: Host) -> None:
    port = int(host.url.rsplit(":", 1)[1])
    listening = (Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()).splitlines()
    addresses = [line.split()[1] for line in listening if f":{port:04X} " in line and line.split()[3] == "0A"]
    assert addresses == [f"0100007F:{port:04X}"]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        (None, "no function_app.py"),
        ("x = 1", "must define exactly one FunctionApp; it defines 0"),
        (ONE_FUNCTION.format("@app.route(route='a/{b:regex(x)}')"), "{b:regex(x)}"),
        (ONE_FUNCTION.format("@app.timer_trigger('t', '0 * * * * *')"), "f has a trigger of type timerTrigger"),
        (ONE_FUNCTION.format("@app.generic_trigger('q', 'queueTrigger')"), "f has a trigger of type queueTrigger"),
        (ONE_FUNCTION.format("@app.mcp_tool()"), "f has a trigger of type mcpToolTrigger"),
        (ONE_FUNCTION.format("@app.function_name('f')"), "f does not have a trigger"),
        (
            f"{ONE_FUNCTION.format('@app.route()')}\n@app.route()\ndef F(req): ...",
            "f and F are the same name in Functions",
        ),
        (f"{ONE_FUNCTION.format('@app.route()')}\n@app.route()\ndef f(req): ...", "f does not have a unique"),
    ],
)
def test_an_app_that_cannot_run_is_one_clear_line(tmp_path: Path, source: str | None, complaint: str) -> None:
    (tmp_path / "host.json").write_text("{}")
    if source:
        (tmp_path / "function_app.py").write_text(source)
    command = [sys.executable, "-m", "local", "functions", "--port", "0", "--root", str(tmp_path)]
    with running(command, cwd=ROOT) as server:
        assert server.process.wait(30) == 1
        lines = server.output().splitlines()
    ours = [line for line in lines if line.startswith("chatr: ")]
    assert len(ours) == 1
    assert complaint in ours[0]
    assert not any("Traceback" in line for line in lines)
