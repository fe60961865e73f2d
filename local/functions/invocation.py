"""One call of a function: runs it with a request.

Owns the meaning of sync and async functions and the ``context`` argument. Must not know the web server.
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


async def invoke(route: Route, request: func.HttpRequest, directory: Path) -> object:
    """What the function returns. A sync one runs in a thread, so that it cannot stall others. Raises what it raises."""
    arguments: dict[str, Any] = {route.parameter: request}
    if "context" in inspect.signature(route.function).parameters:
        arguments["context"] = Invocation(route.name, directory)
    if inspect.iscoroutinefunction(route.function):
        return await route.function(**arguments)
    return await asyncio.to_thread(route.function, **arguments)
