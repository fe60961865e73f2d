"""The README and the other pages name only files, commands and settings that exist."""

import importlib.util
import json
import re
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import pytest

from local.core_tools import OLDEST
from local.ports import Ports, variable
from shared.flow.deadline import ABANDONED_AFTER
from shared.model.clock import SECOND

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
PAGES = [
    page for folder in (".", "docs", "emulator", "findings", "tests") for page in sorted((ROOT / folder).glob("*.md"))
]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
# Not ours: the Functions runtime reads these two.
RUNTIME_SETTINGS = {"FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"}


def installer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("install", ROOT / "local" / "install.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_and_picture_of_a_page_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text())
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_into_a_page_names_a_heading_of_it(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", page.read_text())
    inside = [(page.parent / target if target else page, heading) for target, heading in links if "://" not in target]
    assert [(target.name, heading) for target, heading in inside if heading not in anchors(target)] == []


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_settings_table_has_every_setting_of_the_sample_and_no_other() -> None:
    sample = json.loads((ROOT / "local.settings.sample.json").read_text())["Values"]
    table = README.split("## Settings")[1]
    named = {
        name for row in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }
    assert named == set(sample) - RUNTIME_SETTINGS


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_make_command_named_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(
        r"`?make ([a-z-]+)", "\n".join(re.findall(r"`make [^`]*`|^make .*$", page.read_text(), re.M))
    ):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_ports_and_their_variables_are_as_the_readme_says() -> None:
    ports = asdict(Ports())
    for number in (ports["app"], ports["functions"], ports["pubsub"], ports["blob"], ports["table"]):
        assert str(number) in README
    assert variable("app") in README


def test_the_versions_needed_are_those_the_installer_checks() -> None:
    install = installer()
    assert "Python {}.{} or newer".format(*install.OLDEST_PYTHON) in README
    assert "Node.js {}.{} or newer".format(*install.NODE_20) in README
    assert "{}.{} or newer".format(*install.NODE_22) in README
    assert "{}.{} or newer is on your".format(*OLDEST) in README.replace("\n", " ").replace("  ", " ")


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_path_named_in_a_table_of_a_page_exists(page: Path) -> None:
    named = re.findall(r"`([a-z_]+(?:/[a-z_.]+)+/?)`", "\n".join(re.findall(r"^\|.*$", page.read_text(), re.MULTILINE)))
    roots = (ROOT, ROOT / "shared", ROOT / "frontend" / "src", ROOT / "tests")
    missing = [name for name in named if not any((root / name).exists() for root in roots)]
    assert missing == []


def test_every_package_is_explained() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text()
    files = [*ROOT.glob("*.in"), *ROOT.glob("*/*.in")]
    lines = [line for path in files for line in path.read_text().splitlines()]
    python = {re.split(r"[=\[;]", line)[0] for line in lines if line and line[0] not in "#-"}
    node: set[str] = set()
    for folder in ("local", "frontend", "tests/emulator/javascript"):
        package = json.loads((ROOT / folder / "package.json").read_text())
        node |= {*package.get("dependencies", {}), *package.get("devDependencies", {})}
    unexplained = [
        name for name in sorted(python | node) if not re.search(rf"(?<![\w/-]){re.escape(name)}(?![\w-])", page)
    ]
    assert unexplained == []


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        ("security.md", r"could not do is done, from (\d+) s after it"),
        ("protocol.md", r"its time was over, is done from (\d+) s"),
        ("storage.md", r"clocks may differ \((\d+) s\) was given up"),
        ("storage.md", r"taken up longer ago than (\d+) s"),
    ],
)
def test_the_pages_say_after_how_long_others_finish_what_was_given_up(page: str, sentence: str) -> None:
    text = " ".join((ROOT / "docs" / page).read_text().split())
    assert re.findall(sentence, text) == [str(ABANDONED_AFTER // SECOND)]
