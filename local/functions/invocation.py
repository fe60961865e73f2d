"""Invokes a sync or async function with a request and, if it takes one, a ``context``."""

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
    """The ``context`` argument of a function."""

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
    """Returns or raises what the function does. A sync function runs in a thread, so that it can't block others."""
    arguments: dict[str, Any] = {route.parameter: request}
    if "context" in inspect.signature(route.function).parameters:
        arguments["context"] = Invocation(route.name, directory)
    if inspect.iscoroutinefunction(route.function):
        return await route.function(**arguments)
    return await asyncio.to_thread(route.function, **arguments)
