"""TLS in front of servers that were built without it, as those of the tests are.

What is in the messages passes as it is.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

_ASKED = struct.pack("!ii", 8, 80877103)


class TLSFront:
    """A port of its own with TLS, behind which `connect` makes a connection to the server."""

    def __init__(self, connect: Callable[[], socket.socket], certificate: Path) -> None:
        self._connect = connect
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, certificate.with_name("private.key"))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        # Of each connection, whether it is encrypted.
        self.encrypted: list[bool] = []

    def start(self) -> None:
        """Accept connections from now on."""
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Accept none any more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            opened, first = self._opened(client)
            self.encrypted.append(isinstance(opened, ssl.SSLSocket))
            with opened, self._connect() as server:
                server.sendall(first)
                back = threading.Thread(target=_pass_on, args=(server, opened), daemon=True)
                back.start()
                _pass_on(opened, server)
                back.join()

    def _opened(self, client: socket.socket) -> tuple[socket.socket, bytes]:
        """Return the connection to talk on, and what was read of it already."""
        return self._context.wrap_socket(client, server_side=True), b""


class PostgresTLSFront(TLSFront):
    """The same for PostgreSQL, with and without TLS.

    Its clients ask for TLS with a message of 8 bytes, and begin it after the answer `S`.
    """

    def _opened(self, client: socket.socket) -> tuple[socket.socket, bytes]:
        first = client.recv(8, socket.MSG_WAITALL)
        if first != _ASKED:
            return client, first
        client.sendall(b"S")
        return super()._opened(client)


def _pass_on(source: Any, target: Any) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
