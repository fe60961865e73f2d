"""The configuration file is read again when it changes, and nobody is disconnected by that."""

import json
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from emulator.auth import signature
from emulator.configuration import DEFAULT_ACCESS_KEY, Settings, read_file
from emulator.reload import Reload, stamp_of
from tests.emulator.clients import client_token, connected, rest_token, status_of_connect
from tests.emulator.conftest import StandIn
from tests.emulator.webhook import Webhook
from tests.running import running

ROOT = Path(__file__).resolve().parents[2]


def write(file: Path, hook: Webhook | None = None, **section: Any) -> None:
    """Replaces the file, as editors do."""
    handlers = [{"UrlTemplate": hook.url, "EventPattern": "*"}] if hook else []
    new = file.with_suffix(".new")
    new.write_text(json.dumps({"WebPubSub": {"Hubs": {"chat": {"EventHandlers": handlers}}, **section}}))
    new.replace(file)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write(tmp_path / "settings.json")
    return tmp_path / "settings.json"


async def test_new_handlers_and_limits_count_at_once_and_clients_stay(
    emulator: StandIn, file: Path, hook: Webhook
) -> None:
    server = emulator.server
    reload = Reload(file, stamp_of(file), lambda: read_file(file), server.apply, server.service.log)
    async with connected(emulator.endpoint) as client:
        answer = await client.ask(type="event", event="hello", dataType="text", data="x", ackId=1)
        assert not answer["success"]
        write(file, hook, Limits={"Connections": 7})
        reload.look()
        answer = await client.ask(type="event", event="hello", dataType="text", data="x", ackId=2)
        assert answer["success"] and len(hook.events("hello")) == 1
        assert server.service.settings.limits.connections == 7


def test_a_file_that_did_not_change_is_not_read(file: Path, emulator: StandIn) -> None:
    applied: list[Settings] = []
    reload = Reload(file, stamp_of(file), lambda: read_file(file), applied.append, emulator.server.service.log)
    reload.look()
    assert applied == []
    write(file, SecondaryAccessKey="s" * 40)
    for _ in range(2):
        reload.look()
    assert [settings.access_keys[1] for settings in applied] == ["s" * 40]


@pytest.mark.parametrize("broken", ["{", '{"WebPubSub": {"AccessKey": "short"}}', None])
def test_a_broken_or_missing_file_is_one_line_and_the_earlier_settings_stay(
    file: Path, emulator: StandIn, broken: str | None
) -> None:
    applied: list[Settings] = []
    reload = Reload(file, stamp_of(file), lambda: read_file(file), applied.append, emulator.server.service.log)
    before = emulator.log.getvalue().count("\n")
    if broken is None:
        file.unlink()
    else:
        file.write_text(broken)
    for _ in range(2):
        reload.look()
    assert applied == [] and emulator.log.getvalue().count("\n") == before + 1
    assert "the previous configuration stays in effect: " in emulator.log.getvalue()
    write(file)
    reload.look()
    assert len(applied) == 1


async def test_new_keys_count_at_once_and_earlier_ones_no_more(emulator: StandIn, file: Path, hook: Webhook) -> None:
    server, new = emulator.server, "n" * 40
    reload = Reload(file, stamp_of(file), lambda: read_file(file), server.apply, server.service.log)
    url = f"{emulator.endpoint}/api/hubs/chat/users/u"
    async with connected(emulator.endpoint) as client, aiohttp.ClientSession() as session:
        write(file, hook, AccessKey=new)
        reload.look()
        for key, rest_status, connect_status in ((new, 404, None), (DEFAULT_ACCESS_KEY, 401, 401)):
            async with session.head(url, headers=rest_token(url, key)) as answer:
                assert answer.status == rest_status
            token = client_token(emulator.endpoint, key=key)
            if connect_status is not None:
                address = f"{emulator.endpoint}/client/hubs/chat?access_token={token}"
                assert (await status_of_connect(address))[0] == connect_status
        await client.ask(type="event", event="hello", dataType="text", data="x", ackId=1)
        assert hook.events("hello")[0].headers["ce-signature"] == signature(client.id, [new])


async def test_new_hubs_and_lower_quotas_count_at_once(emulator: StandIn, file: Path, hook: Webhook) -> None:
    server = emulator.server
    reload = Reload(file, stamp_of(file), lambda: read_file(file), server.apply, server.service.log)
    async with connected(emulator.endpoint, hub="chat") as client:
        handlers = [{"UrlTemplate": hook.url, "SystemEvents": ["connected"]}]
        write(file, Hubs={"other": {"EventHandlers": handlers}}, Limits={"Connections": 2})
        reload.look()
        async with connected(emulator.endpoint, hub="other"):
            (request,) = await hook.wait_for("connected")
            assert request.headers["ce-hub"] == "other"
            address = f"{emulator.endpoint}/client/hubs/chat?access_token={client_token(emulator.endpoint)}"
            assert (await status_of_connect(address))[0] == 429
            await client.silent()


def test_what_changed_since_the_first_reading_is_noticed_at_the_first_look(file: Path, emulator: StandIn) -> None:
    applied: list[Settings] = []
    seen = stamp_of(file)
    write(file, SecondaryAccessKey="s" * 40)
    Reload(file, seen, lambda: read_file(file), applied.append, emulator.server.service.log).look()
    assert len(applied) == 1


@pytest.mark.parametrize(
    "handler",
    [
        {"UrlTemplate": "ftp://x/?code=secret"},
        {"UrlTemplate": "http://x/{what}?code=secret"},
        {"UrlTemplate": "http://x/?code=secret", "Auth": {"Type": "ManagedIdentity"}},
    ],
)
def test_a_mistake_is_named_without_the_query_of_a_url(file: Path, emulator: StandIn, handler: dict[str, Any]) -> None:
    applied: list[Settings] = []
    reload = Reload(file, stamp_of(file), lambda: read_file(file), applied.append, emulator.server.service.log)
    write(file, Hubs={"chat": {"EventHandlers": [handler]}})
    reload.look()
    said = emulator.log.getvalue().splitlines()[-1]
    assert "the previous configuration stays in effect: " in said and "//x/" in said and "secret" not in said


def test_the_command_follows_its_file(file: Path) -> None:
    with running([sys.executable, "-m", "emulator", "--port", "0", "--config", str(file)], cwd=ROOT) as server:
        server.wait_until(lambda output: "see what happens at" in output)
        write(file, Limits={"Connections": 7})
        server.wait_until(lambda output: f"{file} was reloaded" in output)
