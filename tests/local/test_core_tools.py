"""Core Tools is used when it is installed and keeps to the loopback."""

from pathlib import Path

import pytest

from local import core_tools


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, prints: str) -> None:
    func = folder / "func"
    func.write_text(f"#!/bin/sh\necho '{prints}'\n")
    func.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_without_func_on_path_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert core_tools.find() is None


@pytest.mark.parametrize("version", ["4.13.0", "4.20.1", "5.0.0-preview1"])
def test_a_version_that_listens_on_the_loopback_is_used(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch, version)
    assert core_tools.find() == core_tools.CoreTools(str(tmp_path / "func"), version)


@pytest.mark.parametrize("version", ["4.12.9", "3.0.5", "unknown"])
def test_an_older_version_is_refused_with_the_reason(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch, version)
    with pytest.raises(core_tools.TooOld, match=f"Core Tools {version} is older than 4.13.0"):
        core_tools.find()
