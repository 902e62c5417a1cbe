"""TLS in front of a PostgreSQL that was built without it, as the one of the tests is.

PostgreSQL's clients ask for TLS with a message of 8 bytes, and begin it after the answer `S`. What
is in the messages after that passes as it is.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from pathlib import Path
from typing import Any

_ASKED = struct.pack("!ii", 8, 80877103)


class TLSFront:
    """A port of its own on which a server can be reached with TLS and without."""

    def __init__(self, port: int, certificate: Path, key: Path) -> None:
        self._behind = port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
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
            first = client.recv(8, socket.MSG_WAITALL)
            if first == _ASKED:
                client.sendall(b"S")
                client = self._context.wrap_socket(client, server_side=True)
                first = b""
            self.encrypted.append(not first)
            with client, socket.create_connection(("127.0.0.1", self._behind)) as server:
                server.sendall(first)
                back = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
                back.start()
                _pass_on(client, server)
                back.join()


def _pass_on(source: Any, target: Any) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
