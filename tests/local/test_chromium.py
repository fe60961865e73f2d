"""Without a browser for the tests, an error says so at once, and what to do."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.chromium import NAMES, NoChromium, chromium

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "tests" / "browser" / "chromium.py"
# The last one says that this make runs below another; then it names its folder in the output.
NOT_INHERITED = ("CHROMIUM", "MAKEFLAGS", "MAKELEVEL")


def test_make_test_without_chromium_is_one_sentence_before_anything_is_installed(tmp_path: Path) -> None:
    make = shutil.which("make")
    assert make
    environment = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    done = subprocess.run(
        [make, "test", f"PYTHON={sys.executable}"],
        cwd=ROOT,
        env={**environment, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("chatr: The browser tests need Chromium or Chrome, and none is on PATH. Install one")
    assert "CHROMIUM" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_each_of_the_names_is_found_on_path(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    executable(tmp_path / name)
    assert chromium() == str(tmp_path / name)


def test_the_variable_wins_over_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "my own browser"
    executable(own)
    monkeypatch.setenv("CHROMIUM", str(own))
    assert chromium() == str(own)


def test_a_variable_that_names_no_program_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "nothing"))
    with pytest.raises(NoChromium, match=r"CHROMIUM names .*nothing, which is no program"):
        chromium()


def test_an_old_python_can_read_it_since_it_runs_before_the_installer() -> None:
    ast.parse(MODULE.read_text(), feature_version=(3, 7))


def executable(path: Path) -> None:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
