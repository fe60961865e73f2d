"""One call of a function: runs it with a request and turns what it returns into a response.

Owns the meaning of sync and async functions, the ``context`` argument and return values. Must not know the web server.
"""

import asyncio
import inspect
import threading
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import azure.functions as func

from local.functions.routes import Route


class BadReturnValue(Exception):
    """A function returned what Functions cannot send."""


@dataclass(frozen=True)
class Invocation(func.Context):
    """What a function sees as ``context``."""

    name: str
    directory: Path
    identity: str = field(default_factory=lambda: str(uuid.uuid4()))
    storage: threading.local = field(default_factory=threading.local)

    @property
    def invocation_id(self) -> str:
        return self.identity

    @property
    def thread_local_storage(self) -> Any:
        return self.storage

    @property
    def function_name(self) -> str:
        return self.name

    @property
    def function_directory(self) -> str:
        return str(self.directory)

    @property
    def trace_context(self) -> Any:
        return None

    @property
    def retry_context(self) -> Any:
        return None


async def invoke(route: Route, request: func.HttpRequest, directory: Path) -> func.HttpResponse:
    """Calls the function; a sync one runs in a thread, so that it cannot stall the others. Raises what it raises."""
    arguments: dict[str, Any] = {route.parameter: request}
    if "context" in inspect.signature(route.function).parameters:
        arguments["context"] = Invocation(route.name, directory)
    if inspect.iscoroutinefunction(route.function):
        return to_response(route, await route.function(**arguments))
    return to_response(route, await asyncio.to_thread(route.function, **arguments))


def to_response(route: Route, value: object) -> func.HttpResponse:
    """HttpResponse as it is, text as a 200, nothing as a 204. Raises BadReturnValue."""
    if isinstance(value, func.HttpResponse):
        return value
    if isinstance(value, str):
        return func.HttpResponse(value)
    if value is None:
        return func.HttpResponse(status_code=204)
    raise BadReturnValue(f"{route.name} returned {type(value).__name__}; return an HttpResponse or text.")
