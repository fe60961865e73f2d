"""The Python and the Node.js parts of the stack agree on the names by which they may be called."""

import argparse
import json
import subprocess
from pathlib import Path

from local import hosts

ROOT = Path(__file__).resolve().parents[2]
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
