"""``python -m emulator``: its one line, its options, its errors and its end."""

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
from contextlib import AsyncExitStack, ExitStack, suppress
from pathlib import Path

import pytest
from aiohttp import web

from emulator.configuration import DEFAULT_ACCESS_KEY, BadConfiguration, read_file
from tests.emulator.clients import PLAIN, RELIABLE, client_token, connected, status_of_connect
from tests.emulator.raw import masked, raw_client
from tests.emulator.webhook import Recorded, Webhook
from tests.running import running

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "emulator"]


def line_of(output: str) -> str | None:
    return next((line for line in output.splitlines() if line.startswith("Endpoint=")), None)


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *options], cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)


def test_it_prints_a_connection_string_with_the_real_port_and_ends_with_0() -> None:
    with running([*COMMAND, "--port", "0"], cwd=ROOT) as server:
        line = server.wait_until(line_of)
        match = re.fullmatch(r"Endpoint=http://localhost:(\d+);AccessKey=(.*);Version=1\.0;", line)
        assert match and match[2] == DEFAULT_ACCESS_KEY
        with socket.create_connection(("localhost", int(match[1]))):
            pass
        server.wait_until(lambda output: f"see what happens at http://localhost:{match[1]}/" in output)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(5) == 0
        assert "Traceback" not in server.output()


def test_an_interrupt_ends_it_with_0() -> None:
    with running([*COMMAND, "--port", "0"], cwd=ROOT) as server:
        server.wait_until(line_of)
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(5) == 0


def health(address: tuple[str, int]) -> bytes:
    """The beginning of the answer, empty for a connection that was reset."""
    with suppress(ConnectionError), socket.create_connection(address, 30) as caller:
        caller.sendall(b"HEAD /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return caller.recv(12)
    return b""


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_more_clients_than_open_files_are_no_more_than_a_line_in_the_log(loop: str, tmp_path: Path) -> None:
    if loop == "asyncio":
        (tmp_path / "uvloop.py").write_text("raise ImportError")
    few = ["bash", "-c", 'ulimit -n 40; exec "$@"', "few", *COMMAND, "--port", "0"]
    with running(few, cwd=ROOT, env={"PYTHONPATH": str(tmp_path)}) as server, ExitStack() as stack:
        line = server.wait_until(lambda output: line_of(output) if "see what happens at" in output else None)
        address = ("localhost", int(re.findall(r":(\d+);", line)[0]))
        crowd = [stack.enter_context(socket.create_connection(address)) for _ in range(60)]
        if loop == "asyncio":
            server.wait_until(lambda output: "the limit on open files is reached" in output)
        for client in crowd:
            client.close()
        # The crowd may not all be gone yet, and uvloop resets whom it has no file for.
        assert any(health(address) == b"HTTP/1.1 200" for _ in range(1000))
        assert len(server.output().splitlines()) <= 3, server.output()[:2000]


def test_it_starts_without_what_only_some_clients_need() -> None:
    # How long a start takes is measured in bench/; what it loads is most of that.
    command = [sys.executable, "-X", "importtime", *COMMAND[1:], "--port", "0"]
    with running(command, cwd=ROOT) as server:
        loaded = server.wait_until(lambda output: output if "Endpoint=" in output else "")
    names = {line.rpartition("|")[2].strip() for line in loaded.splitlines()}
    assert "emulator.server" in names
    assert not [name for name in names if name.startswith(("google.protobuf", "emulator.protocol.protobuf_codec"))]


def test_a_taken_port_is_one_line_that_names_port_and_option() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("--port", str(port))
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1 and str(port) in result.stderr and "--port" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--access-key", "short"], "--access-key"),
        (["--hub", "chat"], "--event-handler"),
        (["--hub", "1", "--event-handler", "http://x/"], "hub name"),
        (["--hub", "chat", "--event-handler", "ftp://x/"], "ftp://x/"),
        (["--hub", "chat", "--event-handler", "http://{hub}/"], "host"),
        (["--hub", "chat", "--event-handler", "http://x/{nothing}"], "{hub} and {event}"),
        (["--hub", "chat", "--event-handler", "http://x/", "--system-events", "connect,sleep"], "sleep"),
        (["--hub", "chat", "--event-handler", "http://x/", "--user-events", "a b"], "a b"),
        (["--hub", "chat", "--event-handler", "http://a..b/"], "http://a..b/"),
        (["--access-key", "\udcff" * 40], "--access-key"),
        (["--config", "/nowhere.json"], "/nowhere.json"),
    ],
)
def test_a_wrong_option_is_one_line_and_code_1(options: list[str], named: str) -> None:
    result = run(*options)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1 and named in result.stderr


def test_no_address_is_not_every_address() -> None:
    result = run("--port", "0", "--host", "")
    assert result.returncode == 2
    assert "--host" in result.stderr and "Traceback" not in result.stderr


async def test_more_clients_are_served_than_the_soft_limit_on_open_files_allows() -> None:
    limited = ["sh", "-c", 'ulimit -S -n 64 && exec "$@"', "sh", *COMMAND, "--port", "0"]
    with running(limited, cwd=ROOT) as server:
        endpoint = server.wait_until(line_of).split(";")[0].removeprefix("Endpoint=")
        async with AsyncExitStack() as clients:
            for _ in range(100):
                client = await clients.enter_async_context(connected(endpoint))
            await client.silent()


def test_help_names_every_option() -> None:
    result = run("--help")
    assert result.returncode == 0
    documented = (ROOT / "docs" / "emulator.md").read_text()
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", result.stdout))
    assert "--event-handler" in options
    assert {option for option in options if f"`{option}" not in documented} == {"--help"}


