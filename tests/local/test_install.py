"""The installer runs before anything is installed, and says in one line what the machine lacks."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INSTALL = ROOT / "local" / "install.py"


def install(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, INSTALL, *arguments]
    environment = {**os.environ, **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_an_old_python_can_still_read_it() -> None:
    ast.parse(INSTALL.read_text(), feature_version=(3, 7))


def test_an_old_python_is_one_line() -> None:
    program = (
        "import sys, runpy; sys.version_info = (3, 9, 1); sys.argv = ['install.py', 'stack'];"
        f"runpy.run_path({str(INSTALL)!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == "chatr: Python 3.11 or newer is needed; this is Python 3.9. Try: make PYTHON=python3.12\n"


def test_a_missing_node_is_one_line(tmp_path: Path) -> None:
    done = install("stack", PATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "chatr: Node.js 20.19 or newer with npm is needed and was not found on PATH.\n"


@pytest.mark.parametrize("version", ["v18.20.0", "v20.18.9", "v21.0.0", "v22.12.0"])
def test_an_old_node_is_one_line_with_its_version(tmp_path: Path, version: str) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / name).chmod(0o755)
    done = install("stack", PATH=str(tmp_path) + ":/usr/bin:/bin")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"this is {version}" in done.stderr


def test_an_unknown_purpose_is_one_line() -> None:
    done = install("everything")
    assert done.returncode == 1
    assert done.stderr == "chatr: usage: python3 local/install.py stack|tests\n"
