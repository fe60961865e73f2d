"""The README's quick starts do what it says, with the official SDKs.

The C# one cannot be run here, for want of .NET: it keeps to the documented API of Azure.Messaging.WebPubSub and
Azure.Messaging.WebPubSub.Client.
"""

import asyncio
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from emulator.__main__ import parser
from emulator.configuration import DEFAULT_ACCESS_KEY, Settings, event_handler
from emulator.server import Server
from tests.emulator.clients import connected
from tests.emulator.conftest import QUICK, StandIn, Start
from tests.emulator.readme import README, command, programs
from tests.running import free_port, running

CLIENT, HANDLER = 0, 1


@pytest.mark.parametrize("language", ["python", "js"])
async def test_the_clients_hear_themselves_and_the_server(emulator: StandIn, tmp_path: Path, language: str) -> None:
    variable = {"WEB_PUBSUB": emulator.server.connection_string}
    with running(command(tmp_path, language, CLIENT), env=variable, cwd=tmp_path) as program:
        assert await asyncio.to_thread(program.process.wait, 30) == 0, program.output()
        # Before or behind them the Python SDK remarks, on the other stream, that it has been stopped.
        said = [line for line in program.output().splitlines() if line.startswith("from ")]
        assert said == ["from a client", "from the server"]


@pytest.mark.parametrize("language", ["python", "js"])
async def test_the_event_handlers_let_clients_in_and_answer(start: Start, tmp_path: Path, language: str) -> None:
    port = free_port()
    with running(command(tmp_path, language, HANDLER), env={"PORT": str(port)}, cwd=tmp_path) as program:
        await asyncio.to_thread(program.wait_until, lambda _: is_open(port))
        handler = event_handler(f"http://localhost:{port}/eventhandler", "*", ["connect", "disconnected"])
        emulator = await start(Settings(handlers={"chat": (handler,)}, limits=QUICK))
        async with connected(emulator.endpoint, sub="ada") as client:
            assert emulator.server.service.hub("chat").members("news")
            answer = await client.ask(type="event", event="hello", dataType="text", data="hi")
            assert (answer["dataType"], answer["data"]) == ("text", "hello, ada: hi")


def is_open(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("localhost", port)):
        return True
    return False


def test_the_connection_string_in_it_is_the_one_that_is_printed() -> None:
    printed = Server(Settings(), log=None)  # type: ignore[arg-type] # only asked for its name
    assert DEFAULT_ACCESS_KEY in README.read_text()
    assert printed.connection_string.replace("localhost:0;", "localhost:8080;") in README.read_text()


def test_every_program_in_it_is_run_or_is_known_not_to_be() -> None:
    # The last Python one, for tests, needs the installed command: test_wheel runs it.
    assert (len(programs("python")), len(programs("js")), len(programs("csharp"))) == (3, 2, 1)


def test_the_commands_in_it_have_options_that_exist() -> None:
    used = {word for block in programs("sh") for word in block.split() if word.startswith("--")}
    assert used and used <= {option for action in parser()._actions for option in action.option_strings}
