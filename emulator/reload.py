"""Notices that the configuration file has changed, and has it read again. Must not know what is in it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from emulator.configuration import BadConfiguration, Settings
from emulator.log import Log

PERIOD_SECONDS = 1.0


class Reload:
    """``read`` makes settings of the file and the options; ``apply`` goes on with them."""

    def __init__(self, path: Path, read: Callable[[], Settings], apply: Callable[[Settings], None], log: Log) -> None:
        self._path, self._read, self._apply, self._log = path, read, apply, log
        self._seen = self._stamp()

    async def watch(self) -> None:
        """Looks again and again, for ever."""
        while True:
            await asyncio.sleep(PERIOD_SECONDS)
            self.look()

    def look(self) -> None:
        """Reads a file that has changed; a broken one changes nothing."""
        stamp = self._stamp()
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            self._apply(self._read())
        except BadConfiguration as error:
            self._log.write("configurationFailed", f"the earlier configuration stays: {error}")
            return
        self._log.write("configuration", f"{self._path} was read again")

    def _stamp(self) -> tuple[int, int, int]:
        """What changes with the file: editors replace it, others write into it."""
        try:
            status = self._path.stat()
        except OSError:
            return (0, 0, 0)
        return (status.st_mtime_ns, status.st_size, status.st_ino)
