"""The configuration file is read again when it changes, and nobody is disconnected by that."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from emulator.configuration import Settings, read_file
from emulator.reload import Reload
from tests.emulator.clients import connected
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
    reload = Reload(file, lambda: read_file(file), server.apply, server.service.log)
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
    reload = Reload(file, lambda: read_file(file), applied.append, emulator.server.service.log)
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
    reload = Reload(file, lambda: read_file(file), applied.append, emulator.server.service.log)
    before = emulator.log.getvalue().count("\n")
    if broken is None:
        file.unlink()
    else:
        file.write_text(broken)
    for _ in range(2):
        reload.look()
    assert applied == [] and emulator.log.getvalue().count("\n") == before + 1
    assert "the earlier configuration stays: " in emulator.log.getvalue()
    write(file)
    reload.look()
    assert len(applied) == 1


def test_the_command_follows_its_file(file: Path) -> None:
    with running([sys.executable, "-m", "emulator", "--port", "0", "--config", str(file)], cwd=ROOT) as server:
        server.wait_until(lambda output: "look into it at" in output)
        write(file, Limits={"Connections": 7})
        server.wait_until(lambda output: f"{file} was read again" in output)
