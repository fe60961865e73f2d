"""One line per event: in plain words, or as a JSON object. Never a token, never a message's text.

Names from outside are made printable in plain lines; JSON escapes what cannot be printed.
"""

import datetime
import json
import sys
from typing import Literal, TextIO, TypeAlias

LINE_MAX_CHARACTERS = 400
Format: TypeAlias = Literal["text", "json"]


class Log:
    """Writes lines to ``stream``, else standard error. ``verbose``: whoever writes logs published messages too."""

    def __init__(
        self, stream: TextIO | None = None, *, verbose: bool = False, quiet: bool = False, form: Format = "text"
    ) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self.verbose = verbose and not quiet
        self._quiet, self._form = quiet, form

    def write(self, event: str, text: str, **fields: str | int | float | None) -> None:
        """Writes one line about an event; ``fields`` are said once more by name in JSON lines, but those of None."""
        if self._quiet:
            return
        now = datetime.datetime.now(datetime.UTC)
        line = as_text(now, text) if self._form == "text" else as_json(now, event, text, fields)
        try:
            self._stream.write(f"{line}\n")
            self._stream.flush()
        except (OSError, ValueError):
            # A reader of the log that went away must not end the service.
            self._quiet = True


def as_text(now: datetime.datetime, text: str) -> str:
    """A line break or control character inside the text cannot start another line."""
    printable = "".join(c if c.isprintable() else "\ufffd" for c in text[:LINE_MAX_CHARACTERS])
    return f"{now.strftime('%H:%M:%S.%f')[:-3]} {printable}"


def as_json(now: datetime.datetime, event: str, text: str, fields: dict[str, str | int | float | None]) -> str:
    """The line as a JSON object in ASCII."""
    said = {name: value for name, value in fields.items() if value is not None}
    time = now.isoformat(timespec="milliseconds")
    return json.dumps({"time": time, "event": event, "text": text[:LINE_MAX_CHARACTERS], **said})
