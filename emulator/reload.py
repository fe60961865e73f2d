"""Notices that the configuration file has changed, and has it read again. Must not know what is in it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from .configuration import BadConfiguration, Settings
from .log import Log

POLL_SECONDS = 1.0
Stamp: TypeAlias = tuple[int, int, int]


class Reload:
    """``read`` makes settings of the file and the options; ``apply`` goes on with them."""

    def __init__(
        self, path: Path, seen: Stamp, read: Callable[[], Settings], apply: Callable[[Settings], None], log: Log
    ) -> None:
        """``seen``: the file's stamp from before it was read the first time."""
        self._path, self._seen, self._read, self._apply, self._log = path, seen, read, apply, log

    async def watch(self) -> None:
        """Looks again and again, for ever."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            self.look()

    def look(self) -> None:
        """Reads a file that has changed; a broken one changes nothing."""
        stamp = stamp_of(self._path)
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            settings = self._read()
        except BadConfiguration as error:
            self._log.write("configurationFailed", f"the earlier configuration stays: {error}")
            return
        self._apply(settings)
        self._log.write("configuration", f"{self._path} was read again")
        log_warnings(settings, self._log)


def log_warnings(settings: Settings, log: Log) -> None:
    """Says what was passed over."""
    for said in settings.warnings:
        log.write("warning", f"Warning: {said}")


def stamp_of(path: Path) -> Stamp:
    """What changes with a file: editors replace it, others write into it."""
    try:
        status = path.stat()
    except OSError:
        return (0, 0, 0)
    return (status.st_mtime_ns, status.st_size, status.st_ino)
