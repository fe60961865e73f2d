"""A stand-in as a process of its own, and a bystander who must notice nothing of what is thrown at it."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.conftest import ROOT
from tests.emulator.fuzzing.wire import Bystander
from tests.running import Running, running

# What the HTTP server says of requests that nobody could read; anything else it says is a fault of ours.
UNREADABLE = {"BadStatusLine", "BadHttpMessage", "BadHttpMethod", "LineTooLong", "InvalidHeader", "InvalidURLError"}
UNREADABLE |= {"RequestPayloadError", "TransferEncodingError", "ContentLengthError", "ContentEncodingError"}


@dataclass(frozen=True)
class Target:
    """The stand-in, and who talks beside."""

    process: Running
    endpoint: str
    bystander: Bystander

    def unharmed(self) -> None:
        """The bystander has lost nothing, and the stand-in has met nothing it did not expect."""
        self.bystander.exchange()
        assert self.process.process.poll() is None


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with started() as target:
        yield target


@contextmanager
def started(*options: str) -> Iterator[Target]:
    """Starts them; in the end asserts that nothing unexpected was met."""
    with running([sys.executable, "-m", "emulator", "--port", "0", *options], cwd=ROOT) as process:
        endpoint = str(process.wait_until(lambda output: re.search(r"^Endpoint=(\S+?);", output, re.MULTILINE))[1])
        bystander = Bystander(endpoint)
        yield Target(process, endpoint, bystander)
        bystander.close()
        output = process.output()
    assert process.process.returncode == 0, "it ends as it should after all that"
    assert "Traceback" not in output
    errors = set(re.findall(r"HTTP: .*?\((\w+)", output))
    assert errors <= UNREADABLE, [line for line in output.splitlines() if "HTTP: " in line][-20:]
