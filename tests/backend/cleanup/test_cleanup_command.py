"""The command ``python -m shared.cleanup``: its options and its output; and that nothing else uses its code."""

import re
import subprocess
import sys

import pytest

from shared.adapters.tables.store import TableStore
from shared.cleanup.__main__ import KINDS, MESSAGES, main, wanted
from shared.model.clock import now
from shared.model.records import Connection, OnlineUser, Profile
from tests.backend.commands import NOWHERE, ran
from tests.backend.stage import new_id
from tests.conftest import ROOT

COMMAND = "shared.cleanup"


async def test_it_says_how_much_of_each_kind_would_go_and_nobodys_name(
    table_store: TableStore, azurite: str, stand_in: str
) -> None:
    user, name = new_id(), f"Xyzzy-{new_id()}"
    await table_store.users.put(Profile(user, name, "test"))
    await table_store.presence.put_connection(user, Connection(new_id(), False))
    await table_store.presence.appear(OnlineUser(user, name, "test", False, now()))
    settings = {"STORAGE_CONNECTION_STRING": azurite, "PUBSUB_CONNECTION_STRING": stand_in}
    done = ran(COMMAND, "--messages-older-than", "1", **settings)
    assert (done.returncode, done.stderr) == (0, "")
    *kinds, last = done.stdout.splitlines()
    counts = {line.split()[0]: int(line.split()[1]) for line in kinds}
    assert list(counts) == [*KINDS, MESSAGES] and counts["ghosts"] >= 1
    assert all(re.fullmatch(r"\w+ +\d+ would be removed \(\d+ rows\)", line) for line in kinds)
    assert last == "Nothing was removed. Add --apply to remove it."
    assert user not in done.stdout and name not in done.stdout
    assert len(await table_store.presence.connections(user)) == 1
    limited = ran(COMMAND, "--limit", "1", "--only", "ghosts", **settings)
    assert limited.returncode == 0 and "Reached the limit of 1 rows." in limited.stdout


def test_storage_that_does_not_answer_is_one_line_and_nothing_is_taken_for_gone(stand_in: str) -> None:
    done = ran(COMMAND, "--apply", STORAGE_CONNECTION_STRING=NOWHERE, PUBSUB_CONNECTION_STRING=stand_in)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith("cleanup: Storage or Web PubSub is not responding.")
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_named() -> None:
    done = ran(COMMAND, STORAGE_CONNECTION_STRING="")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch("cleanup: STORAGE_CONNECTION_STRING or STORAGE_ACCOUNT_NAME must be set.*", done.stderr.strip())


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--only", "messages"], "--only messages needs --messages-older-than DAYS"),
        (["--only", "ghost"], "--only: unknown kind 'ghost'; the kinds are ghosts, guests"),
        (["--limit", "0"], "'0' is not an integer of at least 1"),
        (["--messages-older-than", "-1"], "'-1' is not an integer of at least 1"),
        (["everything"], "unrecognized arguments: everything"),
    ],
)
def test_a_wrong_option_is_explained(arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2 and problem in capsys.readouterr().err


def test_kinds_are_cleaned_in_their_own_order_however_they_are_named() -> None:
    assert list(wanted("messages, guests,ghosts", 3)) == ["ghosts", "guests", "messages"]


def test_every_kind_and_option_is_described() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    rows = re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)
    assert rows[: len(KINDS) + 1] == [*KINDS, MESSAGES]
    described = {row.split()[0] for row in rows[len(KINDS) + 1 :]}
    assert described == set(re.findall(r"--[a-z-]+", ran(COMMAND, "--help").stdout)) - {"--help"}


def test_the_function_app_does_not_load_it() -> None:
    loaded = (
        "import sys, function_app; print([one for one in sys.modules if 'cleanup' in one or 'tables.sweep' in one])"
    )
    done = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_nothing_else_scans_whole_tables() -> None:
    scanning = {
        path.relative_to(ROOT / "shared").parts[0]
        for path in (ROOT / "shared").rglob("*.py")
        if re.search(r"\.(sweep|scan)\(|shared\.cleanup", path.read_text())
    }
    # The adapters implement it.
    assert scanning == {"cleanup", "adapters"}
