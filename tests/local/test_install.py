"""The installer runs before anything is installed, reports in one line what is missing, and can be interrupted."""

import ast
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.local.blocking import BLOCKS
from tests.running import Running, running, wait_until_gone

ROOT = Path(__file__).resolve().parents[2]
INSTALL = ROOT / "local" / "install.py"
FOLDERS = ("local", "frontend", "tests/emulator/javascript")
# The real ones take minutes and need a network. Like the real one, this `npm ci` removes and recreates its folder.
NODE = """#!/bin/sh
[ "$1" = --version ] && { echo v22.13.0; exit; }
mkdir -p dist && echo built > dist/index.html
"""
NPM = """#!/bin/sh
[ "$1" = --version ] && exit
rm -f node_modules/whole
[ -z "$HANGS" ] || { sleep 99 & echo "$!" >> "$HANGS"; wait; }
rm -rf node_modules && mkdir node_modules && touch node_modules/whole
"""


def install(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(INSTALL), *arguments]
    environment = {**os.environ, **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@dataclass(frozen=True)
class Clone:
    """A clone without anything installed, with empty requirements and a fast fake of Node.js."""

    root: Path
    tools: Path

    def environment(self, hangs: bool = False) -> dict[str, str]:
        path = f"{self.tools}:{os.environ['PATH']}"
        return {**os.environ, "PATH": path, "HANGS": str(self.hanging) if hangs else ""}

    @property
    def hanging(self) -> Path:
        return self.tools / "hanging"

    def command(self, purpose: str) -> list[str]:
        return [sys.executable, str(self.root / "local" / "install.py"), purpose]

    def run(self, purpose: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(purpose), env=self.environment(), capture_output=True, text=True, timeout=120, check=False
        )

    def install(self, purpose: str) -> str:
        """The output of a successful run."""
        done = self.run(purpose)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def break_off(self, number: signal.Signals, when: Callable[[str], object]) -> None:
        """Starts a run whose ``npm ci`` hangs, and sends a signal to it alone once ``when(output)`` is true."""
        with running(self.command("tests"), env=self.environment(hangs=True)) as server:
            server.wait_until(when)
            server.process.send_signal(number)
            assert server.process.wait(20) == 130
            assert_quiet(server)
        self.wait_until_nothing_runs()

    def wait_until_nothing_runs(self) -> None:
        for process in self.hanging.read_text().split() if self.hanging.exists() else []:
            wait_until_gone(int(process))


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return make_clone(tmp_path)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone with the stack installed, which tests copy."""
    made = make_clone(tmp_path_factory.mktemp("installed"))
    assert "Creating .venv" in made.install("stack")
    return made


@pytest.fixture
def used(installed: Clone, tmp_path: Path) -> Clone:
    shutil.copytree(installed.root.parent, tmp_path, symlinks=True, dirs_exist_ok=True)
    return Clone(tmp_path / "clone", tmp_path / "tools")


def make_clone(folder: Path) -> Clone:
    root, tools = folder / "clone", folder / "tools"
    tools.mkdir()
    for each in FOLDERS:
        (root / each).mkdir(parents=True)
        (root / each / "package.json").write_text("{}")
    for file in ("local/pip.txt", "local/requirements.txt", "tests/requirements.txt"):
        (root / file).write_text("")
    shutil.copy(INSTALL, root / "local")
    for name, content in (("node", NODE), ("npm", NPM)):
        (tools / name).write_text(content)
        (tools / name).chmod(0o755)
    return Clone(root, tools)


def assert_quiet(server: Running) -> None:
    """The output has only the titles of the steps that were started."""
    lines = server.output().splitlines()
    assert all(line.endswith(" ...") or line.endswith(" s") for line in lines), lines


def test_an_old_python_can_still_read_it() -> None:
    ast.parse(INSTALL.read_text(), feature_version=(3, 7))


def test_an_old_python_is_one_line() -> None:
    program = (
        "import sys, runpy; sys.version_info = (3, 9, 1); sys.argv = ['install.py', 'stack'];"
        f"runpy.run_path({str(INSTALL)!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == "chatr: Python 3.11 or newer is required; this is Python 3.9. Try: make PYTHON=python3.12\n"


def test_a_missing_node_is_one_line(tmp_path: Path) -> None:
    done = install("stack", PATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "chatr: Node.js 20.19 or newer with npm is required but was not found on PATH.\n"


@pytest.mark.parametrize("version", ["v18.20.0", "v20.18.9", "v21.0.0", "v22.12.0"])
def test_an_old_node_is_one_line_with_its_version(tmp_path: Path, version: str) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / name).chmod(0o755)
    done = install("stack", PATH=str(tmp_path) + ":/usr/bin:/bin")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"this is {version}" in done.stderr


def test_an_unknown_purpose_is_one_line() -> None:
    done = install("everything")
    assert done.returncode == 1
    assert done.stderr == "chatr: usage: python3 local/install.py stack|tests\n"


def test_a_larger_purpose_adds_to_the_smaller_and_serves_it(used: Clone) -> None:
    assert used.install("stack") == ""
    printed = used.install("tests")
    assert "Installing Python packages" in printed
    assert "Creating .venv" not in printed
    assert used.install("tests") == ""
    assert used.install("stack") == ""


@pytest.mark.parametrize("file", ["requirements.txt", "pip.txt"])
def test_changed_requirements_are_installed_into_what_is_there(used: Clone, file: str) -> None:
    (used.root / "local" / file).write_text("# changed")
    printed = used.install("stack")
    assert "Installing Python packages" in printed
    assert "Creating .venv" not in printed
    assert used.install("stack") == ""


def test_a_package_that_is_not_what_was_pinned_is_not_installed(used: Clone) -> None:
    wheel = made_wheel(used.root / "wheels")
    requirements = used.root / "local" / "requirements.txt"
    requirements.write_text(f"--no-index\n--find-links {wheel.parent}\nasked-for==1.0 --hash=sha256:{'0' * 64}\n")
    done = used.run("stack")
    assert done.returncode == 1 and "DO NOT MATCH THE HASHES" in done.stderr
    right = hashlib.sha256(wheel.read_bytes()).hexdigest()
    requirements.write_text(requirements.read_text().replace("0" * 64, right))
    assert "Installing Python packages" in used.install("stack")


def test_a_package_without_a_hash_is_not_installed(used: Clone) -> None:
    wheel = made_wheel(used.root / "wheels")
    requirements = used.root / "local" / "requirements.txt"
    requirements.write_text(f"--no-index\n--find-links {wheel.parent}\nasked-for==1.0\n")
    done = used.run("stack")
    assert done.returncode == 1 and "asked-for==1.0 --hash=" in done.stderr


def made_wheel(folder: Path) -> Path:
    """A minimal wheel that pip can install."""
    folder.mkdir()
    path = folder / "asked_for-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as file:
        told = "asked_for-1.0.dist-info"
        file.writestr(f"{told}/METADATA", "Metadata-Version: 2.1\nName: asked-for\nVersion: 1.0\n")
        file.writestr(f"{told}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{told}/RECORD", "")
    return path


def test_a_venv_that_is_not_ours_is_kept(used: Clone) -> None:
    (used.root / ".venv" / ".chatr-installed").unlink()
    assert "Creating .venv" not in used.install("stack")


def test_a_venv_of_another_python_is_made_anew(used: Clone) -> None:
    stamp = used.root / ".venv" / ".chatr-installed"
    stamp.write_text(stamp.read_text().replace(sys.version, "3.10.0"))
    used.break_off(signal.SIGTERM, lambda output: "Creating .venv" in output)


def test_a_venv_that_was_broken_off_is_made_anew(clone: Clone) -> None:
    python = clone.root / ".venv" / "bin" / "python"
    clone.break_off(signal.SIGINT, lambda _: python.exists() and hangs_in_every_folder(clone))
    assert "Creating .venv" in clone.install("tests")
    subprocess.run([python, "-m", "pip", "--version"], stdout=subprocess.DEVNULL, timeout=60, check=True)


def test_npm_packages_that_were_broken_off_are_installed_anew(used: Clone) -> None:
    used.install("tests")
    package = used.root / "frontend" / "package.json"
    before = package.read_text()
    for folder in FOLDERS:
        (used.root / folder / "package.json").write_text('{"changed": true}')
    used.break_off(signal.SIGINT, lambda _: hangs_in_every_folder(used))
    assert not (package.parent / "node_modules" / "whole").exists()
    # Back to a complete state, which the installed one no longer is.
    package.write_text(before)
    used.install("tests")
    assert (package.parent / "node_modules" / "whole").exists()


def hangs_in_every_folder(clone: Clone) -> bool:
    return clone.hanging.exists() and len(clone.hanging.read_text().splitlines()) == len(FOLDERS)


def test_a_step_that_fails_shows_its_output_and_ends_the_others(clone: Clone) -> None:
    (clone.tools / "npm").write_text(NPM.replace("rm -f", 'case "$PWD" in */local) echo broken; exit 3;; esac; rm -f'))
    with running(clone.command("tests"), env=clone.environment(hangs=True)) as server:
        assert server.process.wait(60) == 1
        assert "broken\n" in server.output()
        assert "chatr: Installing npm packages of local/ failed (npm ci --loglevel=error)" in server.output()
        assert "Traceback" not in server.output()
    clone.wait_until_nothing_runs()


def test_a_stop_while_node_is_asked_for_its_version_is_quiet(clone: Clone) -> None:
    asked = clone.tools / "asked"
    (clone.tools / "node").write_text(f"#!/bin/sh\ntouch {asked}\nexec sleep 99\n")
    with running(clone.command("stack"), env=clone.environment()) as server:
        server.wait_until(lambda _: asked.exists())
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(20) == 130
        assert server.output() == ""


def test_make_can_wait_for_what_is_stopped_with_it(clone: Clone) -> None:
    """Ctrl-C reaches make and the installer at the same time, in either order."""
    asked = clone.tools / "asked"
    (clone.tools / "node").write_text(f"#!/bin/sh\ntouch {asked}\nexec sleep 99\n")
    command = ["make", "-f", str(ROOT / "Makefile"), "run", f"PYTHON={sys.executable}"]
    for _ in range(12):
        with running(command, env=clone.environment(), cwd=clone.root) as server:
            server.wait_until(lambda _: asked.exists())
            os.killpg(server.process.pid, signal.SIGINT)
            server.process.wait(20)
            assert "No child processes" not in server.output()
        asked.unlink()


def test_a_stop_during_the_imports_is_quiet(clone: Clone, tmp_path: Path) -> None:
    (tmp_path / "hashlib.py").write_text(BLOCKS)
    with running(clone.command("stack"), env={**clone.environment(), "PYTHONPATH": str(tmp_path)}) as server:
        server.wait_until(lambda output: "importing" in output)
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(20) == 130
        assert server.output().split() == ["importing"]
