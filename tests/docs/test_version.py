"""The file VERSION is the only place that states the version."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VERSION = (ROOT / "VERSION").read_text().strip()
NODE_FOLDERS = ("frontend", "local", "tests/emulator/javascript")


def test_the_version_has_three_numbers() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)


@pytest.mark.parametrize("folder", [".", "emulator"])
def test_a_python_project_reads_the_file(folder: str) -> None:
    project = tomllib.loads((ROOT / folder / "pyproject.toml").read_text())
    assert project["project"]["dynamic"] == ["version"] and "version" not in project["project"]
    tools = project["tool"]
    read = tools["setuptools"]["dynamic"]["version"]["file"] if folder == "." else tools["hatch"]["version"]["path"]
    assert (ROOT / folder / read).resolve() == ROOT / "VERSION"


@pytest.mark.parametrize("folder", NODE_FOLDERS)
def test_a_node_package_has_no_version(folder: str) -> None:
    package, lock = (json.loads((ROOT / folder / name).read_text()) for name in ("package.json", "package-lock.json"))
    assert "version" not in package and "version" not in lock and "version" not in lock["packages"][""]


@pytest.mark.parametrize("name", ["openapi.json", "asyncapi.json"])
def test_a_description_of_the_backend_has_this_version(name: str) -> None:
    assert json.loads((ROOT / "docs" / name).read_text())["info"]["version"] == VERSION


def test_the_file_is_deployed_because_the_backend_reads_it() -> None:
    left_out = (ROOT / ".funcignore").read_text().splitlines()
    assert not any(Path("VERSION").match(pattern) for pattern in left_out if pattern and pattern[0] not in "#!")


def test_the_manual_of_the_stand_in_names_the_wheel_of_this_version() -> None:
    named = re.findall(r"web_pubsub_stand_in-([\d.]+)-py3", (ROOT / "emulator" / "README.md").read_text())
    assert named and set(named) == {VERSION}


def test_the_changelog_ends_with_this_version_or_what_comes_after_it() -> None:
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert headings[1:2] in ([], [VERSION])
