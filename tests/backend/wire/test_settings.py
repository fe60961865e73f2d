"""Settings: which are valid, and that an invalid one is named with what it should look like."""

import json
from pathlib import Path

import pytest

from shared.settings import BadSettings, read_settings
from tests.backend.stage import ENVIRONMENT

SAMPLE = json.loads((Path(__file__).parents[3] / "local.settings.sample.json").read_text())["Values"]


def test_the_sample_works_unedited() -> None:
    settings = read_settings(SAMPLE)
    assert (settings.hub, settings.pubsub_endpoint, settings.presence) == ("chat", "http://localhost:8080", "everyone")
    assert settings.event_checks == {"signature"} and settings.allow_guests and settings.trust_swa_principal


def test_what_is_not_set_has_a_safe_default() -> None:
    settings = read_settings(
        {"PUBSUB_ENDPOINT": "https://x.webpubsub.azure.com/", "STORAGE_ACCOUNT_NAME": "chatrstorage"}
    )
    assert settings.pubsub_endpoint == "https://x.webpubsub.azure.com"
    assert not (settings.trust_swa_principal or settings.allow_guests or settings.event_checks)
    assert (settings.guests_per_minute, settings.calls_per_minute) == (60, 1200)
    assert settings.connections_per_user == int(SAMPLE["CONNECTIONS_PER_USER"]) == 20


GUID = "00000000-0000-4000-8000-000000000000"
ENTRA = {"EVENT_HANDLER_AUTH": "entra", "EVENT_HANDLER_AUDIENCE": "a"}
SERVICE = "Endpoint=https://x.webpubsub.azure.com;AccessKey=key;Version=1.0;"

WRONG = [
    ({"PUBSUB_HUB": "1chat"}, "PUBSUB_HUB"),
    ({"PUBSUB_CONNECTION_STRING": "", "EVENT_HANDLER_AUTH": ""}, "PUBSUB_CONNECTION_STRING or PUBSUB_ENDPOINT"),
    ({"PUBSUB_CONNECTION_STRING": "Endpoint=localhost"}, "PUBSUB_CONNECTION_STRING"),
    ({"PUBSUB_CONNECTION_STRING": "Endpoint=http://[;AccessKey=k"}, "PUBSUB_CONNECTION_STRING"),
    ({"PUBSUB_CONNECTION_STRING": "Endpoint=http://me:pw@localhost;AccessKey=k"}, "PUBSUB_CONNECTION_STRING"),
    ({"PUBSUB_CONNECTION_STRING": "", "PUBSUB_ENDPOINT": "http://x.net", "EVENT_HANDLER_AUTH": ""}, "PUBSUB_ENDPOINT"),
    ({"PUBSUB_CLIENT_ENDPOINT": "wss://chat example"}, "PUBSUB_CLIENT_ENDPOINT"),
    ({"PUBSUB_CONNECTION_STRING": "", "PUBSUB_ENDPOINT": "x.net", "EVENT_HANDLER_AUTH": ""}, "PUBSUB_ENDPOINT"),
    ({"PUBSUB_CONNECTION_STRING": "", "PUBSUB_ENDPOINT": "https://x.net"}, "EVENT_HANDLER_AUTH can include signature"),
    ({"PUBSUB_CLIENT_ENDPOINT": "https://chat.example.net"}, "PUBSUB_CLIENT_ENDPOINT"),
    ({"PUBSUB_CLIENT_ENDPOINT": "wss://chat.example.net/path"}, "PUBSUB_CLIENT_ENDPOINT"),
    ({"STORAGE_CONNECTION_STRING": ""}, "STORAGE_CONNECTION_STRING or STORAGE_ACCOUNT_NAME"),
    ({"STORAGE_CONNECTION_STRING": "nonsense"}, "STORAGE_CONNECTION_STRING"),
    ({"STORAGE_CONNECTION_STRING": "AccountName=a;AccountKey=not base64"}, "STORAGE_CONNECTION_STRING"),
    ({"STORAGE_CONNECTION_STRING": "AccountName=a;AccountKey=a2V5;TableEndpoint=junk"}, "STORAGE_CONNECTION_STRING"),
    (
        {"STORAGE_CONNECTION_STRING": "AccountName=a;AccountKey=a2V5;TableEndpoint=http://["},
        "STORAGE_CONNECTION_STRING",
    ),
    ({"STORAGE_CONNECTION_STRING": "AccountName=a;TableEndpoint=http://x/a"}, "STORAGE_CONNECTION_STRING"),
    ({"STORAGE_CONNECTION_STRING": "AccountName=a b;AccountKey=a2V5"}, "STORAGE_CONNECTION_STRING"),
    ({"STORAGE_ACCOUNT_NAME": "No_Account"}, "STORAGE_ACCOUNT_NAME"),
    ({"EVENT_HANDLER_AUTH": "signature, magic"}, "EVENT_HANDLER_AUTH"),
    ({"EVENT_HANDLER_AUTH": "secret", "EVENT_HANDLER_SECRET": "short"}, "EVENT_HANDLER_SECRET"),
    ({**ENTRA, "EVENT_HANDLER_TENANT": GUID}, "EVENT_HANDLER_PRINCIPAL"),
    ({**ENTRA, "EVENT_HANDLER_TENANT": "a.onmicrosoft.com", "EVENT_HANDLER_PRINCIPAL": GUID}, "EVENT_HANDLER_TENANT"),
    ({**ENTRA, "EVENT_HANDLER_TENANT": GUID, "EVENT_HANDLER_PRINCIPAL": "chatr-pubsub"}, "EVENT_HANDLER_PRINCIPAL"),
    ({"TRUST_SWA_PRINCIPAL": "yes"}, "TRUST_SWA_PRINCIPAL"),
    ({"FRONT_DOOR_SECRET": "short"}, "FRONT_DOOR_SECRET must have at least 16 characters"),
    ({"ALLOW_GUESTS": "1"}, "ALLOW_GUESTS"),
    (
        {"EVENT_HANDLER_AUTH": "secret", "EVENT_HANDLER_SECRET": "s" * 16, "EVENT_HANDLER_SECRET_BEFORE": "short"},
        "EVENT_HANDLER_SECRET_BEFORE must have at least 16",
    ),
    ({"GUEST_SIGNING_KEY": "short"}, "GUEST_SIGNING_KEY"),
    ({"GUEST_SIGNING_KEY_BEFORE": "short"}, "GUEST_SIGNING_KEY_BEFORE must have at least 32"),
    (
        {"PUBSUB_CONNECTION_STRING": SERVICE, "GUEST_SIGNING_KEY": SAMPLE["GUEST_SIGNING_KEY"]},
        "GUEST_SIGNING_KEY must be a key of your own",
    ),
    (
        {
            "PUBSUB_CONNECTION_STRING": SERVICE,
            "GUEST_SIGNING_KEY": "k" * 32,
            "GUEST_SIGNING_KEY_BEFORE": SAMPLE["GUEST_SIGNING_KEY"],
        },
        "GUEST_SIGNING_KEY must be a key of your own",
    ),
    ({"GUESTS_PER_MINUTE": "0"}, "GUESTS_PER_MINUTE must be a whole number from 1 to 999999"),
    ({"CALLS_PER_MINUTE": "a few"}, "CALLS_PER_MINUTE must be a whole number from 1 to 999999"),
    ({"PRESENCE": "sometimes"}, "PRESENCE"),
    *(
        ({"CONNECTIONS_PER_USER": wrong}, "CONNECTIONS_PER_USER must be a whole number from 1 to 100.")
        for wrong in ("0", "-1", "101", "many", "1.5", "²", "9" * 5_000)
    ),
]


