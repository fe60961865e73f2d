"""The Python and Node.js parts of the stack agree on the host names that they allow."""

import argparse
import json
import subprocess
from pathlib import Path

import pytest

from emulator.configuration import checked_hosts, checked_origins, read_file
from emulator.sites import is_known_host, may_connect
from local import hosts, keys, stand_in
from local.configuration import resolve
from local.ports import Ports

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
ALLOWED = ["tunnel.example", "other.example"]
OWN = [
    *("localhost", "LOCALHOST:4280", "localhost.", "127.0.0.1:4280", "[::1]:4280", "192.168.1.7", "app.localhost"),
    *("devbox:1", "host.docker.internal", "pubsub.chat.svc:1", "Tunnel.Example:443", "other.example"),
]
FOREIGN = [
    *(
        "site.example",
        "localhost.site.example",
        "127.0.0.1.site.example:4280",
        "a.tunnel.example",
        "tunnel.example.org",
    ),
    *("internal.example", "svc.example", "[x"),
]
SCRIPT = """
import { isOwnHost } from "./hosts.mjs";
console.log(JSON.stringify(JSON.parse(process.argv[1]).map(host => isOwnHost(host))));
"""


def test_names_that_a_public_site_can_have_are_refused_unless_they_are_allowed() -> None:
    assert [host for host in OWN if not hosts.is_own(host, ALLOWED)] == []
    assert [host for host in FOREIGN if hosts.is_own(host, ALLOWED)] == []
    assert all(hosts.is_own(host, ["*"]) for host in FOREIGN)


def test_in_node_the_same_names_count() -> None:
    asked = [*OWN, *FOREIGN]
    command = ["node", "--input-type=module", "--eval", SCRIPT, json.dumps(asked)]
    environment = {hosts.VARIABLE: " Tunnel.example,other.example"}
    found = subprocess.run(command, cwd=ROOT / "local", env=environment, capture_output=True, check=True, text=True)
    assert json.loads(found.stdout) == [host in OWN for host in asked]


def test_the_option_wins_over_the_environment() -> None:
    parser = argparse.ArgumentParser()
    hosts.add_option(parser, {hosts.VARIABLE: "A.example, b.example"})
    assert parser.parse_args([]).allowed_hosts == ["a.example", "b.example"]
    assert parser.parse_args(["--allowed-hosts", "c.example"]).allowed_hosts == ["c.example"]


@pytest.mark.parametrize("pasted", ["https://a.example", "a.example:4280", "a.example/", "ok.example,*.example"])
@pytest.mark.parametrize("by_option", [True, False])
def test_values_that_are_no_host_names_are_refused_where_they_are_given(
    pasted: str, by_option: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    hosts.add_option(parser, {} if by_option else {hosts.VARIABLE: pasted})
    with pytest.raises(SystemExit):
        parser.parse_args(["--allowed-hosts", pasted] if by_option else [])
    said = capsys.readouterr().err
    assert "--allowed-hosts" in said and hosts.VARIABLE in said and "the port" in said


def test_what_is_taken_is_good_for_the_stand_in_too() -> None:
    taken = hosts.names(" Tunnel.Example ,, devbox, *")
    assert taken == ["tunnel.example", "devbox", "*"]
    assert list(checked_hosts(taken)) == list(checked_origins(taken)) == taken


def test_through_a_tunnel_for_each_the_page_connects_as_the_readme_says(tmp_path: Path) -> None:
    """Two public host names, of the page and of Web PubSub."""
    environ = {"PUBSUB_CLIENT_ENDPOINT": "wss://chat-8080.example"}
    ports = Ports()
    section = stand_in.section(ports, resolve(ROOT, environ, ports, keys.Keys()), hosts.names("chat-4280.example"))
    told = read_file(written(tmp_path / "stand-in.json", section))
    assert is_known_host("chat-8080.example", told.allowed_hosts)
    assert may_connect("https://chat-4280.example", "chat-8080.example", told.allowed_hosts, told.allowed_origins)
    assert 'PUBSUB_CLIENT_ENDPOINT=wss://NAME_FOR_8080 make run ARGS="--allowed-hosts NAME_FOR_4280"' in README


def written(path: Path, section: dict[str, object]) -> Path:
    path.write_text(json.dumps({"WebPubSub": section}))
    return path
