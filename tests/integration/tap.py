"""A TCP proxy that counts connections, bytes and changes of direction: what a link with delay makes one wait for."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Tap:
    """``turns``: how often the talk changed from down to up, per connection summed up; that many flights were paid."""

    target: tuple[str, int]
    port: int = 0
    connections: int = 0
    turns: int = 0
    up_bytes: int = 0
    down_bytes: int = 0
    sockets: list[socket.socket] = field(default_factory=list, repr=False)
    _last: str = field(default="down", repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def note(self, direction: str, size: int) -> None:
        with self._lock:
            if direction == "up":
                self.up_bytes += size
                self.turns += self._last == "down"
            else:
                self.down_bytes += size
            self._last = direction


@contextmanager
def tapped(host: str, port: int) -> Iterator[Tap]:
    """A tap in front of ``host:port`` on a free port of the loopback."""
    tap = Tap((host, port))
    with socket.create_server(("127.0.0.1", 0)) as server:
        tap.port = server.getsockname()[1]
        threading.Thread(target=_serve, args=(server, tap), daemon=True).start()
        try:
            yield tap
        finally:
            for each in tap.sockets:
                each.close()


def _serve(server: socket.socket, tap: Tap) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        tap.connections += 1
        node = socket.create_connection(tap.target)
        tap.sockets += [client, node]
        for source, sink, direction in ((client, node, "up"), (node, client, "down")):
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=_carry, args=(source, sink, direction, tap), daemon=True).start()


def _carry(source: socket.socket, sink: socket.socket, direction: str, tap: Tap) -> None:
    try:
        while data := source.recv(65536):
            tap.note(direction, len(data))
            sink.sendall(data)
    except OSError:
        pass
    finally:
        for each in (source, sink):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
