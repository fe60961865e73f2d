"""A TCP proxy whose connections a test can cut, as a network does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Proxy:
    """Forwards bytes to ``target``, a base URL; each chunk takes ``seconds`` on its way."""

    def __init__(self, target: str, seconds: float) -> None:
        self._seconds = seconds
        self._port = urlsplit(target).port or 80
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.accepted = 0
        self.endpoint = ""

    def cut(self) -> None:
        """Ends every connection on both sides."""
        for writer in list(self._writers):
            writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers |= {writer, up_writer}
        await asyncio.gather(self._pump(reader, up_writer), self._pump(up_reader, writer))
        self._writers -= {writer, up_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await asyncio.sleep(self._seconds)
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def proxy(target: str, seconds: float = 0) -> AsyncIterator[Proxy]:
    """A running proxy; ``endpoint`` is its base URL."""
    running = Proxy(target, seconds)
    server = await asyncio.start_server(running.serve, "127.0.0.1", 0)
    running.endpoint = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield running
    finally:
        server.close()
        running.cut()
        await server.wait_closed()
