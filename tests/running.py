"""Runs a server as a process for a test: waits until it is ready, and shows its output if it dies."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

T = TypeVar("T")

# A factor for all time-outs, for slow machines.
PATIENCE = float(os.environ.get("TEST_PATIENCE", "1"))
POLL_SECONDS = 0.02


class DidNotStart(Exception):
    """The process ended, or did not become ready in time; the message is its output."""


@dataclass
class Running:
    """A started process; ``output()`` is everything it has printed so far."""

    process: subprocess.Popen[bytes]
    log: IO[bytes]

    def output(self) -> str:
        return Path(self.log.name).read_text(errors="replace")

    def wait_until(self, ready: Callable[[str], T | None], seconds: float = 30) -> T:
        """Returns the first truthy ``ready(output)``; raises DidNotStart if the process ends or the wait times out."""
        deadline = time.monotonic() + seconds * PATIENCE
        while True:
            if result := ready(self.output()):
                return result
            if self.process.poll() is not None:
                raise DidNotStart(f"ended with {self.process.returncode}:\n{self.output()}")
            if time.monotonic() > deadline:
                raise DidNotStart(f"not ready after {seconds} s:\n{self.output()}")
            time.sleep(POLL_SECONDS)


@contextmanager
def running(
    command: Sequence[str | Path], env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Iterator[Running]:
    """Runs ``command`` in its own process group, and ends it with SIGTERM, then SIGKILL."""
    with tempfile.NamedTemporaryFile(prefix="chatr-test-") as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            start_new_session=True,
        )
        try:
            yield Running(process, log)
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes], seconds: float = 10) -> int:
    """Ends the process and what is left of its group; returns the exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds * PATIENCE)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def is_running(process: int) -> bool:
    """Whether a process with this id is running. On Linux, a zombie does not count."""
    with suppress(ProcessLookupError):
        os.kill(process, 0)
        with suppress(OSError):
            return Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] not in "ZX"
        return True
    return False


def wait_until_gone(process: int, seconds: float = 10) -> None:
    """Returns when the process is gone; raises TimeoutError."""
    deadline = time.monotonic() + seconds * PATIENCE
    while is_running(process):
        if time.monotonic() > deadline:
            raise TimeoutError(f"process {process} still runs after {seconds} s")
        time.sleep(POLL_SECONDS)


def free_ports(count: int) -> list[int]:
    """Different loopback ports that are free at the moment, for servers that do not support port 0."""
    with ExitStack() as probes:
        # All probes stay open, since a closed one's port could be assigned again.
        taken = [probes.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(probe.getsockname()[1]) for probe in taken]


def free_port() -> int:
    """A loopback port that is free at the moment."""
    return free_ports(1)[0]
