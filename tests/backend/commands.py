"""Runs a command of the backend as an operator does: as a process with settings in its environment."""

import os
import subprocess
import sys

from tests.backend.stage import ENVIRONMENT
from tests.conftest import ROOT

# Nothing listens there.
NOWHERE = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;TableEndpoint=http://127.0.0.1:1/a;"


def ran(module: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs ``python -m module`` with these settings on top of the tests' own."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
