"""The layers ("floors") of ``shared/``: each folder imports only those below it, and there are no import cycles."""

import re

import pytest

from tests.walls.imports import ROOT, circle, graph, imported, modules

# From the bottom up. Entries in one line may not import each other.
FLOORS = (
    ("model.clock", "model.errors", "model.limits", "model.message_ids", "model.records", "logs"),
    ("model.text",),
    ("flow",),
    ("wire",),
    ("ports",),
    ("settings",),
    ("backend",),
    ("trust",),
    ("rules.profiles", "rules.sending"),
    ("rules.membership", "rules.presence"),
    ("rules.history", "rules.connection"),
    ("rules.chats", "rules.replays"),
    ("adapters", "dispatch", "descriptions"),
    ("clients",),
    ("command",),
    ("http", "cleanup", "revocation"),
)
# A command may import anything.
COMMANDS = ("shared.cleanup.__main__", "shared.revocation.__main__", "shared.descriptions.__main__")
MODULES = modules("shared")
# The folders that may use a network or an SDK, and which. All others are pure computation.
SDKS = {"azure", "aiohttp", "socket", "ssl", "http", "urllib3", "requests"}
REACHES = {
    "shared.adapters": {"azure", "aiohttp"},
    # The types of requests and responses.
    "shared.http": {"azure"},
    "shared.wire.route": {"azure"},
    # The name of a credential, for the type checker.
    "shared.clients": {"azure"},
}
OTHERS = {"emulator", "local", "tests", "bench", "function_app"}


def floor_of(module: str) -> tuple[int, str]:
    """The number of a module's floor, and its entry there."""
    for number, rooms in enumerate(FLOORS):
        for room in rooms:
            if f"{module}.".startswith(f"shared.{room}."):
                return number, room
    raise AssertionError(f"{module} stands on no floor")


# `shared`, `shared.model` and `shared.rules` are only folders of floors.
STANDING = [name for name in MODULES if name not in ("shared", "shared.model", "shared.rules")]
EDGES = graph("shared")


@pytest.mark.parametrize("module", [name for name in STANDING if name not in COMMANDS])
def test_a_module_uses_only_the_floors_below_its_own(module: str) -> None:
    number, room = floor_of(module)
    above = {other for other in EDGES[module] if floor_of(other) >= (number, "") and floor_of(other) != (number, room)}
    assert above == set()


def test_every_floor_has_somebody_on_it() -> None:
    standing = {floor_of(name) for name in STANDING}
    assert standing == {(number, room) for number, rooms in enumerate(FLOORS) for room in rooms}


@pytest.mark.parametrize("package", ["shared", "local", "bench", "emulator", "tests"])
def test_no_module_leads_back_to_itself(package: str) -> None:
    assert circle(graph(package)) == []


def test_a_circle_is_found_however_long_it_is() -> None:
    assert circle({"a": {"b", "d"}, "b": {"c"}, "c": {"a"}, "d": set()}) == ["a", "b", "c", "a"]


@pytest.mark.parametrize("module", MODULES)
def test_the_backend_knows_nothing_of_the_rest_of_the_repository(module: str) -> None:
    assert {name.partition(".")[0] for name in imported(MODULES[module])} & OTHERS == set()


@pytest.mark.parametrize("module", MODULES)
def test_only_those_who_are_named_know_a_network_or_an_sdk(module: str) -> None:
    allowed = next((given for room, given in REACHES.items() if f"{module}.".startswith(f"{room}.")), set())
    assert {name.partition(".")[0] for name in imported(MODULES[module])} & SDKS <= allowed


def test_every_folder_says_what_it_owns() -> None:
    packages = [path.parent for path in MODULES.values() if path.name == "__init__.py"]
    folders = {path.parent for path in MODULES.values()}
    assert folders == set(packages)
    assert [str(path) for path in packages if len((path / "__init__.py").read_text().split()) < 10] == []


def test_nobody_imports_a_command() -> None:
    users = [name for name in MODULES if EDGES[name] & {"shared.cleanup", "shared.revocation", *COMMANDS}]
    assert [name for name in users if not name.startswith(("shared.cleanup", "shared.revocation"))] == []


def test_the_webhook_reaches_rules_through_dispatch_only() -> None:
    assert [name for name in EDGES["shared.http.webhook"] if name.startswith("shared.rules.")] == []


def test_only_the_clients_know_the_adapters() -> None:
    users = [name for name in MODULES if any(other.startswith("shared.adapters.") for other in EDGES[name])]
    assert [name for name in users if not name.startswith("shared.adapters.")] == ["shared.clients"]


def test_presence_knows_chats_in_one_place() -> None:
    presence = {name: path for name, path in MODULES.items() if name.startswith("shared.rules.presence")}
    knowing = [name for name, path in presence.items() if re.search(r"store\.(chats|memberships)", path.read_text())]
    assert knowing == ["shared.rules.presence.audience"]


# What the page says: of the folders, or modules, in the first column, the modules in the last.
PAGE = (ROOT / "docs" / "architecture.md").read_text()
TABLE = PAGE[PAGE.index("### Inside `shared/`") : PAGE.index("### Inside `emulator/`")]
ROWS = re.findall(r"^\| (`.*?`) \| .*? \| (.*) \|$", TABLE, flags=re.MULTILINE)
NAMED = {
    name.strip("/").replace("/", "."): set(re.findall(r"`(\w+)/?`", last))
    for first, last in ROWS
    for name in re.findall(r"`(.*?)`", first)
}
# Their modules are named after nouns, or after the kind of row that goes.
NOUNS = {"cleanup", "revocation", "adapters.tables", "ports.store", "model.text"}


def test_the_architecture_page_lists_the_floors_from_the_top_down() -> None:
    numbers = [
        min(number for number, rooms in enumerate(FLOORS) for room in rooms if f"{room}.".startswith(f"{name}."))
        for name in NAMED
    ]
    assert len(numbers) > len(FLOORS) and numbers == sorted(numbers, reverse=True)


def test_the_architecture_page_names_every_module() -> None:
    parts = [module.removeprefix("shared.").rpartition(".") for module in STANDING if module not in COMMANDS]
    inside = [(folder, name) for folder, _, name in parts if folder and folder not in NOUNS]
    packages = {folder for folder, _ in inside} | NOUNS
    missing = [f"{folder}.{name}" for folder, name in inside if name not in NAMED.get(folder, ())]
    assert [one for one in missing if one not in packages] == []


def test_the_architecture_page_names_no_module_that_is_gone() -> None:
    named = [f"shared.{folder}.{name}" for folder, names in NAMED.items() for name in names if name.islower()]
    assert [name for name in named if name not in MODULES] == []
