"""The client of one Bolt server: made on first use, closed once, and never taken into a fork."""

from __future__ import annotations

import os
import threading
from typing import Any

import neo4j

from runic.ogm.driver.bolt.failures import closed
from runic.ogm.driver.bolt.settings import BoltSettings


class BoltClient:
    """Sessions on the pooled connections to one server; threads may share it.

    All sessions share their bookmarks, so on a cluster each reads what the others wrote.
    """

    def __init__(self, settings: BoltSettings) -> None:
        self.settings = settings
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._client: neo4j.Driver | None = None
        self._closed = False
        self._pid = os.getpid()
        self._bookmarks = neo4j.GraphDatabase.bookmark_manager()

    def session(self, database: str | None, *, read_only: bool, statement: str) -> neo4j.Session:
        """Return a session; nothing is sent yet. Raises `DriverError` after `close()`."""
        options: dict[str, Any] = {
            "default_access_mode": neo4j.READ_ACCESS if read_only else neo4j.WRITE_ACCESS,
            "bookmark_manager": self._bookmarks,
            # A result is read whole, so it need not be asked for in parts.
            "fetch_size": -1,
        }
        if database is not None:
            options["database"] = database
        return self._open(statement).session(**options)

    def _open(self, statement: str) -> neo4j.Driver:
        if os.getpid() != self._pid:
            # The parent goes on using its connections: two processes on one would mix replies.
            self._reset()
        with self._lock:
            if self._closed:
                raise closed(statement)
            if self._client is None:
                settings = self.settings
                self._client = neo4j.GraphDatabase.driver(settings.uri, **settings.client_options())
            return self._client

    def close(self) -> None:
        """Close every connection. Closing twice is allowed."""
        with self._lock:
            self._closed = True
            client, self._client = self._client, None
        if client is not None and os.getpid() == self._pid:
            client.close()
