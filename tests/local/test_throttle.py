"""The host enforces the limits of host.json. This app's never refuse Web PubSub, which would not retry the call."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import aiohttp
import azure.functions as func
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from local.functions import server
from local.functions.host_json import UNBOUNDED, BadHostFile, HostFile, read_host_file
from local.functions.routes import Route
from local.functions.templates import compile_template
from local.functions.throttle import Full, Throttle

ROOT = Path(__file__).resolve().parents[2]
MANY = 500


@dataclass
class Function:
    """An app that holds its calls until it is told to release them."""

    expected: int = 0
    go: asyncio.Event = field(default_factory=asyncio.Event)
    all_there: asyncio.Event = field(default_factory=asyncio.Event)
    running: int = 0
    most: int = 0

    async def __call__(self, req: func.HttpRequest) -> func.HttpResponse:
        self.running += 1
        self.most = max(self.most, self.running)
        if self.running == self.expected:
            self.all_there.set()
        try:
            await self.go.wait()
        finally:
            self.running -= 1
        return func.HttpResponse("done")


@asynccontextmanager
async def served(file: HostFile, function: Function) -> AsyncIterator[str]:
    async def run(req: func.HttpRequest) -> func.HttpResponse:
        return await function(req)

    route = Route("held", "held", compile_template("held"), frozenset(), "ANONYMOUS", "req", run)
    runner = web.AppRunner(server.build([route], ROOT, "", Throttle(file)))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/held"
    finally:
        function.go.set()
        await runner.cleanup()


async def test_running_and_waiting_calls_are_limited_and_others_get_an_empty_429() -> None:
    function = Function()
    async with served(HostFile(running=3, outstanding=5), function) as url, aiohttp.ClientSession() as http:
        calls = [asyncio.create_task(http.get(url)) for _ in range(9)]
        # Calls beyond five are answered while all others wait for the function.
        for done in islice(asyncio.as_completed(calls), 4):
            response = await done
            assert (response.status, await response.read(), response.headers.get("Retry-After")) == (429, b"", None)
        function.go.set()
        answered = [await call for call in calls]
        assert [one.status for one in answered].count(200) == 5
        assert (function.most, function.running) == (3, 0)
        # Afterwards the limit is free again.
        assert (await http.get(url)).status == 200


@given(st.integers(1, 4), st.integers(1, 8), st.lists(st.booleans(), max_size=30))
def test_no_more_are_there_than_may_be_and_every_place_comes_back(
    running: int, outstanding: int, comes: list[bool]
) -> None:
    asyncio.run(_play(HostFile(running=running, outstanding=outstanding), comes))


async def _play(file: HostFile, comes: list[bool]) -> None:
    throttle, function = Throttle(file), Function()

    async def call() -> str:
        try:
            async with throttle.place():
                await function(func.HttpRequest("GET", "/", body=b""))
        except Full:
            return "refused"
        return "done"

    there: list[asyncio.Task[str]] = []
    for one_comes in comes:
        if one_comes:
            task = asyncio.create_task(call())
            await asyncio.sleep(0)
            assert task.done() is (len(there) >= file.outstanding)
            if not task.done():
                there.append(task)
        elif there:
            there.pop(0).cancel()
            await asyncio.sleep(0)
    function.go.set()
    assert await asyncio.gather(*there, return_exceptions=True) == ["done"] * len(there)
    assert await call() == "done"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({}, HostFile()),
        ({"extensions": {"http": {"maxConcurrentRequests": 7}}}, HostFile(running=7)),
        ({"extensions": {"http": {"maxOutstandingRequests": 7, "routePrefix": ""}}}, HostFile("", outstanding=7)),
    ],
)
def test_what_host_json_leaves_out_is_not_bounded(tmp_path: Path, content: object, found: HostFile) -> None:
    (tmp_path / "host.json").write_text(json.dumps(content))
    assert read_host_file(tmp_path) == found


@pytest.mark.parametrize("bound", [0, -2, "5", True, 1.5, None])
def test_a_bound_that_is_none_is_named(tmp_path: Path, bound: object) -> None:
    content = {"extensions": {"http": {"maxConcurrentRequests": bound}}}
    (tmp_path / "host.json").write_text(json.dumps(content))
    with pytest.raises(BadHostFile, match="maxConcurrentRequests must be an integer above 0, or -1"):
        read_host_file(tmp_path)


def test_this_app_leaves_every_bound_to_the_backend() -> None:
    """The host's refusals have no `Retry-After`, and Web PubSub does not retry a 429: a message would be lost."""
    file = read_host_file(ROOT)
    assert (file.running, file.outstanding) == (UNBOUNDED, UNBOUNDED)
    http = json.loads((ROOT / "host.json").read_text())["extensions"]["http"]
    # On the Consumption plan the host would refuse on its own when it is busy.
    assert http["dynamicThrottlesEnabled"] is False


async def test_many_calls_at_once_all_reach_this_app() -> None:
    function = Function(expected=MANY)
    async with served(read_host_file(ROOT), function) as url:
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as http:
            calls = [asyncio.create_task(http.get(url)) for _ in range(MANY)]
            await function.all_there.wait()
            function.go.set()
            assert {(await call).status for call in calls} == {200}
