"""Section 2.1, preview: ``invoke`` and its answer, in the form that the JavaScript SDK 1.1.0 speaks."""

from typing import Any

import pytest
from aiohttp import web

from tests.emulator.clients import RELIABLE, connected
from tests.emulator.conftest import StandIn
from tests.emulator.webhook import Webhook

INVOKE: dict[str, Any] = {"type": "invoke", "invocationId": "7", "target": "event", "event": "add"}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (web.json_response([3]), {"dataType": "json", "data": [3]}),
        (web.Response(text="three"), {"dataType": "text", "data": "three"}),
        (
            web.Response(body=b"\x00\xff", content_type="application/octet-stream"),
            {"dataType": "binary", "data": "AP8="},
        ),
        (web.Response(status=204), {}),
    ],
)
async def test_the_handlers_answer_comes_back_under_the_invocations_id(
    hooked: StandIn, hook: Webhook, answer: web.Response, told: dict[str, Any]
) -> None:
    hook.answer = lambda r: answer if r.event == "add" else web.Response(status=204)
    # Sequence ids count messages, and this is none.
    async with connected(hooked.endpoint, RELIABLE) as client:
        received = await client.ask(**INVOKE, dataType="json", data=[1, 2], metadata={"trace": "t"})
        assert received == {"type": "invokeResponse", "invocationId": "7", "success": True, **told}
    [event] = hook.events("add")
    assert (event.headers["Content-Type"], event.body) == ("application/json", b"[1, 2]")
    assert event.headers["ce-type"] == "azure.webpubsub.user.add"
    assert event.headers["x-webpubsub-metadata-trace"] == "t"


async def test_without_data_the_handler_gets_null(hooked: StandIn, hook: Webhook) -> None:
    async with connected(hooked.endpoint) as client:
        assert (await client.ask(**INVOKE))["success"]
    [event] = hook.events("add")
    assert (event.headers["Content-Type"], event.body) == ("application/json", b"null")


async def test_a_failure_is_told_and_the_connection_stays(endpoint: str) -> None:
    async with connected(endpoint) as client:
        assert await client.ask(**INVOKE, dataType="json", data=1) == {
            "type": "invokeResponse",
            "invocationId": "7",
            "success": False,
            "error": {"name": "InternalServerError", "message": "Internal server error"},
        }
        await client.silent()


async def test_messages_behind_an_invocation_keep_their_order(hooked: StandIn, hook: Webhook) -> None:
    async with connected(hooked.endpoint) as client:
        for number in range(5):
            await client.send(**{**INVOKE, "invocationId": str(number)})
            await client.send(type="cancelInvocation", invocationId=str(number))
            await client.send(type="ping")
        answers = [await client.receive() for _ in range(10)]
    assert [answer.get("invocationId", "pong") for answer in answers] == [
        part for number in range(5) for part in (str(number), "pong")
    ]


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ({"type": "invoke", "event": "e"}, "invocationId"),
        ({"type": "invoke", "invocationId": "", "event": "e"}, "invocationId"),
        ({"type": "invoke", "invocationId": "7"}, "event"),
        ({**INVOKE, "target": "group"}, "target"),
        ({**INVOKE, "dataType": "text", "data": 5}, "data"),
        ({"type": "cancelInvocation"}, "invocationId"),
    ],
)
async def test_bad_input_closes_with_1007_and_names_the_field(
    endpoint: str, message: dict[str, Any], named: str
) -> None:
    async with connected(endpoint) as client:
        await client.send(**message)
        code, reason = await client.closed()
        assert code == 1007
        assert named in reason
