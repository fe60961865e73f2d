"""One line per event in plain words. Never a token, never a message's text; names from outside are made printable."""

import datetime
import sys
from typing import TextIO

LINE_MAX_CHARACTERS = 400


class Log:
    """Writes lines to ``stream``. ``detail`` lines (each published message) only when asked for."""

    def __init__(self, stream: TextIO | None = None, *, verbose: bool = False, quiet: bool = False) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self.verbose = verbose and not quiet
        self._quiet = quiet

    def write(self, text: str) -> None:
        """Writes one line; a line break or control character inside it cannot start another."""
        if self._quiet:
            return
        time = datetime.datetime.now(datetime.UTC).strftime("%H:%M:%S.%f")[:-3]
        printable = "".join(c if c.isprintable() else "\ufffd" for c in text[:LINE_MAX_CHARACTERS])
        try:
            self._stream.write(f"{time} {printable}\n")
            self._stream.flush()
        except (OSError, ValueError):
            # A reader of the log that went away must not end the service.
            self._quiet = True
