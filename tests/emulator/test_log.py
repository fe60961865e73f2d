"""The log: what its JSON lines may hold is documented, and neither form ever holds a token, a text or a query."""

import ast
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from emulator.configuration import SYSTEM_EVENTS, Settings, event_handler
from emulator.log import LINE_MAX_CHARACTERS, Format, Log
from emulator.redaction import redacted
from emulator.server import Server
from tests.emulator.clients import RELIABLE, client_token, connected, recovered, simple, status_of_connect
from tests.emulator.conftest import QUICK
from tests.emulator.rest import Rest, body_of
from tests.emulator.webhook import Webhook

ROOT = Path(__file__).resolve().parents[2]
SECRET = "hush"
# What the service adds to every line about a connection.
OF_A_CONNECTION = {"hub", "connection", "user"}


def calls() -> Iterator[ast.Call]:
    """Every call in the stand-in that writes a line."""
    for path in (ROOT / "emulator").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                of_log = "log" in ast.unparse(node.func.value)
                if (node.func.attr == "write" and of_log) or node.func.attr == "_log":
                    yield node


def documented() -> tuple[set[str], set[str]]:
    """The names of fields and of events that docs/emulator.md lists."""
    text = (ROOT / "docs" / "emulator.md").read_text()
    passage = text[text.index("With `--log-format json`") : text.index("## Configuration file")]
    fields, _, events = passage.partition("Events:")
    names = re.compile(r"`(\w+)`")
    return set(names.findall(fields)) - {"json"}, set(names.findall(events))


def test_the_document_lists_every_event_and_every_field_and_no_other() -> None:
    events, fields = set(), {"time", "event", "text"} | OF_A_CONNECTION
    for call in calls():
        first = call.args[0]
        if isinstance(first, ast.Constant):
            events.add(first.value)
        fields |= {keyword.arg for keyword in call.keywords if keyword.arg}
    assert documented() == (fields, events)


def test_a_line_cannot_be_broken_or_endless_in_either_form() -> None:
    forms: tuple[Format, ...] = ("text", "json")
    for form in forms:
        stream = io.StringIO()
        Log(stream, form=form).write("joined", "a\nb\u2028c" + "x" * 1000, group="a\nb\ud800", user=None, bytes=5)
        assert stream.getvalue().count("\n") == 1 and len(stream.getvalue()) < LINE_MAX_CHARACTERS + 150
        assert stream.getvalue().splitlines() == [stream.getvalue()[:-1]]
    line = json.loads(stream.getvalue())
    assert (line["group"], line["bytes"], "user" in line) == ("a\nb\ud800", 5, False)


@pytest.mark.parametrize("form", ["text", "json"])
async def test_no_line_holds_a_token_a_text_or_a_query(hook: Webhook, form: Format) -> None:
    stream = io.StringIO()
    url = f"{hook.url}&more={SECRET}"
    settings = Settings(handlers={"chat": (event_handler(url, "*", SYSTEM_EVENTS),)}, limits=QUICK)
    log_of = Log(stream, verbose=True, form=form)
    async with Server(settings, log_of, port=0) as server, aiohttp.ClientSession() as session:
        await speak(server.endpoint, hook, Rest(server.endpoint, session))
    log = stream.getvalue()
    for said in ("joined", "published", "answered 400", "ended: ", "400 Error.BadRequest", "refused with 401"):
        assert said in log
    assert SECRET not in log and "code=" not in log and "eyJ" not in log


async def speak(endpoint: str, hook: Webhook, rest: Rest) -> None:
    """Says the secret wherever a caller can say something."""
    text = body_of(SECRET.encode())
    async with connected(endpoint, RELIABLE) as client:
        await client.join("g")
        await client.ask(type="sendToGroup", group="g", data=SECRET, ackId=1, metadata={"k": SECRET})
        await client.receive()
        hook.answer = lambda _: web.Response(text=SECRET)
        await client.ask(type="event", event="hello", data=SECRET, ackId=2)
        await client.receive()
        hook.answer = lambda _: web.Response(status=400, text=SECRET)
        await client.ask(type="event", event="hello", data=SECRET, ackId=3)
        hook.answer = lambda _: web.Response(status=204)
        for query in ("", f"?filter={SECRET}", f"?filter='{SECRET}'", f"?messageTtlSeconds={SECRET}", f"?x={SECRET}"):
            await rest("POST", f":send{query}", **text)
        client.cut()
        async with recovered(endpoint, client, token=f"{SECRET}.{SECRET}") as again:
            await again.closed()
    async with connected(endpoint) as client:
        await client.send(type="sendToGroup", group="g", dataType="binary", data=SECRET + "!")
        await client.closed()
    async with simple(endpoint, f"x={SECRET}") as raw:
        await raw.socket.send_str(SECRET)
    for token in (SECRET, client_token(endpoint, role=[f"webpubsub.sendToGroups.{'*' * 6}{SECRET}"])):
        await status_of_connect(f"{endpoint}/client/hubs/chat?access_token={token}&x={SECRET}")
    await rest.raw("GET", f"{endpoint}/nowhere?{SECRET}", {"Authorization": f"Bearer {SECRET}"})
    await rest.raw("POST", f"{endpoint}/api/hubs/chat/:send?{SECRET}", {"Authorization": f"Bearer {SECRET}"})


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://backend/api/chat?code=hush#hush", "https://backend/api/chat"),
        ("http://ada:hush@localhost:7071/api", "http://localhost:7071/api"),
        ("http://[::1]:7071/api", "http://[::1]:7071/api"),
    ],
)
def test_a_handler_is_named_by_its_url_without_secrets(address: str, shown: str) -> None:
    assert redacted(address) == shown
