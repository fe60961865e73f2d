"""Ports can be changed by option or variable, and a taken one is an error in one line that says how."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=[(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")], ids=["IPv4", "IPv6"])
def taken(request: pytest.FixtureRequest) -> Iterator[int]:
    family, host = request.param
    with socket.socket(family) as server:
        server.bind((host, 0))
        server.listen()
        yield server.getsockname()[1]


def local(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize("name", ["app", "functions", "pubsub", "blob", "queue", "table"])
def test_a_taken_port_is_one_line_naming_port_option_and_variable(name: str, taken: int, tmp_path: Path) -> None:
    done = local("up", f"--{name}-port", str(taken), "--data", str(tmp_path))
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(
        rf"chatr: Port {taken} is already in use; .*--{name}-port PORT.*CHATR_{name.upper()}_PORT.*\n", done.stderr
    )


def test_a_variable_moves_a_port_too(taken: int, tmp_path: Path) -> None:
    done = local("up", "--data", str(tmp_path), CHATR_PUBSUB_PORT=str(taken))
    assert f"Port {taken} is already in use" in done.stderr


@pytest.mark.parametrize("bad", ["0", "65536", "x", "-1", "٣"])
def test_an_invalid_port_is_refused_as_option_and_as_variable(bad: str) -> None:
    for done in (local("up", f"--app-port={bad}"), local("up", CHATR_APP_PORT=bad)):
        assert done.returncode == 2
        assert "is not a port number from 1 to 65535" in done.stderr


def test_help_lists_the_commands() -> None:
    done = local("--help")
    assert done.returncode == 0
    assert "up " in done.stdout
    assert "functions " in done.stdout


def test_one_port_for_two_parts_is_one_line_naming_both(tmp_path: Path) -> None:
    done = local("up", "--app-port", "5000", "--table-port", "5000", "--data", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr == "chatr: --app-port and --table-port are both 5000; each part needs its own port.\n"
