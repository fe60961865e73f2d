"""Runs JavaScript with the official SDKs."""

import asyncio
import shutil
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

FOLDER = Path(__file__).parent / "javascript"
WAIT_SECONDS = 30


class Script:
    """A running script; its lines as they come."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.lines: list[str] = []

    async def line(self) -> str:
        """The next line; fails with what was printed when the script ended."""
        assert self._process.stdout is not None
        raw = await asyncio.wait_for(self._process.stdout.readline(), WAIT_SECONDS)
        assert raw, f"ended with {await self._process.wait()}: {self.lines}"
        self.lines.append(raw.decode().rstrip())
        return self.lines[-1]

    def go_on(self) -> None:
        """Answers a line that asked for something."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"done\n")

    async def finish(self) -> list[str]:
        """All lines of a script that must end with code 0."""
        output, _ = await asyncio.wait_for(self._process.communicate(), WAIT_SECONDS)
        self.lines += output.decode().splitlines()
        assert self._process.returncode == 0, "\n".join(self.lines)
        return self.lines


@asynccontextmanager
async def node(script: str, *arguments: str) -> AsyncIterator[Script]:
    """A script under Node."""
    program = shutil.which("node")
    assert program, "Node is not installed"
    assert (FOLDER / "node_modules").is_dir(), "run: npm ci --prefix tests/emulator/javascript"
    process = await asyncio.create_subprocess_exec(
        program, script, *arguments, cwd=FOLDER, stdin=PIPE, stdout=PIPE, stderr=STDOUT
    )
    try:
        yield Script(process)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.communicate()
