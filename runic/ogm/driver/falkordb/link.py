"""One open connection to FalkorDB, blocking or asyncio.

redis-py connects, logs in, speaks TLS and parses; this file only sends one request and reads its
replies, which costs a third of what the client's `execute_command` does. It is also the only place
that knows redis-py's connection objects from inside.
"""

from __future__ import annotations

import select
import socket
from contextlib import suppress
from typing import Any

from redis.exceptions import ResponseError

from runic.ogm.driver.collector import collector_paused
from runic.ogm.driver.falkordb.endpoint import Server
from runic.ogm.driver.falkordb.wire import Request


class _Watch:
    """Tells whether an idle socket was closed by the server, in under a microsecond."""

    def __init__(self, sock: Any) -> None:
        self._poll = select.poll()
        # Any event counts: an idle connection has nothing to read but the end of the stream.
        self._poll.register(sock.fileno(), select.POLLIN | getattr(select, "POLLRDHUP", 0))

    def quiet(self) -> bool:
        return not self._poll.poll(0)


class _RestfulReader:
    """redis-py's parser of replies, under which the collector rests while it makes objects."""

    # A cell of a reply takes some ten bytes; most are a list and a value.
    _BYTES_A_THING = 10

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self._things = 0

    def feed(self, data: Any, *part: int) -> None:
        """Take bytes that have come, or the part of them from a place on and so long."""
        self._things = (part[1] if part else len(data)) // self._BYTES_A_THING
        self._reader.feed(data, *part)

    def gets(self, *decode: bool) -> Any:
        """Return the next whole reply, or what stands for none."""
        with collector_paused(self._things):
            return self._reader.gets(*decode)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


def _let_collector_rest(connection: Any) -> None:
    parser = connection._parser
    if parser._reader is not None:
        parser._reader = _RestfulReader(parser._reader)


class BlockingLink:
    """A connection that waits in place."""

    def __init__(self, endpoint: Server) -> None:
        self._connection = endpoint.sync_connection()
        self._connection.connect()
        _let_collector_rest(self._connection)
        self._watch = _Watch(self._connection._sock)

    def exchange(self, request: Request, timeout: float | None) -> Any:
        """Send the request and return its last reply; `timeout` in seconds of silence."""
        connection = self._connection
        connection.send_packed_command((request.payload,), check_health=False)
        wait = {} if timeout is None else {"timeout": timeout}
        for _ in range(request.replies - 1):
            # A command refused inside a transaction makes its last reply an error as well.
            with suppress(ResponseError):
                connection.read_response(**wait)
        return connection.read_response(**wait)

    def usable(self) -> bool:
        """Tell whether the server still holds its end."""
        return self._watch.quiet()

    def close(self) -> None:
        """Close the socket; closing twice is allowed."""
        self._connection.disconnect()

    def forget(self) -> None:
        """Close this process's copy of a socket that its parent goes on using."""
        sock, self._connection._sock = self._connection._sock, None
        if sock is not None:
            sock.close()


class AsyncLink:
    """A connection that waits on the running event loop, to which it belongs."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._watch = _Watch(connection._writer.get_extra_info("socket"))

    @classmethod
    async def open(cls, endpoint: Server) -> AsyncLink:
        """Connect and log in."""
        connection = endpoint.async_connection()
        try:
            await connection.connect()
        except BaseException:
            # Cancelled between connecting and logging in.
            connection._close()
            raise
        _let_collector_rest(connection)
        return cls(connection)

    async def exchange(self, request: Request) -> Any:
        """Send the request and return its last reply."""
        connection = self._connection
        await connection.send_packed_command((request.payload,), check_health=False)
        for _ in range(request.replies - 1):
            with suppress(ResponseError):
                await connection.read_response()
        return await connection.read_response()

    def usable(self) -> bool:
        """Tell whether the server still holds its end."""
        return self._watch.quiet()

    def close(self) -> None:
        """Close the socket, on its own loop; closing twice is allowed."""
        self._connection._close()

    def hang_up(self) -> None:
        """Tell the server that this end is done, when the loop does not run any more."""
        writer = self._connection._writer
        self._connection._writer = self._connection._reader = None
        if writer is not None:
            with suppress(OSError):
                writer.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
