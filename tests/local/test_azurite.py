"""Azurite as the stack starts it: it saves soon what it has acknowledged, and refuses requests from web pages."""

import json
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
from azure.core.exceptions import HttpResponseError
from azure.data.tables import TableClient, TableServiceClient

from local import parts
from local.configuration import storage_connection
from local.ports import Ports
from tests.running import Running, free_ports, running

ROOT = Path(__file__).resolve().parents[2]
ROW = {"PartitionKey": "p", "RowKey": "r", "word": "kept-by-azurite"}
# How long each write of the whole file takes in turn, and that nothing has changed, against the pause behind it.
SCRIPT = """
const pauses = [];
let clock = 0, next;
globalThis.setTimeout = (run, milliseconds) => { pauses.push(milliseconds); next = run; return 1; };
globalThis.performance = { now: () => clock };
const { createRequire } = await import("node:module");
await import("./azurite.mjs");
const require = createRequire(createRequire(process.cwd() + "/azurite.mjs").resolve("azurite/package.json"));
const Loki = require("lokijs");
const takes = JSON.parse(process.argv[1]);
const answers = [];
const adapter = { loadDatabase() {}, saveDatabase(name, text, done) { clock += takes[0] ?? 0; answers.push(done); } };
const database = new Loki("x", { adapter, autosave: true, throttledSaves: false });
const rows = database.addCollection("rows");
const said = [];
console.error = text => said.push(text);
while (takes.length) {
  if (takes[0] !== null) rows.insert({});
  next();
  takes.shift();
}
const written = answers.length;
answers.at(-1)(Object.assign(new Error("no space"), { code: "ENOSPC" }));
console.log(JSON.stringify({ pauses, written, said, dirty: database.autosaveDirty() }));
process.exit(0);
"""


def scheduled(takes: list[int | None]) -> dict[str, object]:
    command = ["node", "--input-type=module", "--eval", SCRIPT, json.dumps(takes)]
    found = subprocess.run(command, cwd=ROOT / "local", capture_output=True, text=True, check=True)
    return dict(json.loads(found.stdout))


def test_the_next_write_comes_soon_but_takes_a_fiftieth_of_the_time_at_most() -> None:
    found = scheduled([0, 5, None, 20, 60, 100, 900])
    assert found["pauses"] == [250, 250, 250, 250, 1000, 3000, 5000, 5000]
    assert found["written"] == 6


def test_a_failed_save_is_reported_and_retried() -> None:
    found = scheduled([0])
    assert found["said"] == ["x could not be saved: ENOSPC"]
    assert found["dirty"] is True


@contextmanager
def azurite(folder: Path, ports: Ports) -> Iterator[Running]:
    part = parts.storage(ROOT, folder, ports)
    with running(part.command, dict(part.environment), cwd=ROOT) as server:
        server.wait_until(lambda output: "Table service is successfully listening" in output)
        yield server


@pytest.fixture
def ports() -> Ports:
    blob, queue, table = free_ports(3)
    return Ports(blob=blob, queue=queue, table=table)


def table(ports: Ports) -> TableClient:
    return TableServiceClient.from_connection_string(storage_connection(ports)).create_table_if_not_exists("rows")


def test_stopped_it_loses_nothing_that_it_has_acknowledged(tmp_path: Path, ports: Ports) -> None:
    with azurite(tmp_path, ports) as server:
        table(ports).create_entity(ROW)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
    with azurite(tmp_path, ports):
        assert table(ports).get_entity("p", "r")["word"] == ROW["word"]


def test_after_being_killed_it_has_what_it_saved_while_running(tmp_path: Path, ports: Ports) -> None:
    with azurite(tmp_path, ports) as server:
        table(ports).create_entity(ROW)
        kept = tmp_path / "storage" / "__azurite_db_table__.json"
        server.wait_until(lambda _: kept.exists() and ROW["word"] in kept.read_text())
        server.process.kill()
        server.process.wait(20)
    with azurite(tmp_path, ports):
        assert table(ports).get_entity("p", "r")["word"] == ROW["word"]


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ports]:
    blob, queue, table = free_ports(3)
    ports = Ports(blob=blob, queue=queue, table=table)
    with azurite(tmp_path_factory.mktemp("azurite"), ports):
        yield ports


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.mark.parametrize("port", ["blob", "queue", "table"])
@pytest.mark.parametrize(
    "said",
    [
        {"Host": "devstoreaccount1.site.example"},
        {"Origin": "https://site.example"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
async def test_no_page_gets_anything_from_it(
    storage: Ports, http: aiohttp.ClientSession, port: str, said: dict[str, str]
) -> None:
    url = f"http://127.0.0.1:{getattr(storage, port)}/devstoreaccount1/Tables"
    for method in ("GET", "POST", "OPTIONS"):
        headers = {"Content-Type": "text/plain", "Access-Control-Request-Method": "POST", **said}
        async with http.request(method, url, headers=headers) as answer:
            assert answer.status == 403
            assert "not for web pages" in await answer.text()
            assert not any(name.lower().startswith("access-control") for name in answer.headers)


def test_programs_are_served_and_need_its_key(storage: Ports) -> None:
    assert list(table(storage).list_entities()) == []
    stranger = storage_connection(storage).replace("AccountKey=E", "AccountKey=A")
    with pytest.raises(HttpResponseError) as refused:
        TableServiceClient.from_connection_string(stranger).create_table("others")
    assert refused.value.status_code == 403
