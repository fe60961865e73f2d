"""Runs the local stack with ``python -m local up``, on free ports and with its own data folder."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory

from local.ports import HOST, Ports

ROOT = Path(__file__).resolve().parent.parent
READY = re.compile(r"^Chatr is ready at (\S+)$", re.MULTILINE)
READY_SECONDS = 120.0
POLL_SECONDS = 0.1


class DidNotStart(Exception):
    """The stack ended or was not ready in time; the message is its output."""


@dataclass(frozen=True)
class Stack:
    """A running stack; ``url`` is the URL of its site."""

    url: str
    log: Path

    def output(self) -> str:
        """Everything that its parts have logged."""
        return self.log.read_text(errors="replace")


@contextmanager
def started() -> Iterator[Stack]:
    """Runs ``python -m local up`` until the block ends. Raises DidNotStart."""
    with TemporaryDirectory(prefix="chatr-bench-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            environment = {**os.environ, "GUESTS_PER_MINUTE": "999999"}
            process = subprocess.Popen(command(folder), cwd=ROOT, env=environment, stdout=output, stderr=output)
        try:
            yield Stack(ready(process, log), log)
        finally:
            process.terminate()
            process.wait()


def command(folder: str) -> list[str]:
    """The command, with free ports."""
    ports = [text for field in fields(Ports) for text in (f"--{field.name}-port", str(free_port()))]
    return [sys.executable, "-m", "local", "up", "--data", f"{folder}/data", *ports]


def ready(process: subprocess.Popen[bytes], log: Path) -> str:
    """Waits until the stack reports that it is ready, and returns its URL."""
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if found := READY.search(log.read_text(errors="replace")):
            return found[1]
        time.sleep(POLL_SECONDS)
    raise DidNotStart(log.read_text(errors="replace"))


def free_port() -> int:
    """A loopback port that is free at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
