"""All packages are pinned by version and hash, consistently in all files, for Python and for npm."""

import json
import re
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from local.requirements import ROOT, SOURCES, compile_command

LOCKS = [ROOT / f"{source}.txt" for source in SOURCES]
PACKAGE = re.compile(r"^([a-z0-9-]+)==(\S+?)(?: ; ([^\\]+?))?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE)
NODE_LOCKS = [ROOT / folder / "package-lock.json" for folder in ("frontend", "local", "tests/emulator/javascript")]
Pinned = dict[str, dict[str, str]]


def pinned(text: str) -> Pinned:
    """The hashes of each version of each package."""
    found: Pinned = defaultdict(dict)
    for name, version, _, hashes in PACKAGE.findall(text):
        found[name][version] = hashes
    return found


def asked_for(source: Path) -> set[tuple[str, str]]:
    """The packages and versions in an ``.in`` file and the files that it includes."""
    found = set()
    for line in source.read_text().splitlines():
        if line.startswith("-r "):
            found |= asked_for(source.parent / line[3:])
        elif line and line[0] != "#":
            named = re.fullmatch(r"([\w.-]+)(?:\[\w+\])?==([\w.]+)(?:;.*)?", line)
            assert named is not None, line
            found.add((named[1].lower().replace("_", "-"), named[2]))
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_package_has_one_version_and_hashes(lock: Path) -> None:
    text = lock.read_text()
    left = [line for line in PACKAGE.sub("", text).splitlines() if line and line[0] != "#"]
    assert left == [] and pinned(text)


def test_the_files_agree_with_each_other() -> None:
    everywhere: dict[tuple[str, str], set[str]] = defaultdict(set)
    versions: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for lock in LOCKS:
        for name, found in pinned(lock.read_text()).items():
            versions[name].add(tuple(found))
            for version, hashes in found.items():
                everywhere[name, version].add(hashes)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}
    assert {name: found for name, found in everywhere.items() if len(found) > 1} == {}


@pytest.mark.parametrize("source", SOURCES)
def test_all_required_packages_are_pinned(source: str) -> None:
    found = pinned((ROOT / f"{source}.txt").read_text())
    missing = {(name, version) for name, version in asked_for(ROOT / f"{source}.in") if version not in found[name]}
    assert missing == set()


def test_tests_have_all_of_the_backend_and_of_the_stack() -> None:
    names = ("requirements", "local/requirements", "tests/requirements")
    backend, stack, tests = (set(pinned((ROOT / f"{name}.txt").read_text())) for name in names)
    assert backend < stack < tests


def test_no_pinned_file_names_a_registry_or_leaves_the_build_of_the_wheel_out() -> None:
    assert [lock for lock in LOCKS if "://" in lock.read_text() or "index-url" in lock.read_text()] == []
    build = tomllib.loads((ROOT / "emulator" / "pyproject.toml").read_text())["build-system"]["requires"]
    assert asked_for(ROOT / "emulator" / "build.in") == {tuple(each.split("==")) for each in build}


def test_pins_are_made_for_every_system_and_with_hashes() -> None:
    for source in SOURCES:
        assert {"--universal", "--generate-hashes", "--no-emit-index-url"} <= set(compile_command(source))


@pytest.mark.parametrize("lock", NODE_LOCKS, ids=lambda path: path.parent.name)
def test_every_npm_package_has_its_hash(lock: Path) -> None:
    packages = json.loads(lock.read_text())["packages"]
    without = [path for path, each in packages.items() if path and not each.get("link") and "integrity" not in each]
    assert without == []
    assert len(packages) > 50
