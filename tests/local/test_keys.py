"""The stack's keys are generated once per data folder, readable by their owner only, and never the published ones."""

import json
import stat
from dataclasses import asdict, fields
from pathlib import Path

import pytest

from local import front_door, keys, stand_in
from local.configuration import resolve
from local.data import BadData
from local.ports import Ports

ROOT = Path(__file__).resolve().parents[2]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_they_are_made_at_the_first_start_and_stay(tmp_path: Path) -> None:
    first = keys.kept_in(tmp_path / "data")
    assert keys.kept_in(tmp_path / "data") == first
    assert all(len(key) >= 32 for key in asdict(first).values())
    assert len(set(asdict(first).values())) == len(fields(keys.Keys))
    assert mode(tmp_path / "data" / keys.FILE) == 0o600


def test_another_folder_has_others(tmp_path: Path) -> None:
    one, other = (set(asdict(keys.kept_in(tmp_path / name)).values()) for name in "ab")
    assert not one & other


def test_a_key_that_an_older_file_lacks_is_added_and_the_others_stay(tmp_path: Path) -> None:
    first = keys.kept_in(tmp_path)
    path = tmp_path / keys.FILE
    path.write_text(json.dumps({"pubsub": first.pubsub, "unknown": 1}))
    second = keys.kept_in(tmp_path)
    assert second.pubsub == first.pubsub and second.guests != first.guests
    assert keys.kept_in(tmp_path) == second


@pytest.mark.parametrize("content", ["", "{", "[]", "3"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / keys.FILE).write_text(content)
    with pytest.raises(BadData, match=r"keys\.json can't be read. Delete it"):
        keys.kept_in(tmp_path)


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadData, match="file/data can't be used"):
        keys.kept_in(tmp_path / "file" / "data")


def test_no_key_is_shown_where_a_value_is_printed() -> None:
    made = keys.Keys()
    configuration = resolve(ROOT, {}, Ports(), made)
    assert not any(key in repr(made) + repr(configuration) for key in asdict(made).values())


def test_the_page_on_security_names_every_file_with_a_key(tmp_path: Path) -> None:
    own = keys.kept_in(tmp_path)
    configuration = resolve(ROOT, {"EVENT_HANDLER_AUTH": "secret"}, Ports(), own)
    stand_in.write_config(tmp_path, Ports(), configuration, [])
    front_door.write_config(ROOT, tmp_path / "front-door", configuration.settings)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    with_a_key = [path for path in written if any(key in path.read_text() for key in asdict(own).values())]
    assert {path.name for path in with_a_key} < {path.name for path in written}
    assert all(mode(path) == 0o600 for path in with_a_key)
    page = (ROOT / "docs" / "security.md").read_text().split("## The local stack")[1].split("\n## ")[0]
    assert [path.name for path in with_a_key if f"`{path.name}`" not in page] == []
    assert len(with_a_key) == 2


def test_the_stand_in_is_told_its_keys_in_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    own = keys.kept_in(tmp_path)
    environ = {"EVENT_HANDLER_AUTH": "secret", "PUBSUB_CLIENT_ENDPOINT": "wss://gateway.example/", "PUBSUB_HUB": "mine"}
    configuration = resolve(ROOT, environ, Ports(functions=7), own)
    path = stand_in.write_config(tmp_path, Ports(functions=7), configuration, ["tunnel.example"])
    section = json.loads(path.read_text())["WebPubSub"]
    assert mode(path) == 0o600
    assert section["AccessKey"] == own.pubsub
    [handler] = section["Hubs"]["mine"]["EventHandlers"]
    assert handler["UrlTemplate"] == f"http://localhost:7/api/eventHandler?code={own.webhook}"
    assert section["AllowedHosts"] == ["tunnel.example", "gateway.example"]
    assert section["AllowedOrigins"] == ["tunnel.example"]