async def test_options_configure_a_hub(hook: Webhook) -> None:
    options = ["--port", "0", "--hub", "Chat", "--event-handler", hook.url, "--system-events", "connected"]
    with running([*COMMAND, *options, "--user-events", "hello"], cwd=ROOT) as server:
        endpoint = server.wait_until(line_of).split(";")[0].removeprefix("Endpoint=")
        async with connected(endpoint) as client:
            await hook.wait_for("connected")
            assert (await client.ask(type="event", event="hello", data=1, ackId=1))["success"]
            assert not (await client.ask(type="event", event="other", data=1, ackId=2))["success"]
    assert {event.event for event in hook.events()} == {"connected", "hello"}


def test_a_configuration_file_has_the_keys_of_microsofts_emulator(tmp_path: Path) -> None:
    handlers = [
        {"UrlTemplate": "http://a/{hub}/{event}", "SystemEvents": ["connect"], "EventPattern": "one,two"},
        {"UrlTemplate": "http://b/", "EventPattern": "*"},
    ]
    section = {"AccessKey": "k" * 32, "Hubs": {"Chat": {"EventHandlers": handlers, "EventListeners": []}}}
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"WebPubSub": section, "Logging": {}}))
    settings = read_file(path)
    assert settings.access_keys == ("k" * 32,)
    first, second = settings.handlers["chat"]
    assert (first.url_template, first.system_events, first.events) == (
        "http://a/{hub}/{event}",
        frozenset({"connect"}),
        ("one", "two"),
    )
    assert (second.system_events, second.events) == (frozenset(), ("*",))


def test_a_configuration_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"WebPubSub":{}}', encoding="utf-8-sig")
    assert read_file(path).access_keys == (DEFAULT_ACCESS_KEY,)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{", "settings.json"),
        ("{}", "WebPubSub"),
        ('{"WebPubSub":{"AccessKey":5}}', "AccessKey"),
        ('{"WebPubSub":{"AccessKey":"short"}}', "AccessKey"),
        ('{"WebPubSub":{},"Other":' + "[" * 100_000, "settings.json"),
        ('{"WebPubSub":{"Hubs":{"chat":{"EventHandlers":[{}]}}}}', "UrlTemplate"),
        ('{"WebPubSub":{"Hubs":{"chat":{"EventHandlers":[{"UrlTemplate":"x"}]}}}}', "'x'"),
        ('{"WebPubSub":{"Hubs":{"1":{}}}}', "'1'"),
        ('{"WebPubSub":{"Hubs":{"chat":{},"Chat":{}}}}', "'Chat' twice"),
    ],
)
def test_a_wrong_configuration_file_names_the_key(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text)
    with pytest.raises(BadConfiguration, match=re.escape(named)):
        read_file(path)


async def test_a_log_in_json_has_an_object_a_line_with_stable_names(hook: Webhook) -> None:
    options = ["--port", "0", "--hub", "chat", "--event-handler", hook.url, "--log-format", "json", "--verbose"]
    with running([*COMMAND, *options], cwd=ROOT) as server:
        endpoint = server.wait_until(line_of).split(";")[0].removeprefix("Endpoint=")
        async with connected(endpoint, sub="Änn") as client:
            await client.join("g")
            await client.ask(type="sendToGroup", group="g", data="a secret", ackId=1)
        await hook.wait_for("disconnected")
        server.wait_until(lambda output: '"name": "disconnected"' in output)
        output = server.output()
    said = [json.loads(line) for line in output.splitlines() if line and not line.startswith("Endpoint=")]
    events = {one["event"]: one for one in said}
    assert {"started", "connected", "joined", "published", "webhook", "ended"} <= set(events)
    assert all(one["time"].endswith("+00:00") and one["text"] for one in said)
    assert events["joined"] | {"time": "", "text": ""} == {
        "time": "",
        "event": "joined",
        "text": "",
        "hub": "chat",
        "connection": client.id,
        "user": "Änn",
        "group": "g",
    }
    assert events["webhook"]["status"] == 204 and events["webhook"]["ms"] >= 0
    assert "a secret" not in output and "code=secret" not in output


async def test_it_ends_in_time_whatever_its_clients_and_handlers_do(hook: Webhook) -> None:
    never = asyncio.Event()

    async def hang(recorded: Recorded) -> web.Response:
        if recorded.event in ("disconnected", "stuck") or b"waits-for-ever" in recorded.body:
            await never.wait()
        return web.Response(status=204)

    hook.answer = hang
    options = ["--port", "0", "--hub", "chat", "--event-handler", hook.url, "--quiet"]
    with running([*COMMAND, *options], cwd=ROOT) as server:
        endpoint = server.wait_until(line_of).split(";")[0].removeprefix("Endpoint=")
        # Clients that never answer the close, in front of handlers that never answer the news of it.
        clients = [await raw_client(endpoint, RELIABLE if number % 2 else PLAIN) for number in range(1000)]
        await hook.wait_for("connected", count=1000)
        for client in clients[:20]:
            client.writer.write(masked(1, b'{"type":"event","event":"stuck","data":1}'))
        await hook.wait_for("stuck", count=20)
        token = client_token(endpoint, sub="waits-for-ever")
        joining = asyncio.create_task(status_of_connect(f"{endpoint}/client/hubs/chat?access_token={token}"))
        await hook.wait_for("connect", count=1001)
        async with connected(endpoint, sub="polite") as polite:
            server.process.send_signal(signal.SIGTERM)
            assert (await polite.closed())[0] == 1001
        assert await asyncio.to_thread(server.process.wait, 5) == 0
        assert "Traceback" not in server.output()
        await asyncio.gather(joining, return_exceptions=True)
        for client in clients:
            client.close()
    never.set()
