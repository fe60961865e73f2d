"""Installs what a command of this repository needs, once: ``python3 local/install.py stack|tests``.

Runs with whatever Python the machine has, before anything is installed: standard library only, and old syntax, so that
an old Python reads this far and can say what is missing. A second run compares fingerprints and does nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

OLDEST_PYTHON = (3, 11)
# What the frontend's build and lint tools support, as their package.json "engines" say.
NODE_20 = (20, 19)
NODE_22 = (22, 13)

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts" if os.name == "nt" else "bin") / "python"
FRONTEND = ROOT / "frontend"
REQUIREMENTS = {"stack": ROOT / "local", "tests": ROOT / "tests"}
NODE_FOLDERS = {
    "stack": (ROOT / "local", FRONTEND),
    "tests": (ROOT / "local", FRONTEND, ROOT / "tests" / "emulator" / "javascript"),
}
STAMP = ".chatr-installed"


class Missing(Exception):
    """Something this machine lacks, or an installation that failed; the message is for the operator."""


def main(arguments: list[str]) -> int:
    """Installs for the purpose named; returns the exit code."""
    purpose = arguments[0] if arguments else ""
    try:
        require_python()
        if purpose not in REQUIREMENTS:
            raise Missing("usage: python3 local/install.py stack|tests")
        require_node()
        with ThreadPoolExecutor() as pool:
            python = pool.submit(install_python, purpose)
            for folder in [pool.submit(install_node, folder) for folder in NODE_FOLDERS[purpose]]:
                folder.result()
            build_frontend()
            python.result()
    except Missing as error:
        print("chatr: {}".format(error), file=sys.stderr)
        return 1
    return 0


def require_python() -> None:
    if sys.version_info[:2] < OLDEST_PYTHON:
        found = "{}.{}".format(*sys.version_info)
        raise Missing("Python 3.11 or newer is needed; this is Python {}. Try: make PYTHON=python3.12".format(found))


def require_node() -> None:
    try:
        answer = subprocess.run(["node", "--version"], stdout=subprocess.PIPE, check=True).stdout.decode()
        subprocess.run(npm("--version"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    except (OSError, subprocess.CalledProcessError):
        raise Missing("Node.js 20.19 or newer with npm is needed and was not found on PATH.") from None
    found = tuple(int(number) for number in re.findall(r"\d+", answer)[:2])
    if not (NODE_20 <= found < (21, 0) or found >= NODE_22):
        raise Missing("Node.js 20.19 or newer (or 22.13 or newer) is needed; this is {}.".format(answer.strip()))


def install_python(purpose: str) -> None:
    """Makes ``.venv`` and installs the pinned packages of ``purpose`` into it."""
    folder = REQUIREMENTS[purpose]
    files = [ROOT / "requirements.txt", *(each / "requirements.txt" for each in REQUIREMENTS.values())]
    stamp = VENV / "{}-{}".format(STAMP, purpose)
    current = fingerprint([*files, ROOT / "local" / "constraints.txt"]) + sys.version
    if is_current(stamp, current) and PYTHON.exists():
        return
    if not PYTHON.exists():
        step("Making .venv", [sys.executable, "-m", "venv", str(VENV)])
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    step("Installing Python packages", [*pip, "-r", str(folder / "requirements.txt")])
    stamp.write_text(current)


def install_node(folder: Path) -> None:
    """Installs a folder's npm packages exactly as its lock file has them."""
    stamp = folder / "node_modules" / STAMP
    current = fingerprint([folder / "package.json", folder / "package-lock.json"])
    if is_current(stamp, current):
        return
    step("Installing npm packages of {}/".format(folder.relative_to(ROOT)), npm("ci", "--loglevel=error"), folder)
    stamp.write_text(current)


def build_frontend() -> None:
    """Builds ``frontend/dist`` when a source changed since it was built."""
    sources = [path for path in FRONTEND.rglob("*") if path.is_file() and is_source(path)]
    stamp = FRONTEND / "node_modules" / ".chatr-built"
    current = fingerprint(sources)
    if is_current(stamp, current) and (FRONTEND / "dist" / "index.html").exists():
        return
    # Types are checked by `make check`, not by everyone who starts the stack.
    step("Building the frontend", ["node", str(Path("node_modules", "vite", "bin", "vite.js")), "build"], FRONTEND)
    stamp.write_text(current)


def is_source(path: Path) -> bool:
    """Whether a file of the frontend can change the build."""
    return not {"node_modules", "dist", "tests"} & set(path.relative_to(FRONTEND).parts)


def npm(*arguments: str) -> list[str]:
    return ["npm.cmd" if os.name == "nt" else "npm", *arguments]


def fingerprint(files: list[Path]) -> str:
    """A hash of the files' names and contents."""
    total = hashlib.sha256()
    for path in sorted(files):
        content = path.read_bytes() if path.exists() else b""
        total.update("{}:{}:".format(path.relative_to(ROOT), len(content)).encode() + content)
    return total.hexdigest()


def is_current(stamp: Path, fingerprint_now: str) -> bool:
    return stamp.exists() and stamp.read_text() == fingerprint_now


def step(title: str, command: list[str], folder: Path = ROOT) -> None:
    """Runs a command quietly; shows its output only when it fails. Raises Missing."""
    started = time.monotonic()
    print("{} ...".format(title), flush=True)
    done = subprocess.run(command, cwd=str(folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        print(done.stdout.decode(errors="replace"), file=sys.stderr)
        raise Missing("{} failed ({}); its output is above.".format(title, " ".join(command)))
    print("{}: {:.0f} s".format(title, time.monotonic() - started), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
