"""Schemathesis reads the description of the routes from the running backend, and calls them with generated input.

It checks that responses are described, have the right type and schema, and are never a 5xx; that input which violates
the description is refused and valid input is not; and that invalid credentials are refused.
"""

import asyncio
import json
import sys
import uuid
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

from shared.http.api import ROUTES
from tests.backend.function_calls import event_headers
from tests.fuzzing.conftest import SECRET, Server
from tests.stack import guest, session

EXAMPLES = 20
# The Functions host always answers a wrong method with 404, not with 405.
CONFIGURATION = """
[checks]
unsupported_method.enabled = false

# That one of two may be given is more than a description of parameters can say.
[[operations]]
include-name = "GET /chats/{id}/messages"
parameters."path.id" = "CHAT"
checks.positive_data_acceptance.enabled = false

[[operations]]
include-name = "GET /chats/{id}/members"
parameters."path.id" = "CHAT"

[[operations]]
include-name = "GET /chats/{id}/export"
parameters."path.id" = "CHAT"

# Which signs do something where they stand in a name is more than a pattern can say.
[[operations]]
include-name = "POST /guest"
checks.positive_data_acceptance.enabled = false

# Only this hub's events are ours.
[[operations]]
include-name = "POST /eventHandler"
parameters."header.ce-hub" = "chat"

[[operations]]
include-name = "OPTIONS /eventHandler"
parameters."header.webhook-request-origin" = "localhost"
"""
SIGNED_IN = """
[auth.openapi.guest]
api_key = "COOKIE"

[auth.openapi.secret]
api_key = "SECRET"
"""


async def fuzz(server: Server, configuration: str, folder: Path) -> None:
    """Fails with the report of Schemathesis."""
    path = folder / "schemathesis.toml"
    path.write_text(configuration)
    options = ["--max-examples", str(EXAMPLES), "--phases", "coverage,fuzzing", "--generation-deterministic"]
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(path), "run", "--no-color", *options]
    address = f"{server.url}/api/openapi.json"
    process = await asyncio.create_subprocess_exec(*command, address, cwd=folder, stdout=PIPE, stderr=STDOUT)
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()


async def test_whoever_is_signed_in_finds_every_route_as_described(server: Server, tmp_path: Path) -> None:
    configuration = CONFIGURATION + SIGNED_IN
    for name, value in (await signed_in_with_a_chat(server)).items():
        configuration = configuration.replace(name, value)
    before = len(server.calls())
    await fuzz(server, configuration, tmp_path)
    succeeded = {(call["method"], call["route"]) for call in server.calls()[before:] if call["status"] < 300}
    assert succeeded == {(route.method, route.path) for route in ROUTES}


async def signed_in_with_a_chat(server: Server) -> dict[str, str]:
    """The variables for the configuration."""
    chat_id = str(uuid.uuid4())
    async with session() as http:
        person = await guest(http, server.url, "Ann")
        hook, headers = (
            f"{server.url}/api/eventHandler?code={SECRET}",
            event_headers("createChat", person.user_id, "c1"),
        )
        async with http.post(hook, data=json.dumps({"id": chat_id, "name": "Tea"}), headers=headers) as response:
            assert response.status == 204
        cookie = next(iter(http.cookie_jar)).value
    return {"CHAT": chat_id, "COOKIE": cookie, "SECRET": SECRET}


async def test_whoever_is_not_signed_in_finds_every_route_as_described(server: Server, tmp_path: Path) -> None:
    before = len(server.calls())
    await fuzz(server, CONFIGURATION, tmp_path)
    answered = {(call["method"], call["route"], call["status"]) for call in server.calls()[before:]}
    closed = {(route.method, route.path) for route in ROUTES if route.who != "anyone"}
    assert {(method, route) for method, route, status in answered if status == 401} == closed
    assert not {(method, route) for method, route, status in answered if status < 400} & closed
