"""The ArcadeDB driver: blocking, over Bolt, with SQL over HTTP for the schema."""

from __future__ import annotations

from typing import ClassVar

from runic.ogm.driver.arcadedb import definitions
from runic.ogm.driver.arcadedb.dialect import ArcadeDBDialect
from runic.ogm.driver.arcadedb.failures import FAILURES
from runic.ogm.driver.arcadedb.made import check_made
from runic.ogm.driver.arcadedb.sql import ArcadeSql, SqlEndpoint
from runic.ogm.driver.base import Result
from runic.ogm.driver.bolt import BoltDriver, BoltSettings, Failures
from runic.ogm.driver.cypher_text.reading import writing_word
from runic.ogm.errors import DriverError
from runic.ogm.query.compiled import Query
from runic.ogm.query.definitions import Constraint

HTTP_PORT = 2480
HTTPS_PORT = 2490


class ArcadeDBDriver(BoltDriver):
    """One database of one ArcadeDB server, for `Session`; threads may share it."""

    failures: ClassVar[Failures] = FAILURES
    # Over 16 MiB the server answers nothing and the client would wait for ever.
    max_message_bytes = 15 * 2**20

    def __init__(
        self, settings: BoltSettings, graph: str | None = None, *, http_port: int | None = None
    ) -> None:
        """Reach the server; `graph` is one of its databases, None the one it starts with.

        Indexes are made and listed over HTTP on `http_port`: 2480, or 2490 with TLS.
        """
        super().__init__(settings, ArcadeDBDialect(), graph)
        port = http_port or (HTTPS_PORT if settings.tls else HTTP_PORT)
        self._sql = SqlEndpoint(settings, port)

    @property
    def http_url(self) -> str:
        """The address of the server's HTTP side."""
        return self._sql.url

    async def run(self, query: Query, *, timeout: float | None = None) -> Result:
        """Send one query as a transaction of its own and return its result.

        The server knows no timeouts: one is refused with `UnsupportedFeatureError`.
        """
        if isinstance(query, ArcadeSql):
            return self._sql.run(query, self.graph_name)
        return await super().run(query, timeout=timeout)

    def check(self, query: Query, timeout: float | None) -> None:
        """Raise unless the query can be sent, and does what it says it does."""
        super().check(query, timeout)
        check_made(query)
        word = writing_word(query.text) if query.read_only else None
        if word is not None:
            raise DriverError(
                f"this text is not read-only ({word}), and nothing was run: leave out"
                " read_only=True. A name that is such a word goes into `backticks`",
                statement=query.text,
            )

    def constraint_queries(self, constraint: Constraint, *, drop: bool) -> list[Query]:
        """Return what makes or drops a constraint."""
        if drop:
            return definitions.constraint_removal(constraint, self.dialect)
        return definitions.constraint_creation(constraint, self.dialect)
