"""The logs of a whole run: one id finds a call in all of them, and none has message texts or secrets."""

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from shared.wire.events import FROM_BROWSER
from tests.stack import Person, Stack, guest, provider_cookie, session, started
from tests.system.chatr_client import ChatrClient

# A word that occurs in everything that people write.
WORD = "Xyzzy"
SECRETS = {
    "EVENT_HANDLER_SECRET": "webhook-secret-0123456789abcdefghi",
    "GUEST_SIGNING_KEY": "signing-secret-0123456789abcdefghi",
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    environment = {"EVENT_HANDLER_AUTH": "signature,secret", **SECRETS}
    with started(tmp_path_factory.mktemp("logged"), environment) as running:
        yield running


def calls(log: str) -> list[dict[str, Any]]:
    """The lines with which the backend ends each call."""
    return [json.loads(found) for found in re.findall(r'(\{"what":"call".*\})', log)]


async def test_an_id_from_the_browser_passes_the_front_door_and_comes_back(stack: Stack) -> None:
    sent = str(uuid.uuid4())
    async with session() as http, http.get(f"{stack.url}/api/me", headers={"x-request-id": sent}) as response:
        assert (response.status, response.headers["x-request-id"]) == (401, sent)
    [line] = stack.server.wait_until(lambda log: [call for call in calls(log) if call["correlation"] == sent])
    assert (line["route"], line["status"], line["code"]) == ("me", 401, "NotSignedIn")


async def test_the_service_and_the_backend_call_an_event_by_one_id(stack: Stack) -> None:
    chat_id = str(uuid.uuid4())
    async with session() as http:
        person = await guest(http, stack.url, "Ann")
        async with ChatrClient.connected(person) as client:
            await client.event("createChat", {"id": chat_id, "name": "Tea"})
    find = re.compile(r"^pubsub .*: createChat (\S+) to ", re.MULTILINE)

    def agreed(log: str) -> bool:
        logged = [call["correlation"] for call in calls(log) if call.get("name") == "createChat"]
        return bool(logged) and find.findall(log) == logged

    assert stack.server.wait_until(agreed)


async def test_nobodys_words_and_no_secret_are_logged(stack: Stack) -> None:
    async with session() as http:
        person = await guest(http, stack.url, f"{WORD} Ann")
        token = str((await person.get("getToken"))["token"])
        cookie = next(iter(http.cookie_jar)).value
        await talk(person)
        await ask(person)
    async with session() as other:
        other.cookie_jar.update_cookies(provider_cookie("pat", f"{WORD} Pat"))
        await ask(Person(other, stack.url, "pat", WORD))
    await settled(stack)
    log = stack.log()
    assert {event.name for event in FROM_BROWSER} <= {call.get("name") for call in calls(log)}
    planted = [*SECRETS.values(), cookie, token]
    assert [secret for secret in planted if secret in log] == []
    assert [line for line in log.splitlines() if WORD.lower() in line.lower()] == []


async def settled(stack: Stack) -> None:
    """Waits until the backend's lines for all answered calls have passed through the stack's pipes."""
    mark = str(uuid.uuid4())
    async with session() as http, http.get(f"{stack.url}/api/me", headers={"x-request-id": mark}):
        stack.server.wait_until(lambda log: mark in log)


async def talk(person: Person) -> None:
    """Sends the word in every field of every event, allowed or not, and in malformed frames."""
    chat_id, message_id = str(uuid.uuid4()), str(uuid.uuid4())
    right = {
        "createChat": {"id": chat_id, "name": f"{WORD} garden"},
        "saveMessage": {"chatId": chat_id, "id": message_id, "message": f"{WORD}!"},
        "editMessage": {"chatId": chat_id, "id": message_id, "message": f"{WORD}?"},
    }
    async with ChatrClient.connected(person) as client:
        for name, data in right.items():
            await client.event(name, data)
        await client.send({"type": "sendToGroup", "group": chat_id, "dataType": "text", "data": WORD, "ackId": 9_001})
        for event in FROM_BROWSER:
            fields = {field: f"{WORD} {field}" for field in ("chatId", "id", "name", "message", "userName", "emoji")}
            await client.event(event.name, fields)
            await client.event(event.name, f"{WORD} as text")
        await client.event("noSuchEvent", {"data": WORD})
        await client.socket.send_str(f'{{"type": "{WORD}"')


async def ask(person: Person) -> None:
    """Sends the word in every part of a request that can contain text."""
    headers = {"authorization": f"Bearer {WORD}", "x-ms-client-principal": WORD, "x-request-id": f"{WORD} id"}
    for path in ("getToken?userId=", "chats?after=", "users?after=", "me?x=", "search?q=", "eventHandler?code="):
        async with person.http.get(f"{person.url}/api/{path}{WORD}", headers=headers) as response:
            assert response.status < 500
    for body in (f"{WORD}{{", json.dumps({"userName": [WORD]}), json.dumps({"userName": WORD * 20}), WORD):
        async with person.http.post(f"{person.url}/api/guest", data=body, headers=headers) as response:
            assert response.status == 400
        async with person.http.post(
            f"{person.url}/api/eventHandler?code={WORD}", data=body, headers=headers
        ) as response:
            assert response.status == 401
