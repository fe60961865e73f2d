"""``python3 -m local.audit``: checks all pinned Python and npm packages for known vulnerabilities.

Exit code 0: everything was checked and nothing is to be done. 1: something is to be done. 2: the advisories for some
packages could not be fetched, which is reported and never counts as success.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from local.tools import tools

ROOT = Path(__file__).resolve().parent.parent
BACKEND = "requirements.txt"
PYTHON = (BACKEND, "tests/requirements.txt", "local/tools.txt", "emulator/build.txt")
PAGE = ("frontend", "--omit=dev")
NODE = (PAGE, ("frontend",), ("local",), ("tests/emulator/javascript",))
# A vulnerability of the backend or the page always has to be fixed. Development tools have more of them than anyone
# fixes: of these only those with a fixed version count, and of npm's only severe ones.
GRAVE = {"high", "critical"}


class Unknown(Exception):
    """Advisories could not be fetched; the message is the tool's last line."""


class Fault(NamedTuple):
    """A known vulnerability of a package."""

    package: str
    advisory: str
    to_do: bool


def main() -> int:
    """Prints a line for each list of packages and for each vulnerability; returns the exit code."""
    reports = list(ask_about_everything())
    for name, answer in reports:
        if isinstance(answer, Unknown):
            print(f"{name}: NOT AUDITED, advisories could not be fetched ({answer})")
            continue
        print(f"{name}: {len(answer)} known vulnerabilities")
        for fault in answer:
            print(f"  {fault.package}: {fault.advisory}{'' if fault.to_do else ' (nothing to do yet)'}")
    return verdict([answer for _, answer in reports])


def verdict(answers: Sequence[list[Fault] | Unknown]) -> int:
    """The exit code for the results of all lists."""
    if any(fault.to_do for answer in answers if not isinstance(answer, Unknown) for fault in answer):
        return 1
    return 2 if any(isinstance(answer, Unknown) for answer in answers) else 0


def ask_about_everything() -> Iterator[tuple[str, list[Fault] | Unknown]]:
    """The name of each list, and its vulnerabilities, or why they are unknown."""
    yield from ask_about_python()
    for each in NODE:
        command = ["npm", "audit", "--json", "--prefix", *each]
        yield " ".join(each), answered(command, shipped=each == PAGE)


def ask_about_python() -> Iterator[tuple[str, list[Fault] | Unknown]]:
    """The same for the lists of Python packages."""
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(tools(ROOT))
        except (subprocess.CalledProcessError, OSError):
            # pip's output is above.
            yield from ((file, Unknown("pip-audit could not be installed")) for file in PYTHON)
            return
        for file in PYTHON:
            # `strict`, because otherwise a package without information would be skipped silently.
            asked = ["--strict", "--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json"]
            command = [str(folder / "pip-audit"), *asked, "--vulnerability-service", "osv", "-r", file]
            yield file, answered(command, shipped=file == BACKEND)


def answered(command: list[str], shipped: bool) -> list[Fault] | Unknown:
    """Runs an audit tool and returns the vulnerabilities that it found."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError as error:
        return Unknown(f"{command[0]}: {error.strerror}")
    try:
        return faults(done.stdout, shipped)
    except Unknown as error:
        last = done.stderr.strip().splitlines()
        return Unknown(str(error) or (last[-1] if last else "no answer"))


def faults(report: str, shipped: bool) -> list[Fault]:
    """The vulnerabilities in a JSON report of pip-audit or npm. Raises Unknown if it does not cover all packages.

    Both tools exit with 1 for a vulnerability and for a network error; only their output distinguishes the two.
    """
    try:
        content: dict[str, Any] = json.loads(report)
    except ValueError:
        raise Unknown from None
    if "dependencies" in content:
        return python_faults(content["dependencies"], shipped)
    if "vulnerabilities" in content:
        return node_faults(content["vulnerabilities"], shipped)
    raise Unknown(content.get("message", ""))


def python_faults(packages: list[dict[str, Any]], shipped: bool) -> list[Fault]:
    """Those in pip-audit's ``dependencies``. Raises Unknown if a package was skipped."""
    for package in packages:
        if "skip_reason" in package:
            raise Unknown(package["skip_reason"])
    return [
        Fault(package["name"], f"{found['id']}, {remedy(found)}", shipped or bool(found["fix_versions"]))
        for package in packages
        for found in package["vulns"]
    ]


def remedy(found: dict[str, Any]) -> str:
    """The versions that fix it."""
    return f"fixed in {', '.join(found['fix_versions'])}" if found["fix_versions"] else "not fixed yet"


def node_faults(packages: dict[str, dict[str, Any]], shipped: bool) -> list[Fault]:
    """Those in npm's ``vulnerabilities``, one per package."""
    return [
        Fault(name, f"{package['severity']}, {advisories(package)}", shipped or is_to_do(package))
        for name, package in packages.items()
    ]


def is_to_do(package: dict[str, Any]) -> bool:
    """Whether a tool's vulnerability is severe and has a fix that is no breaking change (semver major)."""
    fix = package["fixAvailable"]
    return package["severity"] in GRAVE and (fix is True or bool(fix and not fix["isSemVerMajor"]))


def advisories(package: dict[str, Any]) -> str:
    """The URLs of its advisories, or the names of the packages that bring it in."""
    return ", ".join(each if isinstance(each, str) else each["url"] for each in package["via"])


if __name__ == "__main__":
    sys.exit(main())
