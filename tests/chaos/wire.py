"""A network between two parts that can be slow, cut or dead; with several targets it is a load balancer."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress

HOST = "127.0.0.1"


class Wire:
    """Forwards connections, each to one of the ports that accepts it.

    Each chunk is delayed by ``seconds``. While it is ``dead``, nothing is forwarded, without an error.
    """

    def __init__(self, targets: Sequence[int], chance: random.Random) -> None:
        self._targets, self._chance = targets, chance
        self._writers: set[asyncio.StreamWriter] = set()
        self._alive = asyncio.Event()
        self._alive.set()
        self.seconds, self.refuses, self.port = 0.0, False, 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        self.port = int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        self._server.close()
        self.cut()

    def cut(self) -> None:
        """Closes all connections."""
        for writer in list(self._writers):
            writer.close()

    def is_dead(self, dead: bool) -> None:
        (self._alive.clear if dead else self._alive.set)()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        for port in [] if self.refuses else self._chance.sample(self._targets, len(self._targets)):
            with suppress(OSError):
                up_reader, up_writer = await asyncio.open_connection(HOST, port)
                self._writers.add(up_writer)
                await asyncio.gather(self._pump(reader, up_writer), self._pump(up_reader, writer))
                self._writers.discard(up_writer)
                break
        writer.close()
        self._writers.discard(writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await asyncio.sleep(self.seconds)
                await self._alive.wait()
                writer.write(data)
                await writer.drain()
        writer.close()
