"""The ports of the local stack: defaults, options and environment variables, and whether they are free."""

import argparse
import socket
from collections.abc import Mapping
from dataclasses import dataclass, fields

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """TCP ports on the loopback interface. Each has an option (``--app-port``) and a variable (``CHATR_APP_PORT``)."""

    app: int = 4280
    functions: int = 7071
    pubsub: int = 8080
    blob: int = 10000
    queue: int = 10001
    table: int = 10002


class PortTwice(Exception):
    """Two of our ports are equal; the message names both."""


class PortTaken(Exception):
    """One of our ports is already in use."""

    def __init__(self, name: str, port: int) -> None:
        self.name, self.port = name, port

    def __str__(self) -> str:
        return (
            f"Port {self.port} is already in use; choose another with --{self.name}-port PORT "
            f"or {variable(self.name)}=PORT, or stop the program that uses it."
        )


def variable(name: str) -> str:
    """The environment variable for the port ``name``."""
    return f"CHATR_{name.upper()}_PORT"


def add_options(parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
    """Adds an option per port; its default is the environment variable's value, else ours."""
    for field in fields(Ports):
        parser.add_argument(
            f"--{field.name}-port",
            type=port_number,
            metavar="PORT",
            # argparse converts string defaults, so an invalid variable is reported like an invalid option.
            default=environ.get(variable(field.name)) or str(field.default),
            help=f"default {field.default}; also {variable(field.name)}",
        )


def port_number(text: str) -> int:
    """A port number; raises ArgumentTypeError for anything else."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port number from 1 to 65535")
    return int(text)


def from_options(options: argparse.Namespace) -> Ports:
    """The chosen ports. Raises PortTwice."""
    chosen: dict[str, int] = {}
    for field in fields(Ports):
        port = getattr(options, f"{field.name}_port")
        for other, used in chosen.items():
            if port == used:
                raise PortTwice(
                    f"--{other}-port and --{field.name}-port are both {port}; each part needs its own port."
                )
        chosen[field.name] = port
    return Ports(**chosen)


def require_free(name: str, port: int) -> None:
    """Raises PortTaken if a program listens on ``port`` of the loopback interface, with IPv4 or IPv6.

    Both are checked, because a browser that opens ``localhost`` may try either first.
    """
    for family, host in ((socket.AF_INET, HOST), (socket.AF_INET6, "::1")):
        if listens(family, host, port):
            raise PortTaken(name, port)


def listens(family: socket.AddressFamily, host: str, port: int) -> bool:
    """Whether a connection is accepted there; False if the machine does not support the address family."""
    try:
        with socket.socket(family) as probe:
            probe.settimeout(1)
            return probe.connect_ex((host, port)) == 0
    except OSError:
        return False
