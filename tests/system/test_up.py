"""The whole stack starts with one command, keeps its chats, and leaves no processes behind."""

import os
import signal
import uuid
from pathlib import Path

import aiohttp
import pytest

from tests.running import is_running
from tests.stack import Person, Stack, guest, listener, session, started
from tests.system.chatr_client import ChatrClient
from tests.system.core_tools import path_with_func

PARTS = ("storage", "pubsub", "functions", "web")


async def create_chat(person: Person, name: str) -> str:
    chat_id = str(uuid.uuid4())
    async with ChatrClient.connected(person) as client:
        await client.event("createChat", {"name": name, "id": chat_id})
        await client.event("saveMessage", {"chatId": chat_id, "id": str(uuid.uuid4()), "message": "still here"})
    return chat_id


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stop_leaves_no_process_and_the_next_start_finds_the_chats(
    tmp_path: Path, number: signal.Signals
) -> None:
    async with session() as browser:
        with started(tmp_path) as stack:
            person = await guest(browser, stack.url, "Ada")
            chat_id = await create_chat(person, "Kept")
            processes = [stack.process_of(part) for part in PARTS]
            stack.server.process.send_signal(number)
            assert stack.server.process.wait(30) == 0
            assert not any(is_running(process) for process in processes)
            assert "Unclosed" not in stack.log()
        with started(tmp_path, ports=stack.ports) as again:
            assert again.url == stack.url
            chats = await person.get("chats")
            assert chat_id in chats["chats"]
            messages = await person.get(f"chats/{chat_id}/messages")
            assert [message["message"] for message in messages["messages"]] == ["still here"]


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_dies_is_named_and_ends_the_run(tmp_path: Path, part: str) -> None:
    with started(tmp_path) as stack:
        others = [stack.process_of(name) for name in PARTS if name != part]
        os.kill(stack.process_of(part), signal.SIGKILL)
        assert stack.server.process.wait(30) == 1
        assert f"chatr: {part} ended with exit code" in stack.log()
        assert not any(is_running(process) for process in others)


def test_the_front_door_is_missed_when_its_own_process_dies_and_the_one_that_listens_lives(tmp_path: Path) -> None:
    with started(tmp_path) as stack:
        processes = [stack.process_of(name) for name in PARTS]
        main = os.getpgid(stack.process_of("web"))
        assert main not in processes
        os.kill(main, signal.SIGKILL)
        assert stack.server.process.wait(30) == 1
        assert "chatr: web ended with exit code -9" in stack.log()
        assert not any(is_running(process) for process in processes)


def test_every_part_listens_on_the_loopback_only(stack: Stack) -> None:
    loopback = ("0100007F:", "00000000000000000000000001000000:")
    for port in vars(stack.ports).values():
        rows = [
            line.split()[1]
            for table in ("tcp", "tcp6")
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
            if line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A"
        ]
        assert rows, port
        assert all(row.startswith(loopback) for row in rows), (port, rows)
        assert listener(port)


def test_every_log_line_carries_the_name_of_its_part(stack: Stack) -> None:
    # The stack's own lines have no prefix; the last line may be incomplete.
    own = "Chatr is ready at ", "Still waiting: "
    lines = [line for line in stack.log().splitlines()[:-1] if not line.startswith(own)]
    assert lines
    assert [line for line in lines if line.partition("|")[0].strip() not in PARTS] == []


async def test_core_tools_on_path_run_the_functions_on_the_loopback(tmp_path: Path) -> None:
    with started(tmp_path / "data", path_with_func(tmp_path, "4.13.0")) as stack:
        asked = f"functions| started with: start --port {stack.ports.functions} --address 127.0.0.1"
        assert asked in stack.log().splitlines()
        await assert_healthy(stack)


async def test_core_tools_that_may_listen_on_every_address_are_named_and_not_used(tmp_path: Path) -> None:
    with started(tmp_path / "data", path_with_func(tmp_path, "4.12.9")) as stack:
        assert stack.log().startswith("Core Tools 4.12.9 may listen on all interfaces")
        assert "started with" not in stack.log()
        await assert_healthy(stack)


async def test_health_is_green_through_the_front_door(stack: Stack) -> None:
    await assert_healthy(stack)


async def assert_healthy(stack: Stack) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{stack.url}/api/health") as response:
        assert response.status == 200
