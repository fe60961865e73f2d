"""Reloads the configuration file when it has changed."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from .configuration import BadConfiguration, Settings
from .log import Log

POLL_SECONDS = 1.0
Stamp: TypeAlias = tuple[int, int, int]


class Reload:
    """``read`` makes settings from the file and the options; ``apply`` puts them into effect."""

    def __init__(
        self, path: Path, seen: Stamp, read: Callable[[], Settings], apply: Callable[[Settings], None], log: Log
    ) -> None:
        """``seen``: the file's stamp before it was first read."""
        self._path, self._seen, self._read, self._apply, self._log = path, seen, read, apply, log

    async def watch(self) -> None:
        """Polls the file forever."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            self.look()

    def look(self) -> None:
        """Reloads the file if it has changed. An invalid file changes nothing."""
        stamp = stamp_of(self._path)
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            settings = self._read()
        except BadConfiguration as error:
            self._log.write("configurationFailed", f"the previous configuration stays in effect: {error}")
            return
        self._apply(settings)
        self._log.write("configuration", f"{self._path} was reloaded")
        log_warnings(settings, self._log)


def log_warnings(settings: Settings, log: Log) -> None:
    """Logs what was ignored in the settings."""
    for said in settings.warnings:
        log.write("warning", f"Warning: {said}")


def stamp_of(path: Path) -> Stamp:
    """What changes with the file, whether an editor replaces it or writes into it."""
    try:
        status = path.stat()
    except OSError:
        return (0, 0, 0)
    return (status.st_mtime_ns, status.st_size, status.st_ino)
