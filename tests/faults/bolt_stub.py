"""A scripted Bolt server, for what real ones do only when they break.

    with BoltStub(answer) as stub:
        driver = BoltDriver(BoltSettings(port=stub.port), dialect)

`answer(text, params)` returns a `Reply` for a query, or raises `Refusal` (the server says no) or
`HangUp` (it closes the connection). `BEGIN`, `COMMIT` and `ROLLBACK` are asked of it as well.
`stub.log` holds the names of the messages in order, with the texts of queries, and
`stub.ended` an item for each connection that has ended.
"""

from __future__ import annotations

import queue
import socketserver
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from tests.faults.packstream import Reader, Struct, packed

_NAMES = {
    0x01: "HELLO", 0x02: "GOODBYE", 0x0F: "RESET", 0x10: "RUN", 0x11: "BEGIN", 0x12: "COMMIT",
    0x13: "ROLLBACK", 0x2F: "DISCARD", 0x3F: "PULL", 0x54: "TELEMETRY", 0x6A: "LOGON",
}  # fmt: skip
_SUCCESS, _RECORD, _IGNORED, _FAILURE = 0x70, 0x71, 0x7E, 0x7F
_VERSIONS = ((5, 4), (5, 2), (4, 4))


@dataclass
class Reply:
    """The answer to a query."""

    columns: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)


class Refusal(Exception):
    """The server says no."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


class HangUp(Exception):
    """The server closes the connection."""


Answer = Callable[[str, Mapping[str, Any]], Reply | None]


class _Connection(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        self._failed = False
        self._pending = Reply()
        try:
            self._agree_on_version()
            while self._handle(self._message()):
                pass
        except (HangUp, EOFError, ConnectionError):
            return
        finally:
            self.server.stub.ended.put(None)

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self.request.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def _agree_on_version(self) -> None:
        offers = self._exactly(20)[4:]
        for place in range(0, 16, 4):
            _, span, minor, major = offers[place : place + 4]
            for version in _VERSIONS:
                if version[0] == major and minor - span <= version[1] <= minor:
                    self.request.sendall(bytes((0, 0, version[1], version[0])))
                    return
        raise HangUp

    def _message(self) -> Struct:
        data = b""
        while (size := struct.unpack(">H", self._exactly(2))[0]) or not data:
            data += self._exactly(size)
        message: Struct = Reader(data).value()
        return message

    def _send(self, tag: int, *fields: Any) -> None:
        data = packed(Struct(tag, *fields))
        chunks = (data[start : start + 65535] for start in range(0, len(data), 65535))
        framed = b"".join(struct.pack(">H", len(chunk)) + chunk for chunk in chunks)
        self.request.sendall(framed + b"\0\0")

    def _handle(self, message: Struct) -> bool:
        """Answer one message; False ends the connection."""
        name = _NAMES[message.tag]
        self.server.stub.log.append(f"RUN {message[0]}" if name == "RUN" else name)
        if name == "GOODBYE":
            return False
        if self._failed and name != "RESET":
            self._send(_IGNORED)
            return True
        self._failed = False
        try:
            self._answer(name, message)
        except Refusal as refusal:
            self._failed = True
            self._send(_FAILURE, {"code": refusal.code, "message": refusal.message})
        return True

    def _answer(self, name: str, message: Struct) -> None:
        ask = self.server.stub.answer
        if name == "RUN":
            self._pending = ask(message[0], message[1]) or Reply()
            self._send(_SUCCESS, {"fields": self._pending.columns, "qid": 0})
        elif name == "PULL":
            for row in self._pending.rows:
                self._send(_RECORD, row)
            self._send(_SUCCESS, {"type": "r", "db": "stub", **self._pending.summary})
        elif name == "HELLO":
            self._send(_SUCCESS, {"server": "Neo4j/5.26.0", "connection_id": "stub", "hints": {}})
        else:
            if name in ("BEGIN", "COMMIT", "ROLLBACK"):
                ask(name, {})
            self._send(_SUCCESS, {})


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    stub: BoltStub


class BoltStub:
    """The server; a context manager."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.log: list[str] = []
        self.ended: queue.SimpleQueue[None] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Connection)
        self._server.stub = self
        self.port: int = self._server.server_address[1]
        serve = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        serve.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
