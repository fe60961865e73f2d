"""``python3 -m local.audit``: asks for known faults of every package that is pinned, of Python and of npm.

Exit code 0: all were asked about, and nothing is to be done. 1: something is. 2: advisories could not be reached for
some, about which nothing is known then; that is said, and is never taken for good news.
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
# A fault in the backend or the page is to be mended whatever it is worth. Tools that never leave a machine have more
# of them than anyone mends: of those only the ones with a version without, and of npm's only the grave.
GRAVE = {"high", "critical"}


class Unknown(Exception):
    """Advisories could not be had; the message is what the tool said last."""


class Fault(NamedTuple):
    """One package with a known fault."""

    package: str
    advisory: str
    to_do: bool


def main() -> int:
    """Prints a line for each list of packages and for each fault; returns the exit code."""
    reports = list(ask_about_everything())
    for name, answer in reports:
        if isinstance(answer, Unknown):
            print(f"{name}: NOT AUDITED, advisories could not be reached ({answer})")
            continue
        print(f"{name}: {len(answer)} known faults")
        for fault in answer:
            print(f"  {fault.package}: {fault.advisory}{'' if fault.to_do else ' (nothing to do yet)'}")
    return verdict([answer for _, answer in reports])


def verdict(answers: Sequence[list[Fault] | Unknown]) -> int:
    """The exit code for what came of each list."""
    if any(fault.to_do for answer in answers if not isinstance(answer, Unknown) for fault in answer):
        return 1
    return 2 if any(isinstance(answer, Unknown) for answer in answers) else 0


def ask_about_everything() -> Iterator[tuple[str, list[Fault] | Unknown]]:
    """Each list's name, and its faults or why nothing is known of them."""
    yield from ask_about_python()
    for each in NODE:
        command = ["npm", "audit", "--json", "--prefix", *each]
        yield " ".join(each), answered(command, shipped=each == PAGE)


def ask_about_python() -> Iterator[tuple[str, list[Fault] | Unknown]]:
    """The same of the lists of Python packages alone."""
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(tools(ROOT))
        except (subprocess.CalledProcessError, OSError):
            # What pip said stands above.
            yield from ((file, Unknown("pip-audit could not be installed")) for file in PYTHON)
            return
        for file in PYTHON:
            # `strict`, because a package that nothing is known of would be left out without a word.
            asked = ["--strict", "--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json"]
            command = [str(folder / "pip-audit"), *asked, "--vulnerability-service", "osv", "-r", file]
            yield file, answered(command, shipped=file == BACKEND)


def answered(command: list[str], shipped: bool) -> list[Fault] | Unknown:
    """What came of one tool's question."""
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
    """The faults in a report of pip-audit or npm, as JSON. Raises Unknown when it is no report of all packages.

    Both tools end with 1 for a fault and for a network that is away; only what they print tells the two apart.
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
    """Those of pip-audit's ``dependencies``. Raises Unknown when some were left out."""
    for package in packages:
        if "skip_reason" in package:
            raise Unknown(package["skip_reason"])
    return [
        Fault(package["name"], f"{found['id']}, {remedy(found)}", shipped or bool(found["fix_versions"]))
        for package in packages
        for found in package["vulns"]
    ]


def remedy(found: dict[str, Any]) -> str:
    """Which versions are without it."""
    return f"mended in {', '.join(found['fix_versions'])}" if found["fix_versions"] else "mended nowhere"


def node_faults(packages: dict[str, dict[str, Any]], shipped: bool) -> list[Fault]:
    """Those of npm's ``vulnerabilities``, one for each package."""
    return [
        Fault(name, f"{package['severity']}, {advisories(package)}", shipped or is_to_do(package))
        for name, package in packages.items()
    ]


def is_to_do(package: dict[str, Any]) -> bool:
    """Whether a fault of a tool is grave and has a remedy that is no step back or over a major version."""
    mended = package["fixAvailable"]
    return package["severity"] in GRAVE and (mended is True or bool(mended and not mended["isSemVerMajor"]))


def advisories(package: dict[str, Any]) -> str:
    """Where to read about it, or which package brings it in."""
    return ", ".join(each if isinstance(each, str) else each["url"] for each in package["via"])


if __name__ == "__main__":
    sys.exit(main())
