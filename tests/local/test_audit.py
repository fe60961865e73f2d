"""An audit that could not fetch advisories never looks like success."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local import audit
from local.audit import Fault, Unknown, faults, verdict
from local.requirements import SOURCES


@pytest.mark.parametrize(
    ("fixed_in", "shipped", "told", "to_do"),
    [
        (["1.26.5"], False, "fixed in 1.26.5", True),
        ([], False, "not fixed yet", False),
        ([], True, "not fixed yet", True),
    ],
)
def test_vulnerabilities_of_python_packages_count_if_they_are_shipped_or_can_be_fixed(
    fixed_in: list[str], shipped: bool, told: str, to_do: bool
) -> None:
    found = {"id": "PYSEC-2021-108", "fix_versions": fixed_in, "aliases": []}
    report = {"dependencies": [{"name": "urllib3", "version": "1.26.4", "vulns": [found]}], "fixes": []}
    (fault,) = faults(json.dumps(report), shipped)
    assert fault == Fault("urllib3", f"PYSEC-2021-108, {told}", to_do)
    assert verdict([[], [fault]]) == int(to_do)


def test_packages_that_were_left_out_are_not_audited() -> None:
    """pip-audit exits with 0 if an index has no advisories at all."""
    report = {"dependencies": [{"name": "urllib3", "skip_reason": "could not be audited"}], "fixes": []}
    with pytest.raises(Unknown, match="could not be audited"):
        faults(json.dumps(report), shipped=True)


@pytest.mark.parametrize("report", ["", "Traceback", json.dumps({"message": "405 Method Not Allowed", "error": {}})])
def test_output_that_is_no_report_says_nothing_about_vulnerabilities(report: str) -> None:
    with pytest.raises(Unknown):
        faults(report, shipped=True)
    assert verdict([[], Unknown()]) == 2


@pytest.mark.parametrize(
    ("severity", "fix", "shipped", "to_do"),
    [
        ("low", False, True, True),
        ("moderate", True, False, False),
        ("high", True, False, True),
        ("critical", {"name": "vite", "version": "9.0.1", "isSemVerMajor": False}, False, True),
        ("critical", {"name": "azurite", "version": "2.7.1", "isSemVerMajor": True}, False, False),
        ("critical", False, False, False),
    ],
)
def test_vulnerabilities_of_tools_count_if_severe_and_fixable(
    severity: str, fix: object, shipped: bool, to_do: bool
) -> None:
    package = {"severity": severity, "via": ["other", {"url": "advisory"}], "fixAvailable": fix}
    report = {"auditReportVersion": 2, "vulnerabilities": {"some": package}}
    assert faults(json.dumps(report), shipped) == [Fault("some", f"{severity}, other, advisory", to_do)]
    assert verdict([faults(json.dumps(report), shipped)]) == int(to_do)


def test_no_known_vulnerabilities_is_success_only_if_everything_was_checked() -> None:
    assert faults(json.dumps({"auditReportVersion": 2, "vulnerabilities": {}}), shipped=True) == []
    assert verdict([[], []]) == 0


def test_an_unreachable_registry_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """npm itself, without a registry."""
    monkeypatch.setitem(os.environ, "npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setitem(os.environ, "npm_config_fetch_retries", "0")
    monkeypatch.setitem(os.environ, "npm_config_cache", str(tmp_path))
    answer = audit.answered(["npm", "audit", "--json", "--prefix", "frontend", "--omit=dev"], shipped=True)
    assert isinstance(answer, Unknown)
    assert "127.0.0.1" in str(answer)


@contextmanager
def out_of_reach(root: Path) -> Iterator[Path]:
    raise subprocess.CalledProcessError(1, ["pip", "install"])
    yield root


def test_without_the_tools_each_list_is_named_and_nothing_looks_like_success(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """PyPI, from which pip-audit is installed, is unreachable, and there is no npm."""
    monkeypatch.setattr(audit, "tools", out_of_reach)
    monkeypatch.setitem(os.environ, "PATH", str(tmp_path))
    assert audit.main() == 2
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(": NOT AUDITED, ")[0] for line in lines] == [*audit.PYTHON, *map(" ".join, audit.NODE)]
    assert "npm: No such file" in lines[-1]


def test_npm_is_asked_even_if_pip_audit_cannot_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "tools", out_of_reach)
    monkeypatch.setattr(audit, "answered", lambda command, shipped: [Fault(command[0], "advisory", to_do=True)])
    answers = dict(audit.ask_about_everything())
    assert isinstance(answers[audit.BACKEND], Unknown)
    assert answers["local"] == [Fault("npm", "advisory", to_do=True)]
    assert verdict(list(answers.values())) == 1


def test_every_pinned_file_is_audited() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=audit.ROOT, capture_output=True, text=True, check=True).stdout
    locks = {line for line in tracked.splitlines() if line.endswith("package-lock.json")}
    assert locks == {f"{folder}/package-lock.json" for folder, *_ in audit.NODE}
    # Those that are left out are part of one that is not.
    assert set(audit.PYTHON) == {f"{source}.txt" for source in SOURCES} - {"local/requirements.txt", "local/pip.txt"}
