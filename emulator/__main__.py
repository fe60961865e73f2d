"""The command: ``python -m emulator`` in a checkout, ``web-pubsub-stand-in`` where the wheel is installed."""

import argparse
import asyncio
import errno
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from .address import address_of
from .configuration import (
    DEFAULT_ACCESS_KEY,
    SYSTEM_EVENTS,
    BadConfiguration,
    Settings,
    checked_access_keys,
    checked_hosts,
    checked_hub,
    checked_origins,
    entra_trust,
    event_handler,
    read_file,
    unused_handlers,
    with_options,
)
from .log import Log
from .reload import Reload, Stamp, log_warnings, stamp_of

# The most that macOS grants a process. Each client is one open file.
OPEN_FILES = 10_240
OPEN_FILES_PAUSE_SECONDS = 10
USER_EVENTS = "*"

EPILOG = """examples:
  %(prog)s
  %(prog)s --port 0 --hub chat --event-handler 'http://localhost:7071/api/{event}'

Configure an SDK with the line that is printed: Endpoint=http://localhost:8080;AccessKey=...;Version=1.0;
docs/emulator.md describes the configuration file and what is supported."""


def parser() -> argparse.ArgumentParser:
    """The options."""
    options = argparse.ArgumentParser(
        # argparse finds the name of the wheel's command, but not that of a package run with -m.
        prog=f"python -m {__package__}" if Path(sys.argv[0]).name == "__main__.py" else None,
        description="A local stand-in for Azure Web PubSub: WebSocket, REST and event handlers on one port.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = options.add_argument
    add(
        "--host",
        type=listen_address,
        default="127.0.0.1",
        help="address to listen on (default 127.0.0.1: this machine only)",
    )
    endpoint_help = "the base URL at which others reach the stand-in, if it is not the host and port"
    add("--endpoint", type=base_url, metavar="URL", help=endpoint_help)
    add("--port", type=port_number, default=8080, help="port to listen on; 0 picks a free one (default 8080)")
    add("--access-key", metavar="KEY", help="the key that signs tokens (default: the published development key)")
    add("--secondary-access-key", metavar="KEY", help="a second key that is also accepted")
    entra_help = "JSON Web Key Set to verify callers' Microsoft Entra tokens with"
    add("--entra-key-document", type=Path, metavar="FILE", help=entra_help)
    unvalidated_help = "accept callers' Microsoft Entra tokens without verifying their signatures"
    add("--allow-unvalidated-entra-tokens", action="store_true", help=unvalidated_help)
    config_help = "JSON file in the format of Microsoft's emulator; options override it"
    add("--config", type=Path, metavar="FILE", help=config_help)
    host_help = "another host name under which it may be reached, or * for any; may be repeated"
    add("--allowed-host", action="append", default=[], metavar="NAME", help=host_help)
    origin_help = "a public site whose pages may open WebSockets, or null, file://, or * for any; may be repeated"
    add("--allowed-origin", action="append", default=[], metavar="ORIGIN", help=origin_help)
    limit_help = "a limit, such as Connections=20; may be repeated. docs/emulator.md lists all limits"
    add("--limit", action="append", default=[], metavar="NAME=VALUE", help=limit_help)
    add("--verbose", action="store_true", help="also log every published message")
    add("--quiet", action="store_true", help="log nothing")
    form_help = "text (default), or one JSON object per line"
    add("--log-format", choices=("text", "json"), default="text", help=form_help)
    json_help = "send JSON to protobuf clients as json_data, which official clients understand, not as text_data"
    add("--protobuf-json-data", action="store_true", help=json_help)
    add_handler_options(options)
    return options


def add_handler_options(options: argparse.ArgumentParser) -> None:
    """The options of one hub's webhook."""
    group = options.add_argument_group("event handler")
    group.add_argument("--hub", metavar="NAME", help="the hub that --event-handler is for")
    group.add_argument("--event-handler", metavar="URL", help="webhook URL of the hub; {hub} and {event} are replaced")
    user_help = "user events to send to it: '*' or a comma-separated list (default '*')"
    group.add_argument("--user-events", default=USER_EVENTS, metavar="NAMES", help=user_help)
    system = ",".join(SYSTEM_EVENTS)
    system_help = f"system events to send to it, comma-separated (default {system})"
    group.add_argument("--system-events", default=system, metavar="NAMES", help=system_help)
    drop_help = (
        "when a client's event fails, close it with 1011, as documented for the live service, instead of an error ack"
    )
    group.add_argument("--drop-on-failed-event", action="store_true", help=drop_help)


def listen_address(text: str) -> str:
    """An address to listen on; raises ArgumentTypeError. An empty one would mean all network interfaces."""
    if not text.strip():
        raise argparse.ArgumentTypeError("an address is needed, such as 127.0.0.1")
    return text


def base_url(text: str) -> str:
    """A base URL; raises ArgumentTypeError."""
    try:
        return address_of(text).base
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def port_number(text: str) -> int:
    """A TCP port or 0; raises ArgumentTypeError."""
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port number from 0 to 65535")
    return int(text)


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings from the options and the file; raises BadConfiguration."""
    from_file = read_file(options.config) if options.config else Settings()
    primary, *others = from_file.access_keys
    keys = [options.access_key or primary]
    keys += [options.secondary_access_key] if options.secondary_access_key else others
    handlers = dict(from_file.handlers)
    if bool(options.hub) != bool(options.event_handler):
        raise BadConfiguration("--hub and --event-handler belong together: give both or neither.")
    if not options.hub and (options.user_events, options.system_events) != (USER_EVENTS, ",".join(SYSTEM_EVENTS)):
        raise BadConfiguration("--user-events and --system-events need --event-handler: give that too.")
    if options.hub:
        handler = event_handler(options.event_handler, options.user_events, options.system_events.split(","))
        handlers[checked_hub(options.hub)] = (handler,)
    trust = from_file.entra
    if options.entra_key_document or options.allow_unvalidated_entra_tokens:
        trust = entra_trust(options.entra_key_document, options.allow_unvalidated_entra_tokens)
    return Settings(
        checked_access_keys(keys),
        handlers,
        options.drop_on_failed_event,
        options.protobuf_json_data,
        trust,
        with_options(from_file.limits, options.limit),
        from_file.identity,
        options.endpoint or "",
        checked_hosts(options.allowed_host) or from_file.allowed_hosts,
        checked_origins(options.allowed_origin) or from_file.allowed_origins,
        (*from_file.warnings, *unused_handlers(handlers), *unread_variables(os.environ)),
    )


def unread_variables(environment: Iterable[str]) -> list[str]:
    """Warnings about variables from which Microsoft's emulator would read its configuration."""
    names = [name for name in environment if name.lower().startswith("webpubsub__")]
    return [f"the environment variable {name} is ignored: use --config or the options" for name in names[:20]]


def main() -> int:
    """Runs until SIGTERM or SIGINT; returns the exit code."""
    options = parser().parse_args()
    # Taken before the file is read, so that no later change is missed.
    seen = stamp_of(options.config) if options.config else None
    try:
        settings = settings_of(options)
    except BadConfiguration as error:
        print(error, file=sys.stderr)
        return 1
    allow_many_sockets()
    # Imported late: --help and errors in the options should not wait for it.
    try:
        import uvloop

        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    except ImportError:
        runner = asyncio.Runner()
    with runner:
        return runner.run(serve(options, settings, seen))


def allow_many_sockets() -> None:
    """Raises the soft limit on open files (256 on macOS), beyond which clients would wait forever without an error."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def one_line_about_open_files(log: Log) -> Callable[[asyncio.AbstractEventLoop, dict[str, Any]], None]:
    """An exception handler for the event loop, which would log a traceback per client that has to wait."""
    said = float("-inf")

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        nonlocal said
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in (errno.EMFILE, errno.ENFILE):
            loop.default_exception_handler(context)
        elif time.monotonic() - said > OPEN_FILES_PAUSE_SECONDS:
            said = time.monotonic()
            log.write(
                "warning",
                "Warning: the limit on open files is reached (ulimit -n): new clients wait until others leave",
            )

    return handle


async def serve(options: argparse.Namespace, settings: Settings, seen: Stamp | None) -> int:
    """Serves until stopped, and reloads the configuration file when it differs from ``seen``; returns the exit code."""
    from .server import Server

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    log = Log(verbose=options.verbose, quiet=options.quiet, form=options.log_format)
    asyncio.get_running_loop().set_exception_handler(one_line_about_open_files(log))
    try:
        async with Server(settings, log, options.host, options.port) as server:
            print(server.connection_string, flush=True)
            log.write("started", f"see what happens at {server.addresses.own.base}/")
            if not server.addresses.only_here and settings.access_keys[0] == DEFAULT_ACCESS_KEY:
                log.write("warning", "Warning: this port is open to the network, and the default access key is public")
            log_warnings(settings, log)
            watching = None
            if seen is not None:
                reload = Reload(options.config, seen, lambda: settings_of(options), server.apply, log)
                watching = asyncio.create_task(reload.watch())
            await stop.wait()
            if watching is not None:
                watching.cancel()
            log.write("stopping", "stopping")
    except OSError as error:
        print(listen_error(options, error), file=sys.stderr)
        return 1
    return 0


def listen_error(options: argparse.Namespace, error: OSError) -> str:
    """One line that names the option to change."""
    if error.errno == errno.EADDRINUSE:
        return f"Port {options.port} is already in use: choose another with --port PORT (0 picks a free one)."
    return f"Cannot listen on {options.host} port {options.port} ({error.strerror}): change --host or --port."


if __name__ == "__main__":
    sys.exit(main())
