"""Settings come from the environment, then local.settings.json, then the sample, and decide which services start."""

import json
from pathlib import Path

import pytest

from local.configuration import BadSettingsFile, Configuration, resolve
from local.keys import Keys
from local.ports import Ports

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = (ROOT / "local.settings.sample.json").read_text()
KEYS = Keys("own-pubsub-key", "own-guest-key", "own-webhook-key", "own-front-door-key")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "local.settings.sample.json").write_text(SAMPLE)
    return tmp_path


def write(folder: Path, **values: str) -> None:
    (folder / "local.settings.json").write_text(json.dumps({"Values": values}))


def decide(folder: Path, environ: dict[str, str] | None = None, ports: Ports = Ports()) -> Configuration:  # noqa: B008 - frozen
    return resolve(folder, environ or {}, ports, KEYS)


def test_the_sample_alone_starts_our_own_services_on_the_chosen_ports(folder: Path) -> None:
    found = decide(folder, ports=Ports(pubsub=18080, table=20002))
    assert found.own_pubsub
    assert found.own_storage
    assert found.settings["PUBSUB_CONNECTION_STRING"].startswith("Endpoint=http://localhost:18080;AccessKey=")
    assert "TableEndpoint=http://127.0.0.1:20002/devstoreaccount1;" in found.settings["STORAGE_CONNECTION_STRING"]


@pytest.mark.parametrize("copied", [False, True])
def test_the_published_keys_of_the_sample_give_way_to_those_of_the_checkout(folder: Path, copied: bool) -> None:
    if copied:
        (folder / "local.settings.json").write_text(SAMPLE)
    settings = decide(folder).settings
    assert (
        settings["PUBSUB_CONNECTION_STRING"] == "Endpoint=http://localhost:8080;AccessKey=own-pubsub-key;Version=1.0;"
    )
    assert (settings["GUEST_SIGNING_KEY"], settings["EVENT_HANDLER_SECRET"].strip()) == ("own-guest-key", "")
    published = json.loads(SAMPLE)["Values"]
    assert published["GUEST_SIGNING_KEY"] not in settings.values()


def test_a_webhook_that_is_to_bring_a_secret_gets_one_unless_it_has_one(folder: Path) -> None:
    asked = {"EVENT_HANDLER_AUTH": "signature,secret"}
    assert decide(folder, asked).settings["EVENT_HANDLER_SECRET"] == "own-webhook-key"
    chosen = {**asked, "EVENT_HANDLER_SECRET": "of-my-own-choice"}
    assert decide(folder, chosen).settings["EVENT_HANDLER_SECRET"] == "of-my-own-choice"
    elsewhere = {**asked, "PUBSUB_ENDPOINT": "https://x.webpubsub.azure.com"}
    assert decide(folder, elsewhere).settings["EVENT_HANDLER_SECRET"].strip() == ""


def test_keys_that_a_developer_chose_count(folder: Path) -> None:
    write(folder, GUEST_SIGNING_KEY="chosen-in-the-file")
    assert decide(folder).settings["GUEST_SIGNING_KEY"] == "chosen-in-the-file"
    assert decide(folder, {"GUEST_SIGNING_KEY": "in-the-environment"}).settings["GUEST_SIGNING_KEY"] == (
        "in-the-environment"
    )


def test_an_unedited_copy_of_the_sample_changes_nothing(folder: Path) -> None:
    before = decide(folder, ports=Ports(pubsub=18080))
    (folder / "local.settings.json").write_text(SAMPLE)
    assert decide(folder, ports=Ports(pubsub=18080)) == before


def test_the_file_wins_over_the_sample_and_the_environment_over_both(folder: Path) -> None:
    write(folder, PRESENCE="chats", PUBSUB_HUB="mine")
    settings = decide(folder, {"PRESENCE": "off", "HOME": "/root"}).settings
    assert (settings["PRESENCE"], settings["PUBSUB_HUB"]) == ("off", "mine")
    assert "HOME" not in settings


@pytest.mark.parametrize("name", ["PUBSUB_ENDPOINT", "PUBSUB_CONNECTION_STRING"])
def test_a_configured_web_pubsub_replaces_the_stand_in(folder: Path, name: str) -> None:
    found = decide(folder, {name: "Endpoint=https://x.webpubsub.azure.com;AccessKey=k;"})
    assert (found.own_pubsub, found.own_storage) == (False, True)
    assert "localhost" not in found.settings["PUBSUB_CONNECTION_STRING"]


@pytest.mark.parametrize("name", ["STORAGE_ACCOUNT_NAME", "STORAGE_CONNECTION_STRING"])
def test_configured_storage_replaces_azurite(folder: Path, name: str) -> None:
    write(folder, **{name: "mine"})
    found = decide(folder)
    assert (found.own_pubsub, found.own_storage) == (True, False)
    assert "127.0.0.1" not in found.settings["STORAGE_CONNECTION_STRING"]


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"Values": 3}'])
def test_a_broken_settings_file_is_named(folder: Path, content: str) -> None:
    (folder / "local.settings.json").write_text(content)
    with pytest.raises(BadSettingsFile, match=r"local\.settings\.json cannot be read"):
        decide(folder)


def test_a_service_chosen_by_the_environment_is_not_undone_by_the_settings_file(folder: Path) -> None:
    (folder / "local.settings.json").write_text(SAMPLE)
    settings = decide(folder, {"PUBSUB_ENDPOINT": "https://x.webpubsub.azure.com"}).settings
    # Core Tools fills empty variables from the file, where the sample's connection string stands.
    assert settings["PUBSUB_CONNECTION_STRING"] == " "
