"""Fixtures: the backend as a separate process, over Azurite and the stand-in, for fuzzing."""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.running import Running, running

SECRET = "webhook-secret-0123456789abcdefghi"


@dataclass(frozen=True)
class Server:
    """A running backend; ``url`` is that of the Functions host."""

    process: Running
    url: str
    access_key: str

    def calls(self) -> list[dict[str, Any]]:
        """What the backend has logged of each call."""
        return [json.loads(line) for line in re.findall(r'(\{"what":"call".*\})$', self.process.output(), re.MULTILINE)]


@pytest.fixture(scope="session")
def server(azurite: str, stand_in: str) -> Iterator[Server]:
    environment = {
        "STORAGE_CONNECTION_STRING": azurite,
        "PUBSUB_CONNECTION_STRING": stand_in,
        "EVENT_HANDLER_AUTH": "signature,secret",
        "EVENT_HANDLER_SECRET": SECRET,
        # Raised, because the fuzzer calls more than any page does.
        "CALLS_PER_MINUTE": "999999",
        "GUESTS_PER_MINUTE": "999999",
    }
    with running([sys.executable, "-m", "local", "functions", "--port", "0"], environment, cwd=ROOT) as process:
        url = process.wait_until(lambda output: re.search(r"Functions on (http://\S+)$", output, re.MULTILINE))[1]
        yield Server(process, url, stand_in.partition("AccessKey=")[2].partition(";")[0])
