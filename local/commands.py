"""The commands of ``python -m local``: the stack (``up``), the Functions host alone, and the backend's commands."""

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import NoReturn

from local import hosts
from local import ports as port_options

ROOT = Path(__file__).resolve().parent.parent


def run(arguments: list[str]) -> int:
    """Runs a command and returns the exit code. A user error is printed as one line on stderr."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except Exception as error:
        if not isinstance(error, known_errors()):
            raise
        print(f"chatr: {error}", file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m local", description="The local stack of Chatr and its parts.")
    commands = top.add_subparsers(required=True, title="commands")
    up = commands.add_parser("up", help="start everything and stop it on Ctrl-C", description="Start everything.")
    port_options.add_options(up, os.environ)
    add_data_option(up)
    hosts.add_option(up, os.environ)
    up.set_defaults(run=run_up)
    functions = commands.add_parser("functions", help="run function_app.py alone, as the Functions host would")
    functions.add_argument("--port", type=functions_port, default=7071, help="default 7071; 0 picks a free port")
    functions.add_argument("--root", type=Path, default=ROOT, help="folder of function_app.py and host.json")
    hosts.add_option(functions, os.environ)
    functions.set_defaults(run=run_functions)
    for name in ("cleanup", "revocation"):
        command = commands.add_parser(name, help=f"run the backend's {name} command with the stack's settings")
        port_options.add_options(command, os.environ)
        add_data_option(command)
        command.add_argument("arguments", nargs="*", metavar="-- OPTION", help="its options; `-- --help` lists them")
        command.set_defaults(run=run_with_settings, module=f"shared.{name}")
    return top


def add_data_option(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--data",
        type=Path,
        default=Path(os.environ.get("CHATR_DATA") or ROOT / ".chatr"),
        help="folder for persistent data (default .chatr; also CHATR_DATA)",
    )


def functions_port(text: str) -> int:
    return 0 if text == "0" else port_options.port_number(text)


def run_up(options: argparse.Namespace) -> int:
    from local import up

    return up.run(ROOT, options.data.resolve(), port_options.from_options(options), options.allowed_hosts)


def run_functions(options: argparse.Namespace) -> int:
    from local.configuration import read_all
    from local.functions.host import serve

    if options.port:
        port_options.require_free("functions", options.port)
    asyncio.run(serve(options.root.resolve(), read_all(options.root), options.port, options.allowed_hosts))
    return 0


def run_with_settings(options: argparse.Namespace) -> NoReturn:
    from local import keys
    from local.configuration import resolve
    from local.up import beside_proxies

    own = keys.kept_in(options.data.resolve())
    settings = resolve(ROOT, os.environ, port_options.from_options(options), own).settings
    command = [sys.executable, "-m", options.module, *options.arguments]
    os.chdir(ROOT)
    # It replaces this process, so that stop signals reach it and its exit code is passed on.
    os.execve(sys.executable, command, {**beside_proxies(os.environ), **settings})  # noqa: S606


def known_errors() -> tuple[type[Exception], ...]:
    """The errors that the user can fix. Any other error is a bug and keeps its traceback."""
    from local.configuration import BadSettingsFile
    from local.data import BadData
    from local.front_door import BadSiteConfig
    from local.functions.host import BadApp
    from local.functions.routes import NoHttpFunctions
    from local.functions.templates import BadTemplate
    from local.parts import PartFailed

    ours = (port_options.PortTaken, port_options.PortTwice, BadSettingsFile, BadData, BadSiteConfig, PartFailed)
    return (*ours, BadApp, NoHttpFunctions, BadTemplate)
