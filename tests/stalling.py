"""Plays a service that accepts requests but does not respond, or not completely."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

HEAD_END = b"\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: 3600\r\n\r\n"
DRIBBLE_SECONDS = 0.05

Stall = Callable[[socket.socket, threading.Event], None]


def never(client: socket.socket, ended: threading.Event) -> None:
    """Accepts the request and never responds."""
    ended.wait()


def in_the_body(client: socket.socket, ended: threading.Event) -> None:
    """Begins a response and never completes it."""
    client.sendall(HEAD)
    ended.wait()


def drop_by_drop(client: socket.socket, ended: threading.Event) -> None:
    """Responds byte by byte, so that no single read times out."""
    client.sendall(HEAD)
    while not ended.wait(DRIBBLE_SECONDS):
        client.sendall(b" ")


def later(client: socket.socket, ended: threading.Event) -> None:
    """Responds with a Retry-After of an hour."""
    client.sendall(BUSY)
    ended.wait(DRIBBLE_SECONDS)


STALLS: dict[str, Stall] = {
    "never": never,
    "in the body": in_the_body,
    "drop by drop": drop_by_drop,
    "in an hour": later,
}


@contextmanager
def stalling(stall: Stall) -> Iterator[str]:
    """Runs the service until the block ends; yields its origin."""
    ended = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(client: socket.socket) -> None:
        with client, suppress(OSError):
            received = b""
            while HEAD_END not in received:
                received += client.recv(1 << 16) or HEAD_END
            stall(client, ended)

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=serve, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        # shutdown wakes the thread that waits in accept; close alone would not.
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
