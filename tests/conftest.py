"""The real servers that tests share: Azurite and the Web PubSub stand-in, each started once per run on free ports."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.running import free_ports, running

# A failed assertion says what it compared in modules without tests, too, if they are named before they are imported.
pytest.register_assert_rewrite(
    "tests.stack", "tests.backend", "tests.browser", "tests.chaos", "tests.emulator", "tests.fuzzing", "tests.system"
)

# How long an example takes says more about the load of the machine than about the code.
settings.register_profile("chatr", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("chatr")

ROOT = Path(__file__).resolve().parent.parent
AZURITE = ROOT / "local" / "node_modules" / ".bin" / "azurite"
# Azurite's published development account; not a secret.
AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A connection string of a fresh Azurite."""
    blob, queue, table = free_ports(3)
    command = [str(AZURITE), "--silent", "--disableTelemetry", "--inMemoryPersistence", "--skipApiVersionCheck"]
    ports = ["--blobPort", str(blob), "--queuePort", str(queue), "--tablePort", str(table)]
    with running([*command, *ports], cwd=tmp_path_factory.mktemp("azurite")) as server:
        server.wait_until(lambda output: "Table service is successfully listening" in output)
        yield (
            f"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={AZURITE_KEY};"
            f"BlobEndpoint=http://127.0.0.1:{blob}/devstoreaccount1;"
            f"TableEndpoint=http://127.0.0.1:{table}/devstoreaccount1;"
        )


@pytest.fixture(scope="session")
def stand_in() -> Iterator[str]:
    """A connection string of a Web PubSub stand-in whose hub ``chat`` has no event handler."""
    with running([sys.executable, "-m", "emulator", "--port", "0"], cwd=ROOT) as server:
        yield server.wait_until(
            lambda output: next((line for line in output.splitlines() if line.startswith("Endpoint=")), None)
        )
