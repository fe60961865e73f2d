"""Starts the Functions host: loads ``host.json`` and ``function_app.py``, then serves until told to stop."""

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

# A call in flight may finish within this time after a stop.
SHUTDOWN_SECONDS = 3.0
# What is read of an address or a header, so that one over HEAD_BYTES can be answered.
READABLE_BYTES = 1 << 20

log = logging.getLogger("functions")


class BadApp(Exception):
    """The app cannot be loaded; the message says what is wrong with it."""


async def serve(root: Path, settings: dict[str, str], port: int, allowed_hosts: Collection[str]) -> None:
    """Runs the app in ``root`` on the loopback until SIGINT or SIGTERM. Raises BadApp, BadTemplate, OSError."""
    # As host.json has it: our own information, of the SDKs only what is wrong.
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stdout)
    logging.getLogger("azure").setLevel(logging.WARNING)
    logging.getLogger("aiohttp.server").addFilter(without_quotes)
    # Settings are environment variables in Functions; what the process already has wins.
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
        # Functions hands a compressed body on as it came.
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
    """Lets a log line of the web server pass without the request that cannot be read: there may be a cookie in it."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.msg, record.args, record.exc_info = f"A request cannot be read: {type(error).__name__}", (), None
    return True


def load(root: Path) -> func.FunctionApp:
    """The one FunctionApp that ``function_app.py`` defines."""
    path = root / "function_app.py"
    if not path.exists():
        raise BadApp(f"There is no function_app.py in {root}.")
    # Functions puts the app's folder on the import path.
    sys.path.insert(0, str(root))
    spec = importlib.util.spec_from_file_location("function_app", path)
    if spec is None or spec.loader is None:
        raise BadApp(f"{path} cannot be imported.")
    module = importlib.util.module_from_spec(spec)
    sys.modules["function_app"] = module
    spec.loader.exec_module(module)
    apps = [value for value in vars(module).values() if isinstance(value, func.FunctionApp)]
    if len(apps) != 1:
        raise BadApp(f"function_app.py must define one FunctionApp; it defines {len(apps)}.")
    return apps[0]


def chosen_key(routes: list[Route]) -> str:
    """A key for functions that want one, told once at start; made anew each time, because it is for this machine."""
    key = secrets.token_urlsafe(24)
    if any(route.auth_level != "ANONYMOUS" for route in routes):
        print(f"Key for functions that want one (?code= or x-functions-key): {key}", flush=True)
    return key
