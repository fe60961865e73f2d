"""Log lines: one JSON object each, with the id of the call it belongs to.

Owns what a line looks like and which call is being served. A line has codes, counts and ids of ours. It never has a
text, a name, a token, a cookie or an address' query: whoever logs passes none, and of an error only where it happened.
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
    """Everything inside belongs to one call. Yields what ``note`` adds to it."""
    notes: dict[str, Value] = {"correlation": correlation}
    token = _call.set(notes)
    try:
        yield notes
    finally:
        _call.reset(token)


def note(**fields: Value) -> None:
    """Adds to what the call's last line says."""
    notes = _call.get()
    if notes is not None:
        notes.update(fields)


def correlation() -> str:
    """The id of the call that is being served; empty outside one."""
    return str((_call.get() or {}).get("correlation", ""))


def line(what: str, **fields: Value) -> str:
    """What to hand to a logger."""
    return msgspec.json.encode({"what": what, "correlation": correlation(), **fields}).decode()


def origin(error: BaseException) -> list[str]:
    """Where an error comes from, the cause first: types and places, but not its words, which may quote a user's."""
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
