"""Starts the Functions host: loads ``host.json`` and ``function_app.py``, then serves until it is stopped."""

import asyncio
import importlib.util
import logging
import os
import secrets
import signal
import sys
from collections.abc import Collection
from pathlib import Path

import azure.functions as func
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from local.functions.host_json import BadHostFile, read_host_file
from local.functions.routes import Route, listing, read_routes
from local.functions.server import build
from local.functions.throttle import Throttle
from local.ports import HOST

# The time for calls in flight to finish after a stop.
SHUTDOWN_SECONDS = 3.0
# The limit on reading a URL or header. It is larger than HEAD_BYTES, so that exceeding that can be answered.
READABLE_BYTES = 1 << 20

log = logging.getLogger("functions")


class BadApp(Exception):
    """The app can't be loaded; the message says why."""


async def serve(root: Path, settings: dict[str, str], port: int, allowed_hosts: Collection[str]) -> None:
    """Serves the app in ``root`` on the loopback until SIGINT or SIGTERM. Raises BadApp, BadTemplate, OSError."""
    # The same levels as in host.json: INFO for us, WARNING for the SDKs.
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stdout)
    logging.getLogger("azure").setLevel(logging.WARNING)
    logging.getLogger("aiohttp.server").addFilter(without_quotes)
    # Functions passes settings as environment variables; existing ones take precedence.
    for name, value in settings.items():
        os.environ.setdefault(name, value)
    functions = load(root)
    try:
        file = read_host_file(root)
    except BadHostFile as error:
        raise BadApp(str(error)) from error
    routes = read_routes(functions, file.route_prefix)
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    app = build(routes, root, chosen_key(routes), Throttle(file), allowed_hosts)
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=SHUTDOWN_SECONDS,
        max_line_size=READABLE_BYTES,
        max_field_size=READABLE_BYTES,
        # Functions passes a compressed body on as it is.
        auto_decompress=False,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        actual = runner.addresses[0][1]
        print(f"Functions on http://localhost:{actual}\n{listing(routes)}", flush=True)
        await stopping.wait()
    finally:
        await runner.cleanup()


def without_quotes(record: logging.LogRecord) -> bool:
    """A log filter that removes malformed requests from the web server's log lines, since they may contain cookies."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.msg, record.args, record.exc_info = f"A request is malformed: {type(error).__name__}", (), None
    return True


def load(root: Path) -> func.FunctionApp:
    """The FunctionApp that ``function_app.py`` defines. Raises BadApp."""
    path = root / "function_app.py"
    if not path.exists():
        raise BadApp(f"There is no function_app.py in {root}.")
    # Functions puts the app's folder on the import path.
    sys.path.insert(0, str(root))
    spec = importlib.util.spec_from_file_location("function_app", path)
    if spec is None or spec.loader is None:
        raise BadApp(f"{path} can't be imported.")
    module = importlib.util.module_from_spec(spec)
    sys.modules["function_app"] = module
    spec.loader.exec_module(module)
    apps = [value for value in vars(module).values() if isinstance(value, func.FunctionApp)]
    if len(apps) != 1:
        raise BadApp(f"function_app.py must define exactly one FunctionApp; it defines {len(apps)}.")
    return apps[0]


def chosen_key(routes: list[Route]) -> str:
    """A new access key. It is printed if a function needs one."""
    key = secrets.token_urlsafe(24)
    if any(route.auth_level != "ANONYMOUS" for route in routes):
        print(f"Key for functions that require one (?code= or x-functions-key): {key}", flush=True)
    return key
