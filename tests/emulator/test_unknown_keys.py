"""What a configuration says that nobody reads is told, with the name that was probably meant."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from emulator.__main__ import parser, settings_of, unread_variables
from emulator.configuration import BadConfiguration, read_file
from emulator.reload import Reload, stamp_of
from emulator.unknown_keys import WARNINGS_MAX
from tests.emulator.conftest import StandIn
from tests.running import running

ROOT = Path(__file__).resolve().parents[2]
HANDLER = {"UrlTemplate": "http://x/?code=hush", "EventPattern": "*"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


def hub(**entry: Any) -> dict[str, Any]:
    return {"Hubs": {"chat": entry}}


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"hubs": {"chat": {}}}, "WebPubSub.hubs is ignored: did you mean Hubs?"),
        ({"Hub": {"chat": {}}}, "WebPubSub.Hub is ignored: did you mean Hubs?"),
        ({"AcessKey": "k" * 40}, "WebPubSub.AcessKey is ignored: did you mean AccessKey?"),
        ({"Colour": 1}, "WebPubSub.Colour is ignored"),
        (hub(EventHandler=[HANDLER]), "WebPubSub.Hubs.chat.EventHandler is ignored: did you mean EventHandlers?"),
        (
            hub(EventHandlers=[HANDLER, {**HANDLER, "SystemEvent": ["connect"]}]),
            "WebPubSub.Hubs.chat.EventHandlers[1].SystemEvent is ignored: did you mean SystemEvents?",
        ),
        (
            hub(EventHandlers=[{**HANDLER, "Auth": {"type": "ManagedIdentity"}}]),
            "WebPubSub.Hubs.chat.EventHandlers[0].Auth.type is ignored: did you mean Type?",
        ),
        (
            hub(EventListeners=[{"EventHubName": "x"}]),
            "WebPubSub.Hubs.chat.EventListeners is not supported and is ignored",
        ),
    ],
)
def test_a_key_that_is_not_read_is_told_with_the_one_that_was_meant(
    file: Path, section: dict[str, Any], said: str
) -> None:
    file.write_text(json.dumps({"WebPubSub": section}))
    (warning,) = read_file(file).warnings
    assert warning == f"{file}: {said}"


def test_what_microsofts_emulator_has_beside_it_is_passed_over_without_a_word(file: Path) -> None:
    section = {**hub(EventHandlers=[HANDLER], EventListeners=[]), "Limits": {"Connections": 5}, "Identity": {}}
    file.write_text(json.dumps({"WebPubSub": section, "Logging": {}, "Kestrel": {"Endpoints": {}}}))
    assert read_file(file).warnings == ()


def test_many_unknown_keys_are_a_bounded_number_of_lines(file: Path) -> None:
    file.write_text(json.dumps({"WebPubSub": {f"x{number}": 1 for number in range(1000)}}))
    warnings = read_file(file).warnings
    assert len(warnings) == WARNINGS_MAX + 1 and "980 more keys" in warnings[-1]


@pytest.mark.parametrize(
    ("whole", "meant"),
    [
        ({"webPubSub": {}}, "did you mean WebPubSub?"),
        ({"WebPubSub": {"Limits": {"Conections": 5}}}, "did you mean Connections?"),
        ({"WebPubSub": {"Identity": {"Tenant": "x"}}}, "did you mean TenantId?"),
        ({"WebPubSub": hub(EventHandlers=[{"urlTemplate": "http://x/"}])}, "did you mean UrlTemplate?"),
    ],
)
def test_a_mistake_that_stops_it_names_what_was_meant_too(file: Path, whole: dict[str, Any], meant: str) -> None:
    file.write_text(json.dumps(whole))
    with pytest.raises(BadConfiguration) as mistake:
        read_file(file)
    assert str(mistake.value).endswith(meant)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--limit", "Conections=5"], "did you mean Connections?"),
        (["--limit", "Connections=many"], "Connections=many"),
        (["--user-events", "hello"], "--event-handler"),
        (["--system-events", "connect"], "--event-handler"),
    ],
)
def test_an_option_without_effect_is_a_mistake(options: list[str], said: str) -> None:
    with pytest.raises(BadConfiguration, match=said.replace("?", r"\?")):
        settings_of(parser().parse_args(options))


def test_a_handler_that_takes_no_event_is_told_without_the_query_of_its_url(file: Path) -> None:
    file.write_text(json.dumps({"WebPubSub": hub(EventHandlers=[{"UrlTemplate": "http://x/?code=hush"}])}))
    for options in (
        ["--config", str(file)],
        ["--hub", "chat", "--event-handler", "http://x/?code=hush", "--user-events", "", "--system-events", ""],
    ):
        (warning,) = settings_of(parser().parse_args(options)).warnings
        assert warning.startswith("hub chat: 'http://x/' takes no events") and "hush" not in warning


def test_variables_that_microsofts_emulator_reads_are_told_not_to_be_read() -> None:
    (warning,) = unread_variables(["PATH", "WebPubSub__AccessKey", "WebPubSubConnectionString__serviceUri"])
    assert "WebPubSub__AccessKey is ignored" in warning


def test_the_command_says_it_and_starts_and_says_it_again_of_a_file_that_was_read_again(
    file: Path, emulator: StandIn
) -> None:
    file.write_text(json.dumps({"WebPubSub": {"hubs": {}}}))
    with running([sys.executable, "-m", "emulator", "--port", "0", "--config", str(file)], cwd=ROOT) as server:
        server.wait_until(lambda output: "Endpoint=" in output and "did you mean Hubs?" in output)
    reload = Reload(file, stamp_of(file), lambda: read_file(file), lambda _: None, emulator.server.service.log)
    file.write_text(json.dumps({"WebPubSub": {"Hub": {}, "AccesKey": ""}}))
    reload.look()
    said = emulator.log.getvalue()
    assert "Warning: " in said and "Hub is ignored" in said and "did you mean AccessKey?" in said
