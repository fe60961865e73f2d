"""Plays a gateway in front of Web PubSub, which forwards bytes and can be cut.

Tests use it to interrupt a browser's connection while everything behind it keeps running.
"""

import re
import socket
import threading
import time
from contextlib import suppress

CHUNK_BYTES = 1 << 16


class Gateway:
    """Listens on ``port`` and forwards to ``target`` on the loopback interface. It is a context manager."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.open = True
        # The target's data is forwarded only while this is set, with a delay of `late_seconds` per chunk.
        self.flows = threading.Event()
        self.flows.set()
        self.late_seconds = 0.0
        self.sockets: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Gateway":
        return self

    def __exit__(self, *exception: object) -> None:
        # shutdown wakes the thread that waits in accept; close alone would not.
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()
        self.flows.set()

    def cut(self) -> None:
        """Drops all connections and refuses new ones until ``mend``."""
        self.open = False
        for each in list(self.sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self.sockets.clear()

    def stall(self) -> None:
        """Accepts what is sent, but holds back all responses until ``mend``."""
        self.flows.clear()

    def mend(self) -> None:
        self.open = True
        self.late_seconds = 0.0
        self.flows.set()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.open:
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()
            else:
                client.close()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self.target)) as server:
            self.sockets |= {client, server}
            head = client.recv(CHUNK_BYTES)
            server.sendall(
                re.sub(rb"(?i)\r\nhost:[^\r]*", f"\r\nHost: localhost:{self.target}".encode(), head, count=1)
            )
            threading.Thread(target=self._pump, args=(server, client), daemon=True).start()
            self._pump(client, server)

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK_BYTES):
                if source.getpeername()[1] == self.target:
                    time.sleep(self.late_seconds)
                    self.flows.wait()
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
            self.sockets.discard(each)
