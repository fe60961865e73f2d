"""The log of a call: one line whose id finds everything else about it, and nothing that a user wrote."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from shared import logs
from shared.adapters.tables.store import with_connection_string
from shared.backend import Backend
from shared.clients import Clients, process
from shared.model.clock import now
from tests.backend.function_calls import call, event_headers, principal, send_event
from tests.backend.memory.sender import MemorySender
from tests.backend.memory.store import MemoryStore
from tests.backend.stage import ENVIRONMENT, new_id, settings

SECRET = "a-secret-of-the-webhook-0123456789"


@pytest.fixture
async def backend() -> AsyncIterator[Backend]:
    served = Backend(settings(), MemoryStore(), MemorySender(), now)
    process.use(served)
    yield served
    await process.close()


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> "Lines":
    caplog.set_level(logging.INFO)
    return Lines(caplog)


class Lines:
    """The lines of our loggers, as objects."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self.caplog = caplog

    def all(self) -> list[dict[str, Any]]:
        return [json.loads(record.message) for record in self.caplog.records if record.name.startswith("chatr.")]

    def last(self) -> dict[str, Any]:
        return self.all()[-1]


async def test_a_call_is_one_line_with_its_route_and_outcome(backend: Backend, lines: Lines) -> None:
    answer = await call("GET", f"chats/{new_id()}/messages?before={new_id()}", principal("pat"))
    [line] = lines.all()
    assert line.pop("ms") >= 0
    assert line == {
        "what": "call",
        "correlation": answer.headers["x-request-id"],
        "method": "GET",
        "route": "chats/{id}/messages",
        "status": 404,
        "code": "ChatNotFound",
    }


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"x-request-id": "3f2a.b-C_1"}, "3f2a.b-C_1"),
        ({"x-request-id": "mine", "x-ms-request-id": "theirs"}, "mine"),
        ({"x-ms-request-id": "theirs"}, "theirs"),
        ({"x-request-id": "a b", "x-ms-request-id": "theirs"}, "theirs"),
        ({"x-request-id": "x" * 101}, ""),
        ({"x-request-id": 'a","level":"'}, ""),
        ({"x-request-id": ""}, ""),
        ({}, ""),
    ],
)
async def test_a_call_keeps_the_id_it_came_with_if_that_is_one(
    backend: Backend, lines: Lines, headers: dict[str, str], taken: str
) -> None:
    answer = await call("GET", "me", {**principal("pat"), **headers})
    given = answer.headers["x-request-id"]
    assert (given == taken) if taken else given not in headers.values() and len(given) == 32
    assert lines.last()["correlation"] == given


async def test_two_calls_at_once_do_not_mix(backend: Backend, lines: Lines) -> None:
    ids = [f"id-{number}" for number in range(20)]
    answers = await asyncio.gather(*(call("GET", "chats", {**principal("p"), "x-request-id": one}) for one in ids))
    assert [answer.headers["x-request-id"] for answer in answers] == ids
    assert sorted(line["correlation"] for line in lines.all()) == sorted(ids)
    assert logs.correlation() == ""


async def test_an_event_is_named_with_its_connection_and_number(backend: Backend, lines: Lines) -> None:
    headers = event_headers("joinChat", "ann", "conn-7", text=True) | {"ce-id": "12"}
    answer = await call("POST", "eventHandler", headers, new_id().encode())
    line = lines.last()
    assert (line["correlation"], line["name"], line["refused"]) == ("conn-7.12", "joinChat", "ChatNotFound")
    assert (line["status"], answer.headers["x-request-id"]) == (200, "conn-7.12")
    await send_event("connect", {}, "ann", system=True)
    assert (lines.last()["name"], "refused" in lines.last()) == ("connect", False)


@pytest.mark.parametrize("system", [True, False])
async def test_the_name_of_an_event_that_does_not_exist_is_not_logged(
    backend: Backend, lines: Lines, system: bool
) -> None:
    await send_event("my password is 1234", {}, "ann", system=system)
    assert lines.last()["name"] == "unknown" and "1234" not in lines.caplog.text


def test_the_log_of_an_error_has_its_locations_and_not_its_message() -> None:
    try:
        try:
            int("a text")
        except ValueError as error:
            raise RuntimeError("another text") from error
    except RuntimeError as error:
        found = logs.origin(error)
    assert [one for one in found if one.isidentifier()] == ["ValueError", "RuntimeError"]
    assert any("tests/backend/wire/test_logs.py:" in place for place in found)
    assert "text" not in json.dumps(found).replace("test_the_log_of_an_error_has_its_locations_and_not_its_message", "")


def test_a_line_is_one_line_whatever_is_in_it() -> None:
    with logs.call("c"):
        logs.note(code="X")
        line = logs.line("a\nb", c='"}\r\n{')
    assert line.splitlines() == [line]
    assert json.loads(line) == {"what": "a\nb", "correlation": "c", "c": '"}\r\n{'}


@asynccontextmanager
async def recorded(target: str) -> AsyncIterator[tuple[str, list[tuple[str, str]]]]:
    """A proxy to ``target``: its URL, and (method, x-ms-client-request-id) of each forwarded request."""
    seen: list[tuple[str, str]] = []

    async def forward(request: web.Request) -> web.Response:
        seen.append((request.method, request.headers.get("x-ms-client-request-id", "")))
        async with http.request(
            request.method, f"{target}{request.raw_path}", headers=request.headers, data=await request.read()
        ) as response:
            kept = {name: value for name, value in response.headers.items() if name != "Transfer-Encoding"}
            return web.Response(status=response.status, headers=kept, body=await response.read())

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", forward)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    # A signature covers the content type, so none may be made up on the way.
    async with aiohttp.ClientSession(auto_decompress=False, skip_auto_headers=["Content-Type"]) as http:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}", seen
        finally:
            await runner.cleanup()


async def test_storage_and_web_pubsub_are_told_the_id_of_the_call(azurite: str, stand_in: str, lines: Lines) -> None:
    table = azurite.partition("TableEndpoint=")[2].rstrip(";").removesuffix("/devstoreaccount1")
    service = stand_in.partition("Endpoint=")[2].partition(";")[0]
    async with recorded(table) as (storage, stored), recorded(service) as (pubsub, sent):
        environment = {
            **ENVIRONMENT,
            "STORAGE_CONNECTION_STRING": azurite.replace(table, storage),
            "PUBSUB_CONNECTION_STRING": stand_in.replace(service, pubsub),
            "EVENT_HANDLER_AUTH": "secret",
            "EVENT_HANDLER_SECRET": SECRET,
        }
        clients = Clients(environment)
        process.use(clients.backend())
        headers = event_headers("createChat", "ann", "c9") | {"ce-id": "5"}
        answer = await call("POST", f"eventHandler?code={SECRET}", headers, {"id": new_id(), "name": "Tea"})
        assert answer.status == 204
        await clients.close()
        await process.close()
    assert {method for method, _ in stored} >= {"GET", "POST"} and sent
    assert {told for _, told in [*stored, *sent]} == {"c9.5"}
    # The SDKs would log the address of each, which names users and chats.
    assert [record.name for record in lines.caplog.records if record.name.startswith("azure")] == []


async def test_outside_a_call_the_sdks_own_id_stays(azurite: str) -> None:
    table = azurite.partition("TableEndpoint=")[2].rstrip(";").removesuffix("/devstoreaccount1")
    async with recorded(table) as (storage, stored):
        store = with_connection_string(azurite.replace(table, storage))
        await store.ping()
        await store.close()
    assert all(len(told) == 36 for _, told in stored) and stored
