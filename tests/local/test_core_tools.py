"""Core Tools is used if it is installed in a version that listens only on the loopback interface."""

from pathlib import Path

import pytest

from local import core_tools


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, prints: str, script: str | None = None) -> None:
    func = folder / "func"
    func.write_text("#!/bin/sh\n" + (f"echo '{prints}'" if script is None else script) + "\n")
    func.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_without_func_on_path_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert core_tools.find() is None


@pytest.mark.parametrize("version", ["4.13.0", "4.20.1"])
def test_a_version_that_listens_on_the_loopback_is_used(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch, version)
    assert core_tools.find() == core_tools.CoreTools(str(tmp_path / "func"), version)


@pytest.mark.parametrize("version", ["4.12.9", "3.0.5", "5.0.0-preview1", "unknown"])
def test_a_version_that_may_listen_on_every_address_is_refused_with_the_reason(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch, version)
    with pytest.raises(core_tools.Unusable, match=f"Core Tools {version} may listen on all interfaces"):
        core_tools.find()


@pytest.mark.parametrize("script", ["exit 1", "printf '\\377\\376'", "", "echo 4.13.0; exit 3"])
def test_a_func_that_fails_or_says_nothing_readable_is_not_used(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch, "", script)
    with pytest.raises(core_tools.Unusable, match="of unknown version"):
        core_tools.find()