STORAGES = [
    "UseDevelopmentStorage=true;",
    "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a2V5;EndpointSuffix=core.windows.net",
    "AccountName=a;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:10002/a;",
    "TableEndpoint=https://a.table.core.windows.net/;SharedAccessSignature=sv=2022&sig=x",
]


@pytest.mark.parametrize("connection", STORAGES)
def test_every_kind_of_storage_connection_string_is_taken(connection: str) -> None:
    chosen = {**ENVIRONMENT, "STORAGE_CONNECTION_STRING": connection}
    assert read_settings(chosen).storage_connection_string == connection


@pytest.mark.parametrize(("change", "named"), WRONG)
def test_a_wrong_setting_is_named_and_nothing_else(change: dict[str, str], named: str) -> None:
    with pytest.raises(BadSettings) as raised:
        read_settings({**ENVIRONMENT, **change})
    assert len(raised.value.problems) == 1 and named in raised.value.problems[0]


def test_all_that_is_wrong_is_named_at_once_without_quoting_values() -> None:
    with pytest.raises(BadSettings) as raised:
        read_settings({"PRESENCE": "hush-hush", "EVENT_HANDLER_AUTH": "secret", "EVENT_HANDLER_SECRET": "hush-hush"})
    assert len(raised.value.problems) == 4
    assert "hush-hush" not in str(raised.value)


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    before = {"EVENT_HANDLER_SECRET_BEFORE": "s" * 21, "GUEST_SIGNING_KEY_BEFORE": "s" * 32}
    shown = repr(read_settings({**ENVIRONMENT, "EVENT_HANDLER_SECRET": "s" * 20, **before}))
    assert "test-access-key" not in shown and "test-signing-key" not in shown and "ssss" not in shown
