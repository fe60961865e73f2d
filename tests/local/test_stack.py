"""The stack starts its parts together, names one that dies, and leaves nothing running."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from local import readiness, stack
from local.parts import Part, PartFailed
from tests.running import free_port, is_running, wait_until_gone

ROOT = Path(__file__).resolve().parents[2]
READY = "everything is ready"


def web_server(name: str = "storage") -> Part:
    port = free_port()
    command = (sys.executable, "-u", "-m", "http.server", str(port), "--bind", "127.0.0.1")
    return Part(name, command, {name: port}, f"http://127.0.0.1:{port}/")


def script(name: str, source: str) -> Part:
    return Part(name, (sys.executable, "-u", "-c", source), {}, f"http://127.0.0.1:{free_port()}/")


async def wait_for(capsys: pytest.CaptureFixture[str], text: str) -> str:
    """Everything that was printed until ``text`` appeared."""
    seen = ""
    while text not in seen:
        await asyncio.sleep(0.01)
        seen += capsys.readouterr().out
    return seen


async def answers(url: str) -> bool:
    async with aiohttp.ClientSession() as session:
        with suppress(aiohttp.ClientError):
            async with session.get(url) as response:
                return response.status == 200
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_stop_signal_ends_every_part_and_is_no_failure(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    talker = web_server()
    speaker = Part(
        "web",
        (sys.executable, "-u", "-c", "import os,time;print('pid',os.getpid());time.sleep(99)"),
        {},
        talker.ready_url,
    )
    run = asyncio.create_task(stack.run([talker, speaker], os.environ, READY))
    async with asyncio.timeout(20):
        printed = await wait_for(capsys, READY)
        if "pid " not in printed:
            printed += await wait_for(capsys, "pid ")
    process = int(printed.split("pid ")[1].split()[0])
    assert is_running(process)
    os.kill(os.getpid(), number)
    async with asyncio.timeout(20):
        await run
    assert not is_running(process)


async def test_every_line_of_a_part_carries_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    part = script("functions", "print('first');print('x' * 3_000_000);raise SystemExit(0)")
    with pytest.raises(PartFailed):
        await stack.run([part], os.environ, READY)
    lines = [line for line in capsys.readouterr().out.splitlines() if line]
    assert lines[0] == "functions| first"
    assert all(line.startswith("functions| ") for line in lines)
    assert sum(line.count("x") for line in lines) >= 3_000_000


async def test_a_secret_that_a_part_prints_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    part = replace(script("pubsub", "print('AccessKey=hush;Version=1.0;')"), hides=("hush",))
    with pytest.raises(PartFailed):
        await stack.run([part], os.environ, READY)
    assert "pubsub   | AccessKey=…;Version=1.0;" in capsys.readouterr().out


async def test_a_part_that_dies_is_named_and_ends_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    dying = script("pubsub", "import os;print('pid',os.getpid());raise SystemExit(3)")
    with pytest.raises(PartFailed, match="pubsub ended with exit code 3"):
        await stack.run([web_server(), dying], os.environ, READY)
    assert READY not in capsys.readouterr().out


async def test_a_part_that_dies_is_named_though_its_child_lives_and_holds_its_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    parent = script(
        "web",
        "import os,subprocess,sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time;time.sleep(99)'])\n"
        "print('pid', child.pid, flush=True); os._exit(3)",
    )
    with pytest.raises(PartFailed, match="web ended with exit code 3"):
        async with asyncio.timeout(20):
            await stack.run([web_server(), parent], os.environ, READY)
    wait_until_gone(int(capsys.readouterr().out.split("pid ")[1].split()[0]))


async def test_a_part_that_never_answers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "READY_SECONDS", 0.5)
    silent = script("functions", "import time;time.sleep(99)")
    with pytest.raises(PartFailed, match="Not ready after 0 s: functions answers nothing"):
        await stack.run([web_server(), silent], os.environ, READY)


async def test_a_slow_part_is_named_with_its_last_response(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(readiness, "PATIENT_SECONDS", 2.0)
    monkeypatch.setattr(readiness, "READY_SECONDS", 4.0)
    monkeypatch.setattr(readiness, "PATIENT_POLL_SECONDS", 99.0)
    served = web_server("functions")
    unwell = replace(served, ready_url=served.ready_url + "missing")
    with pytest.raises(PartFailed, match="functions answers 404"):
        await stack.run([unwell], os.environ, READY)
    _, told, after = capsys.readouterr().out.partition("Still waiting: functions answers 404")
    assert told
    # The lines that it logs on each poll do not bury that line. One poll may be under way, and the part may log the one
    # before late.
    assert after.count("GET /missing") <= 2


async def test_a_part_is_polled_only_after_the_parts_that_it_needs(capsys: pytest.CaptureFixture[str]) -> None:
    needed = script("storage", "import time;time.sleep(99)")
    asker = replace(web_server("functions"), needs=("storage",))
    run = asyncio.create_task(stack.run([asker, needed], os.environ, READY))
    while not await answers(asker.ready_url):  # noqa: ASYNC110 - another process starts, which sets no event here
        await asyncio.sleep(0.02)
    run.cancel()
    with suppress(asyncio.CancelledError):
        await run
    # The one request in its log is this test's own.
    assert capsys.readouterr().out.count("GET / ") == 1


def test_the_stack_stops_when_nobody_reads_its_output_any_more(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import asyncio, os, sys\n"
        "from local import stack\n"
        "from local.parts import Part\n"
        "talk = 'import time\\nwhile True: print(1); time.sleep(.05)'\n"
        "part = Part('web', (sys.executable, '-u', '-c', talk), {}, 'http://127.0.0.1:9/')\n"
        "asyncio.run(stack.run([part], os.environ, 'ready'))\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, program], cwd=ROOT, env=environ, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert b"web" in process.stdout.readline()
    # Closing our end has the effect of a closed terminal.
    process.stdout.close()
    assert process.wait(20) == 0


async def test_a_part_that_ignores_the_stop_is_killed_with_its_children(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stack, "STOP_SECONDS", 0.3)
    monkeypatch.setattr(readiness, "READY_SECONDS", 2.0)
    stubborn = script(
        "web",
        "import signal,subprocess,sys,time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time;time.sleep(99)'])\n"
        "print('pid', child.pid); time.sleep(99)",
    )
    with pytest.raises(PartFailed):
        await stack.run([stubborn], os.environ, READY)
    wait_until_gone(int(capsys.readouterr().out.split("pid ")[1].split()[0]))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing tells who is dead")
def test_the_dead_whom_nobody_has_buried_yet_are_not_waited_for() -> None:
    child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        assert stack.is_left(child.pid)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert stack.signal_group(child.pid, 0) and not stack.is_left(child.pid)
    finally:
        child.kill()
        child.wait()
    assert not stack.is_left(child.pid)


async def test_nobody_reports_home(capsys: pytest.CaptureFixture[str]) -> None:
    part = script("functions", "import os;print(os.environ['FUNCTIONS_CORE_TOOLS_TELEMETRY_OPTOUT'])")
    with pytest.raises(PartFailed):
        await stack.run([part], os.environ, READY)
    assert "functions| 1" in capsys.readouterr().out
