"""Structured log lines: one JSON object each, with the correlation id of the call.

A line has codes, counts and ids of ours. It never contains message texts, names, tokens, cookies or URL queries:
callers must not pass any, and of an error they log only where it happened (``origin``).
"""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import msgspec

Value = str | int | list[str]

ROOT = Path(__file__).resolve().parent.parent

_call: ContextVar[dict[str, Value] | None] = ContextVar("call", default=None)


@contextmanager
def call(correlation: str) -> Iterator[dict[str, Value]]:
    """Marks everything inside as part of one call. Yields the fields for its last log line, which ``note`` adds to."""
    notes: dict[str, Value] = {"correlation": correlation}
    token = _call.set(notes)
    try:
        yield notes
    finally:
        _call.reset(token)


def note(**fields: Value) -> None:
    """Adds fields to the call's last log line."""
    notes = _call.get()
    if notes is not None:
        notes.update(fields)


def correlation() -> str:
    """The correlation id of the current call; empty outside a call."""
    return str((_call.get() or {}).get("correlation", ""))


def line(what: str, **fields: Value) -> str:
    """A log line to pass to a logger."""
    return msgspec.json.encode({"what": what, "correlation": correlation(), **fields}).decode()


def origin(error: BaseException) -> list[str]:
    """Where an error comes from, root cause first: types and locations, but no messages, which may quote users."""
    found: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        frames = [_place(frame) for frame in traceback.extract_tb(seen.__traceback__)]
        found = [type(seen).__name__, *reversed(frames), *found]
        seen = seen.__cause__ or seen.__context__
    return found


def _place(frame: traceback.FrameSummary) -> str:
    path = Path(frame.filename)
    return f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path.name}:{frame.lineno} {frame.name}"
