"""The connections to one PostgreSQL server: a pool, and one apart that makes graphs and labels.

All of it lives on one event loop, that of the driver. Opened on first use, shared by the drivers
of all graphs.
"""

from __future__ import annotations

import asyncio
import ssl as tls
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import asyncpg

from runic.ogm.driver.age import failures
from runic.ogm.driver.age.agtype import read_agtype
from runic.ogm.driver.age.failures import BROKEN
from runic.ogm.errors import StatementError

# The client describes its classes to no type checker.
Connection: TypeAlias = Any
Own: TypeAlias = Any

# Without ag_catalog operators of AGE are not found. Given at the start of a connection, where it
# lasts as long as that.
_SETTINGS = {"search_path": 'ag_catalog,"$user",public', "application_name": "runic"}

# PostgreSQL cuts names off here, and would take two for one.
_LONGEST_NAME = 63

# Not tried where it is there: who may only read may not try.
_LABEL = (
    "SELECT {}(nameout($1), nameout($2)) WHERE NOT EXISTS (SELECT FROM pg_class c"
    " JOIN pg_namespace s ON s.oid = c.relnamespace WHERE s.nspname = $1 AND c.relname = $2)"
)

# Seconds that a server has to take leave.
_GRACE = 2.0


@dataclass(frozen=True, slots=True)
class PgAddress:
    """Where a server is and how to enter it."""

    host: str = "localhost"
    port: int = 5432
    username: str = "postgres"
    password: str | None = None
    database: str = "postgres"
    ssl: tls.SSLContext | str | bool = "prefer"
    ssl_ca_certs: str | None = None
    connect_timeout: float = 30.0

    def __str__(self) -> str:
        return f"{self.host}:{self.port}/{self.database}"

    def settings(self) -> dict[str, Any]:
        """Return what asyncpg takes."""
        return {
            "host": self.host,
            "port": self.port,
            "user": self.username,
            "password": self.password,
            "database": self.database,
            "ssl": self._tls(),
            "timeout": self.connect_timeout,
            "server_settings": _SETTINGS,
        }

    def _tls(self) -> tls.SSLContext | str | bool:
        if self.ssl is True or self.ssl_ca_certs:
            # asyncpg looks for certificates in a file of the user's; these are the system's.
            return tls.create_default_context(cafile=self.ssl_ca_certs)
        return self.ssl


def address_of(options: Mapping[str, Any]) -> PgAddress:
    """Return an address from options of its fields' names.

    Raises:
        StatementError: It has no such option.
    """
    known = {each.name for each in fields(PgAddress)}
    if unknown := sorted(options.keys() - known):
        raise StatementError(
            f"age has no option {', '.join(unknown)}; it has {', '.join(sorted(known))}"
        )
    return PgAddress(**options)


class AgeServer:
    """One server with its connections; `close` ends them all."""

    def __init__(self, address: PgAddress, *, max_connections: int, pool_timeout: float) -> None:
        self.address = address
        self._size = max_connections
        self._wait = pool_timeout
        self._pool: asyncpg.Pool | None = None
        self._maker: Own | None = None
        self._made: set[tuple[str, ...]] = set()
        self._opening = asyncio.Lock()
        self._making = asyncio.Lock()
        self._closed = False

    async def acquire(self, statement: str) -> Connection:
        """Return a connection of the pool, to be given back with `release`."""
        pool = await self._opened(statement)
        try:
            return await pool.acquire(timeout=self._wait)
        except TimeoutError as error:
            if pool.get_size() >= self._size:
                raise failures.all_busy(self._size, self._wait, statement) from error
            raise failures.unreachable(error, str(self.address), statement) from error
        except (asyncpg.PostgresError, *BROKEN) as error:
            raise failures.unreachable(error, str(self.address), statement) from error

    async def release(self, connection: Connection) -> None:
        """Give a connection back; one that does not answer is dropped."""
        assert self._pool is not None
        try:
            await self._pool.release(connection, timeout=self.address.connect_timeout)
        except (TimeoutError, asyncpg.PostgresError, *BROKEN):
            # asyncpg has ended the connection, and what was asked for has its answer.
            return

    async def _opened(self, statement: str) -> asyncpg.Pool:
        async with self._opening:
            if self._closed:
                raise failures.closed(statement)
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    **self.address.settings(),
                    min_size=0,
                    max_size=self._size,
                    init=_prepare,
                    reset=_keep_settings,
                )
            return self._pool

    async def make_labels(
        self,
        graph: str,
        labels: Iterable[str] = (),
        types: Iterable[str] = (),
        *,
        and_graph: bool = True,
    ) -> None:
        """Make a graph, and labels and types in it, unless they are there.

        On a connection of its own and at once: a transaction that makes one keeps others that need
        it waiting until its end, and then fails them. Raises what asyncpg raises where the graph
        is missing, and is not to be made.
        """
        wanted: list[tuple[tuple[str, ...], str]] = []
        wanted += [((graph,), "SELECT create_graph($1)")] if and_graph else []
        wanted += [((graph, name), _LABEL.format("create_vlabel")) for name in labels]
        wanted += [((graph, name), _LABEL.format("create_elabel")) for name in types]
        wanted = [(names, text) for names, text in wanted if names not in self._made]
        if wanted:
            async with self._making:
                for names, text in wanted:
                    await self._make(names, text)

    def forget(self, graph: str) -> None:
        """Forget what was made of a graph that is not there any more."""
        self._made = {made for made in self._made if made[0] != graph}

    async def _make(self, names: tuple[str, ...], text: str) -> None:
        for name in names:
            if len(name.encode()) > _LONGEST_NAME:
                raise failures.too_long(name, text)
        try:
            connection = await self._own_connection()
            await connection.execute(text, *names)
        except (asyncpg.PostgresError, *BROKEN) as error:
            if failures.graph_is_missing(error):
                raise
            if not failures.made_meanwhile(error):
                raise failures.unreachable(error, str(self.address), text) from error
        self._made.add(names)

    async def _own_connection(self) -> Own:
        if self._closed:
            raise failures.closed("")
        if self._maker is None or self._maker.is_closed():
            self._maker = await asyncpg.connect(**self.address.settings())
            await _prepare(self._maker)
        return self._maker

    async def close(self) -> None:
        """End every connection, those of open transactions too. Closing twice is allowed."""
        self._closed = True
        pool, maker = self._pool, self._maker
        self._pool = self._maker = None
        if maker is not None:
            await maker.close(timeout=_GRACE)
        if pool is None:
            return
        if pool.get_idle_size() < pool.get_size():
            pool.terminate()
        await pool.close()


async def _prepare(connection: Own) -> None:
    """Load AGE, as every role may, and read its values; parameters are texts already."""
    await connection.execute("SELECT 'null'::ag_catalog.agtype")
    await connection.set_type_codec(
        "agtype", schema="ag_catalog", format="text", encoder=str, decoder=read_agtype
    )


async def _keep_settings(connection: Own) -> None:
    """Send nothing when a connection comes back: what the driver runs changes no settings."""
