"""The stand-in as a wheel, installed where nothing else is, far from the checkout. Needs the package index."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.emulator.clients import PROTOBUF, client_token, connected, status_of_connect
from tests.emulator.readme import programs
from tests.emulator.windows import window
from tests.running import Running, running

ROOT = Path(__file__).resolve().parents[2]
COMMAND = "web-pubsub-stand-in"


def run(*command: str | Path, folder: Path, **variables: str) -> str:
    """Output of a command that must succeed."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of an environment that has the wheel and what it needs, without extras."""
    folder = tmp_path_factory.mktemp("elsewhere")
    run("make", "-s", "emulator-wheel", f"PYTHON={sys.executable}", f"DIST={folder}", folder=ROOT)
    (wheel,) = folder.glob("*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "empty", folder=folder)
    commands = folder / "empty" / "bin"
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        commands / "python",
        "--disable-pip-version-check",
    ]
    # Without their hashes, since a wheel that has just been built has none that is known.
    pinned = re.findall(r"^[a-z].*?(?= \\$)", (ROOT / "tests" / "requirements.txt").read_text(), re.MULTILINE)
    (folder / "constraints.txt").write_text("\n".join(pinned))
    run(*pip, "install", "--quiet", wheel, "-c", folder / "constraints.txt", folder=folder)
    return commands


@pytest.fixture
def stand_in(installed: Path) -> Iterator[Running]:
    """Its command, running."""
    with running([installed / COMMAND, "--port", "0"], cwd=installed) as server:
        yield server


def endpoint_of(stand_in: Running) -> str:
    line = stand_in.wait_until(lambda output: next((x for x in output.splitlines() if x.startswith("Endpoint=")), None))
    return line.split(";")[0].removeprefix("Endpoint=")


async def test_a_client_connects_and_the_window_is_served(stand_in: Running) -> None:
    endpoint = endpoint_of(stand_in)
    async with window(endpoint) as seen, connected(endpoint, sub="ada") as client:
        await client.send(type="sendToGroup", group="g", dataType="text", data="out of a wheel")
        await seen.message("out of a wheel")
        async with aiohttp.ClientSession(endpoint) as session:
            for path in ("/", "/window/window.js", "/window/window.css"):
                assert (await session.get(path)).status == 200


async def test_a_protobuf_client_is_told_what_is_missing(stand_in: Running) -> None:
    endpoint = endpoint_of(stand_in)
    url = f"{endpoint}/client/hubs/chat?access_token={client_token(endpoint)}"
    status, text = await status_of_connect(url, **{"Sec-WebSocket-Protocol": PROTOBUF})
    assert status == 501 and "protobuf" in text
    assert "Traceback" not in stand_in.output()


def test_the_package_goes_by_its_own_name_and_claims_no_other(installed: Path) -> None:
    python = installed / "python"
    program = """
from importlib.util import find_spec
from web_pubsub_stand_in.protocol import frames
from web_pubsub_stand_in.filters import parse
print(find_spec("emulator"), frames.frame(frames.TEXT, b"hi"), callable(parse("userId eq null")))
"""
    assert run(python, "-c", program, folder=installed) == "None b'\\x81\\x02hi' True\n"
    assert run(python, "-m", "web_pubsub_stand_in", "--help", folder=installed).startswith(
        "usage: python -m web_pubsub_stand_in "
    )


def test_a_project_that_uses_it_is_checked_against_its_types(installed: Path) -> None:
    mypy: list[str | Path] = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", installed.parent / "mypy"]
    program = "from web_pubsub_stand_in.auth import signature\nreveal_type(signature)"
    told = run(*mypy, "--python-executable", installed / "python", "-c", program, folder=installed)
    assert "def (connection_id: str, keys: typing.Iterable[str]) -> str" in told


def test_its_help_goes_by_the_name_of_the_command(installed: Path) -> None:
    text = run(installed / COMMAND, "--help", folder=installed)
    assert text.startswith(f"usage: {COMMAND} ") and "python -m" not in text


def test_the_readmes_way_to_use_it_in_tests_works(installed: Path) -> None:
    path = f"{installed}{os.pathsep}{os.environ['PATH']}"
    run(sys.executable, "-c", programs("python")[2] + "print(connection_string)", folder=installed, PATH=path)


def test_it_holds_every_module_and_file_of_the_folder_and_nothing_else(installed: Path) -> None:
    (package,) = installed.parent.glob("lib/python*/site-packages/web_pubsub_stand_in")
    source = ROOT / "emulator"
    kept = {
        path.relative_to(source) for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }
    built = {
        path.relative_to(package) for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }
    for_the_build = {Path(name) for name in ("README.md", "pyproject.toml", "build.in", "build.txt")}
    assert built - {Path("LICENSE")} == kept - for_the_build
