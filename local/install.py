"""Installs the dependencies of a command of this repository: ``python3 local/install.py stack|tests``.

It runs on any Python, before anything is installed. So it uses only the standard library, and syntax that an old Python
can parse in order to report what is missing. If nothing has changed since the last run, it does nothing.
"""

from __future__ import annotations

import os
import signal
import sys
import time

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# The exit code after Ctrl-C, by the convention of shells.
STOPPED = 130


def end() -> None:
    """Ends the process, after a moment: make reports an error if its child is gone before it waits for it."""
    time.sleep(0.05)
    os._exit(STOPPED)


if __name__ == "__main__":
    # Before the other imports, so that a stop is quiet from the start. An exception could get lost in an import.
    for each in STOP_SIGNALS:
        signal.signal(each, lambda *_: end())

import asyncio
import hashlib
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

OLDEST_PYTHON = (3, 11)
# What the frontend's build and lint tools support, as their package.json "engines" say.
NODE_20 = (20, 19)
NODE_22 = (22, 13)

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
FRONTEND = ROOT / "frontend"
PIP = ROOT / "local" / "pip.txt"
# Each purpose includes those before it.
REQUIREMENTS = {"stack": ROOT / "local" / "requirements.txt", "tests": ROOT / "tests" / "requirements.txt"}
NODE_FOLDERS = {
    "stack": (ROOT / "local", FRONTEND),
    "tests": (ROOT / "local", FRONTEND, ROOT / "tests" / "emulator" / "javascript"),
}
STAMP = ".chatr-installed"
UNFINISHED = "unfinished"


class Missing(Exception):
    """Something is missing on this machine, or an installation failed; the message is for the user."""


def main(arguments: list[str]) -> int:
    """Installs for the given purpose and returns the exit code."""
    purpose = arguments[0] if arguments else ""
    try:
        require_python()
        if purpose not in REQUIREMENTS:
            raise Missing("usage: python3 local/install.py stack|tests")
        require_node()
        return asyncio.run(install(purpose))
    except Missing as error:
        print("chatr: {}".format(error), file=sys.stderr)
        return 1


async def install(purpose: str) -> int:
    """Installs everything, until done or stopped, and returns the exit code. Raises Missing.

    Nothing is left running: asyncio.run() cancels pending tasks, and a cancelled step kills its process.
    """
    loop = asyncio.get_running_loop()
    stop = loop.create_future()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop.cancel)
    work = loop.create_task(install_everything(purpose))
    await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
    if stop.cancelled():
        return STOPPED
    work.result()
    return 0


def require_python() -> None:
    if sys.version_info[:2] < OLDEST_PYTHON:
        found = "{}.{}".format(*sys.version_info)
        raise Missing("Python 3.11 or newer is required; this is Python {}. Try: make PYTHON=python3.12".format(found))


def require_node() -> None:
    try:
        answer = subprocess.run(["node", "--version"], stdout=subprocess.PIPE, check=True).stdout.decode()
        subprocess.run(["npm", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    except (OSError, subprocess.CalledProcessError):
        raise Missing("Node.js 20.19 or newer with npm is required but was not found on PATH.") from None
    found = tuple(int(number) for number in re.findall(r"\d+", answer)[:2])
    if not (NODE_20 <= found < (21, 0) or found >= NODE_22):
        raise Missing("Node.js 20.19 or later 20.x, or 22.13 or newer, is required; this is {}.".format(answer.strip()))


async def install_everything(purpose: str) -> None:
    await asyncio.gather(install_python(purpose), install_page(purpose))


async def install_python(purpose: str) -> None:
    """Creates ``.venv`` and installs the pinned packages of ``purpose`` into it.

    It is recreated if it was left unfinished or was created by another Python.
    """
    stamp = VENV / STAMP
    versions = sys.version + fingerprint([PIP, *REQUIREMENTS.values()])
    purposes = list(REQUIREMENTS)
    if PYTHON.exists() and read(stamp) in [versions + each for each in purposes[purposes.index(purpose) :]]:
        return
    if not PYTHON.exists() or (stamp.exists() and not read(stamp).startswith(sys.version)):
        shutil.rmtree(str(VENV), ignore_errors=True)
        VENV.mkdir()
        stamp.write_text(UNFINISHED)
        await step("Creating .venv", [sys.executable, "-m", "venv", str(VENV)])
    stamp.write_text(UNFINISHED)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"]
    await step("Installing pip", [*pip, str(PIP)])
    await step("Installing Python packages", [*pip, str(REQUIREMENTS[purpose])])
    stamp.write_text(versions + purpose)


async def install_page(purpose: str) -> None:
    """Installs the npm packages of ``purpose``, then builds the frontend with them."""
    await asyncio.gather(*(install_node(folder) for folder in NODE_FOLDERS[purpose]))
    await build_frontend()


async def install_node(folder: Path) -> None:
    """Installs a folder's npm packages exactly as in its lock file."""
    stamp = folder / "node_modules" / STAMP
    current = fingerprint([folder / "package.json", folder / "package-lock.json"])
    if read(stamp) == current:
        return
    stamp.unlink(missing_ok=True)
    title = "Installing npm packages of {}/".format(folder.relative_to(ROOT))
    await step(title, ["npm", "ci", "--loglevel=error"], folder)
    stamp.write_text(current)


async def build_frontend() -> None:
    """Builds ``frontend/dist`` if a source has changed since the last build."""
    sources = [path for path in FRONTEND.rglob("*") if path.is_file() and is_source(path)]
    stamp = FRONTEND / "node_modules" / ".chatr-built"
    current = fingerprint(sources)
    if read(stamp) == current and (FRONTEND / "dist" / "index.html").exists():
        return
    stamp.unlink(missing_ok=True)
    # Types are checked by `make check`, not by everyone who starts the stack.
    await step(
        "Building the frontend", ["node", str(Path("node_modules", "vite", "bin", "vite.js")), "build"], FRONTEND
    )
    stamp.write_text(current)


def is_source(path: Path) -> bool:
    """Whether a file of the frontend can change the build."""
    return not {"node_modules", "dist", "tests"} & set(path.relative_to(FRONTEND).parts)


def fingerprint(files: list[Path]) -> str:
    """A hash of the files' names and contents."""
    total = hashlib.sha256()
    for path in sorted(files):
        content = path.read_bytes() if path.exists() else b""
        total.update("{}:{}:".format(path.relative_to(ROOT), len(content)).encode() + content)
    return total.hexdigest()


def read(stamp: Path) -> str:
    """The content of a stamp file. It is written last, so an interrupted installation has none, or says unfinished."""
    return stamp.read_text() if stamp.exists() else ""


async def step(title: str, command: list[str], folder: Path = ROOT) -> None:
    """Runs a command, and shows its output only if it fails. Raises Missing.

    It runs in its own session, so that Ctrl-C reaches only us. When cancelled, it is killed with all its children.
    """
    started = time.monotonic()
    print("{} ...".format(title), flush=True)
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=str(folder),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    if process.returncode:
        print(output.decode(errors="replace"), file=sys.stderr)
        raise Missing("{} failed ({}); its output is above.".format(title, " ".join(command)))
    print("{}: {:.0f} s".format(title, time.monotonic() - started), flush=True)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    # The event loop has restored the default handlers; a stop from here on has to be quiet too.
    for each in STOP_SIGNALS:
        signal.signal(each, lambda *_: end())
    if code == STOPPED:
        end()
    sys.exit(code)
