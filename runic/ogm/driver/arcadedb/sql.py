"""Run ArcadeDB's own SQL over HTTP: over Bolt it takes openCypher only.

Needed for the schema alone, so each query opens a connection of its own and leaves none behind.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from urllib.parse import quote

import httpx2

from runic.ogm.driver.base import Result
from runic.ogm.driver.bolt import BoltSettings
from runic.ogm.errors import (
    AuthenticationError,
    ConnectionLostError,
    DriverError,
    StatementError,
    UniqueViolationError,
)
from runic.ogm.query.compiled import Query

# Making an index reads everything stored, which takes as long as it takes.
_SECONDS_TO_ANSWER = 3600.0


@dataclass(frozen=True, slots=True)
class ArcadeSql(Query):
    """A query in ArcadeDB's SQL, whose result has one column, `row`, of maps."""


@dataclass(frozen=True, slots=True)
class SqlEndpoint:
    """The HTTP side of a server."""

    settings: BoltSettings
    port: int

    @property
    def url(self) -> str:
        """The address of the server."""
        scheme = "https" if self.settings.tls else "http"
        host = self.settings.address.rpartition(":")[0]
        return f"{scheme}://{host}:{self.port}"

    def run(self, query: ArcadeSql, database: str | None) -> Result:
        """Send a query and return its rows. Raises a `DriverError`."""
        if database is None:
            raise StatementError(
                "ArcadeDB makes and lists indexes over HTTP, where the database has to be named:"
                " give the driver graph="
            )
        answer = self._post(query, database)
        if answer.status_code != httpx2.codes.OK:
            raise _refused(answer, query.text)
        return Result(["row"], [[row] for row in answer.json()["result"]])

    def _post(self, query: ArcadeSql, database: str) -> httpx2.Response:
        settings = self.settings
        limits = httpx2.Timeout(settings.connect_timeout, read=_SECONDS_TO_ANSWER)
        try:
            with httpx2.Client(verify=self._trusted(), timeout=limits, trust_env=False) as client:
                return client.post(
                    f"{self.url}/api/v1/command/{quote(database, safe='')}",
                    json={"language": "sql", "command": query.text, "params": dict(query.params)},
                    auth=(settings.username, settings.password),
                )
        except httpx2.TransportError as error:
            raise ConnectionLostError(
                f"cannot reach ArcadeDB's HTTP port at {self.url}: {error}; indexes are made and"
                " listed there: give the driver http_port=",
                statement=query.text,
            ) from error

    def _trusted(self) -> ssl.SSLContext | bool:
        trust = self.settings.trust
        if trust == "any":
            return False
        return True if trust == "system" else ssl.create_default_context(cafile=trust)


def _refused(answer: httpx2.Response, statement: str) -> DriverError:
    try:
        said = answer.json()
    except ValueError:
        said = {}
    text = said.get("detail") or said.get("error") or f"HTTP {answer.status_code}"
    if answer.status_code in (httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN):
        return AuthenticationError(f"{text} (check username= and password=)", statement=statement)
    if answer.status_code == httpx2.codes.CONFLICT:
        return UniqueViolationError("stored values are not unique", statement=statement)
    return DriverError(text, statement=statement)
