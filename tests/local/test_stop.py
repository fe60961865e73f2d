"""A stop during start-up is quiet and not a failure."""

import signal
import sys
from pathlib import Path

import pytest

from tests.local.blocking import BLOCKS
from tests.running import running

ROOT = Path(__file__).resolve().parents[2]
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def up(data: Path) -> list[str]:
    ports = [f"--{name}-port={port}" for port, name in enumerate(("app", "functions", "pubsub"), start=1)]
    return [sys.executable, "-m", "local", "up", "--data", str(data), *ports]


@pytest.mark.parametrize("number", STOPS)
def test_while_modules_are_imported(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "aiohttp.py").write_text(BLOCKS)
    with running(up(tmp_path / "data"), env={"PYTHONPATH": str(tmp_path)}, cwd=ROOT) as server:
        server.wait_until(lambda output: "importing" in output)
        server.process.send_signal(number)
        assert server.process.wait(20) == 0
        assert server.output() == "importing\n"


@pytest.mark.parametrize("number", STOPS)
def test_while_core_tools_are_asked_for_their_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    asked = tmp_path / "asked"
    (tmp_path / "func").write_text(f"#!/bin/sh\ntouch {asked}\nexec sleep 99\n")
    (tmp_path / "func").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with running(up(tmp_path / "data"), cwd=ROOT) as server:
        server.wait_until(lambda _: asked.exists())
        server.process.send_signal(number)
        assert server.process.wait(20) == 0
        assert server.output() == ""


@pytest.mark.parametrize("number", STOPS)
def test_while_the_app_is_loaded(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "host.json").write_text("{}")
    (tmp_path / "function_app.py").write_text(BLOCKS)
    command = [sys.executable, "-m", "local", "functions", "--port", "0", "--root", str(tmp_path)]
    with running(command, cwd=ROOT) as server:
        server.wait_until(lambda output: "importing" in output)
        server.process.send_signal(number)
        assert server.process.wait(20) == 0
        assert server.output() == "importing\n"
