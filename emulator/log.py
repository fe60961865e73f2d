"""The log: one line per event, as text or as a JSON object. Callers never log tokens or the text of messages.

In text lines, names from outside are made printable; JSON escapes them.
"""

import datetime
import json
import sys
from typing import Literal, TextIO, TypeAlias

LINE_MAX_CHARACTERS = 400
Format: TypeAlias = Literal["text", "json"]


class Log:
    """Writes to ``stream`` or to standard error. ``verbose``: callers also log published messages."""

    def __init__(
        self, stream: TextIO | None = None, *, verbose: bool = False, quiet: bool = False, form: Format = "text"
    ) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self.verbose = verbose and not quiet
        self._quiet, self._form = quiet, form

    def write(self, event: str, text: str, **fields: str | int | float | None) -> None:
        """Writes one line about an event. JSON lines also have the ``fields`` that are not None."""
        if self._quiet:
            return
        now = datetime.datetime.now(datetime.UTC)
        line = as_text(now, text) if self._form == "text" else as_json(now, event, text, fields)
        try:
            self._stream.write(f"{line}\n")
            self._stream.flush()
        except (OSError, ValueError):
            # The service goes on when nobody reads the log any more.
            self._quiet = True


def as_text(now: datetime.datetime, text: str) -> str:
    """The line as text; line breaks and control characters are replaced, so that it stays one line."""
    printable = "".join(c if c.isprintable() else "\ufffd" for c in text[:LINE_MAX_CHARACTERS])
    return f"{now.strftime('%H:%M:%S.%f')[:-3]} {printable}"


def as_json(now: datetime.datetime, event: str, text: str, fields: dict[str, str | int | float | None]) -> str:
    """The line as an ASCII JSON object."""
    said = {name: value for name, value in fields.items() if value is not None}
    time = now.isoformat(timespec="milliseconds")
    return json.dumps({"time": time, "event": event, "text": text[:LINE_MAX_CHARACTERS], **said})
